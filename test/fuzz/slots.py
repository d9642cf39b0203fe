"""The slots of the position matrix: every place of an expression and a statement where an await may stand, in the order of
edge-cases.md 1.1 to 1.4.  matrix.py makes functions of them.

    name | types ("" is all) | statements | what a failure is followed by (only in GUARDED)

T is the type, @ an await of that type, @k one whose value is made from k; told(k, v) logs; M(k) makes a value.  What stands
before the function comes first, after a `!`.

A type is one of values (VALUES), or one of places that hold an int: then what a slot declares with `T v`, and the globals, are
bit-fields or elements of an array.  `-field`, `-element` among the types: the slot takes an address, or C does not let them.
"""
VALUES, PLACES = ["int", "double", "structure", "pointer"], ["field", "element"]
GROUPS = {"": VALUES, "SCALARS": ["int", "double", "pointer"], "NUMBERS": ["int", "double"], "INT": ["int"],
          "RECORDS": ["int", "double", "structure"]}

EXPRESSIONS = """
discarded                  |  | @;
void-cast                  |  | (void)@;
in-parentheses             |  | T v = ((@)); told(1, v);
initialiser                |  | T v = @; told(1, v);
second-declarator          |  | T u = told(1, M(1)), v = @, w = told(2, M(2)); three(u, v, w);
const-local                |  | const T v = @; told(1, v);
static-kept                | -field -element | static T kept; kept = M(2); told(1, kept); kept = @; told(2, kept);
assign-local               |  | T v; v = @; told(1, v);
assign-global              |  | global_T = @; told(1, global_T);
assign-element             | SCALARS | array_T[1 + 0 * key_T(told(3, M(3)))] = @2;
assign-through-call        | SCALARS | *place(1) = @2;
assign-place-awaits        | SCALARS | *place(key_int(await leaf_int(1))) = told(4, M(4));
assign-member              |  | box_T.m = @;
assign-arrow               |  | struct box_T *p = &box_T; p->n[1] = @; told(1, p->n[1]);
assign-chain               |  | T u, v; u = v = @; three(u, v, M(0));
assign-value-used          | SCALARS | told(2, global_T = @);
assign-both-sides          | SCALARS | array_T[await leaf_int(2)] = @3;
first-argument             |  | three(@1, told(2, M(2)), told(3, M(3)));
middle-argument            |  | three(told(1, M(1)), @2, told(3, M(3)));
last-argument              |  | three(told(1, M(1)), told(2, M(2)), @3);
all-arguments              |  | three(@1, @2, @3);
argument-of-awaited        |  | told(1, await echo_T(@1));
argument-of-leaf           |  | told(1, await leaf_T(@1));
callee                     |  | told(1, (key_T(@1) ? three : 0)(M(4), M(5), M(6)));
awaited-pointer            |  | T (*f)(T) = leaf_T; told(1, await f(@1));
awaited-plain-pointer      |  | T (*f)(T) = leaf_T; told(1, await (told_int(1, 1) ? f : 0)(@1));
comma-left                 |  | T v = (@, told(1, M(1))); told(2, v);
comma-right                |  | T v = (told(1, M(1)), @); told(2, v);
condition-of-conditional   | SCALARS | T v = @1 ? told(1, M(1)) : told(2, M(2)); told(3, v);
false-condition            | SCALARS | told(1, !@1 ? told(2, M(1)) : told(3, M(2)));
conditional-first          |  | T v = calls >= 0 ? @ : told(1, M(1)); told(2, v);
conditional-second         |  | T v = calls < 0 ? told(1, M(1)) : @; told(2, v);
conditional-both           |  | for (int i = 0; i < 2; i++) told(1, i ? @1 : @2);
conditional-void           |  | calls < 0 ? (void)0 : (void)@;
elvis-left                 | SCALARS | told(1, @1 ?: told(2, M(2)));
elvis-right                | SCALARS | T none = 0; told(1, none ?: @2);
cast                       | NUMBERS | told_int(1, (unsigned char)@200);
struct-member              | structure | told_int(1, (@).a); told_int(2, (@).c[await leaf_int(1)]);
pointer-base               | pointer | told_int(1, (@)[2]); told_int(2, *@); *@ = 9; told_int(3, *(@ + 1));
pointer-plus               | pointer | told(1, @ + told_int(1, 1)); told(2, told_int(2, 1) + @);
pointer-minus              | pointer | told_int(1, (int)(@3 - told(1, numbers)));
index                      | INT | told(1, numbers[@1]); numbers[@2] = told(2, 5); numbers[@3]++; told(1, (@4)[numbers]);
left-operand               | NUMBERS | told(1, @1 + told(2, M(2)));
right-operand              | NUMBERS | told(1, told(2, M(2)) - @1);
both-operands              | NUMBERS | told(1, @1 * @2);
operand-read-before        | NUMBERS | T v = M(1); told(1, v + (v = M(5), @2)); told(2, v);
global-read-before         | NUMBERS | global_T = M(1); told(1, global_T + (global_T = M(7), @2));
unary                      | NUMBERS | told(1, -@1); told_int(2, !@1); told(3, +@3);
comparison                 | SCALARS | told_int(1, @1 < told(1, M(2))); told_int(2, told(1, M(2)) == @2);
shift                      | INT | told(1, @1 << @2); told(2, ~@1 >> 1); told(3, @7 % @3);
and-left                   | SCALARS | told_int(1, @1 && told_int(2, 1)); told_int(1, !@1 && told_int(3, 1));
and-right                  | SCALARS | told_int(1, told_int(2, 1) && @1); told_int(1, told_int(2, 0) && @1);
or-left                    | SCALARS | told_int(1, @1 || told_int(2, 1)); told_int(1, !@1 || told_int(3, 1));
or-right                   | SCALARS | told_int(1, told_int(2, 0) || @1); told_int(1, told_int(2, 1) || @1);
and-or                     | SCALARS | told_int(1, (@1 && !@2) || (told_int(2, 0) || @3));
compound-local             | NUMBERS | T v = M(1); v += @2; v *= @3; told(1, v);
compound-sees-new          | NUMBERS | T v = M(1); v += (v = M(6), @2); told(1, v);
compound-global            | NUMBERS | global_T = M(1); global_T -= @2;
compound-element           | NUMBERS | array_T[key_int(told_int(1, 1))] += @2;
compound-through-call      | NUMBERS | *place(2) += @2; *place(1) -= told(1, *place(2)) + @1;
compound-member            | NUMBERS | box_T.n[1] += @2; (&box_T)->m += @3;
compound-value-used        | NUMBERS | T v = M(1); told(1, v += @2); told(2, (v -= @3) * @2);
compound-pointer           | pointer | pointer p = numbers; p += await leaf_int(2); told(1, p); told(2, p -= await leaf_int(1));
compound-bit-field         | INT | bits.low += @3; bits.high -= @9; bits.low |= @4; told(1, bits.low); told(2, bits.high);
assign-bit-field           | INT | told(1, bits.low = @13); bits.truth = @4; told(2, bits.truth); told(3, bits.high = @100);
assign-volatile            | INT | restless = @3; told(1, restless); restless += @2; told(2, restless); told(3, restless = @5);
assign-atomic              | INT | atom = @3; told(1, atom); atom += @2; told(2, atom); told(3, atom = @5);
assign-bool                | INT | told(1, truth = @7); truth += @2; told(2, truth);
assign-narrow              | INT | told(1, narrow = @300); narrow += @250; told(2, narrow); told(3, narrow <<= @3);
increment-of-place         | NUMBERS | told(1, array_T[await leaf_int(1)]++); told(2, --array_T[await leaf_int(2)]);
index-incremented          | INT | int i = 1; array_T[i++] = @2; told(1, i); array_T[i] = @5;
struct-initialiser         |  | struct box_T b = {told_int(1, 'x'), @1, {@2, told(2, M(3))}}; three(b.m, b.n[0], b.n[1]);
designated-initialiser     |  | struct box_T b = {.n = {[1] = @1}, .m = @2, .before = told_int(1, 1)}; three(b.m, b.n[0], b.n[1]);
array-initialiser          |  | T a[3] = {told(1, M(1)), @2, @3}; three(a[0], a[1], a[2]);
designated-elements        |  | T a[] = {[2] = @2, [0] = told(1, M(1))}; three(a[0], a[1], a[2]);
nested-initialiser         |  | struct box_T b[2] = {{0, @1, {@2}}, {.m = @3}}; three(b[0].m, b[0].n[0], b[1].m);
compound-literal           |  | told(1, (struct box_T){1, @1, {@2, M(3)}}.n[0]);
literal-array              |  | told(1, (T[]){@1, told(2, M(2)), @3}[await leaf_int(2)]);
literal-address            |  | struct box_T *p = &(struct box_T){1, @1, {@2, M(3)}}; (void)@4; three(p->m, p->n[0], p->n[1]);
literal-assigned           |  | box_T = (struct box_T){1, @1, {@2, M(3)}}; look_T();
statement-expression       |  | told(1, ({ T v = @1; told(2, v); @2; }));
statement-expression-last  |  | T u = M(1); told(1, ({ T v = @2; three(u, v, u); v; }));
generic                    |  | told(1, _Generic(1, int: @1, default: 0));
expect                     | INT | if (__builtin_expect(@1, 1)) say("yes");
sizeof-beside              | INT | told(1, (int)sizeof(int[3]) + @1);
own-initialiser            | INT | int v = (int)sizeof v + @1; told(1, v); struct self { struct self *me; int n; } s = {&s, @2}; told(2, s.me == &s); told(3, s.me->n);
own-argument               | -field -element | T v = await leaf_T((@1, make_T((int)(sizeof v / sizeof(T))))); told(1, v);
own-argument-of-many       | -field -element | T v = await leaf_T(make_T((int)(sizeof(T) / sizeof v))), *p = (@1, told_int(2, sizeof p == sizeof &v)) ? &v : 0; told(1, *p);
own-argument-of-run-time   | INT | int n = @2; int (*p)[n] = (void *)(await leaf_pointer(numbers + sizeof *p / sizeof(int))); told(1, **p);
address-taken              | -field | T v = M(1); T *p = &v; *p = @2; told(1, v); v = @3; told(2, *p);
array-local                | -field | T a[2] = {M(1), M(2)}; T *p = a; (void)@3; three(*p, p[1], a[0]);
string-local               | INT | char s[8] = "abc"; s[@1] = 'x'; say(s);
element-through-call       | SCALARS | place(0)[key_int(told_int(1, 1))] = @2; place(1)[await leaf_int(1)] = @3;
compound-through-index     | NUMBERS | place(0)[key_int(told_int(1, 1))] += @2; place(1)[await leaf_int(1)] -= @3;
assign-chain-of-places     | SCALARS | *place(1) = *place(2) = @3;
assign-chosen-place        | SCALARS -field | *(told_int(1, 1) ? place(1) : place(2)) = @2; *(await leaf_int(0) ? place(1) : place(2)) = @3;
compound-chain             | NUMBERS | T u = M(1), v = M(2); u += v -= @1; three(u, v, M(0));
assign-in-condition        | SCALARS | T v; if ((v = @1)) say("set"); told(1, v);
assign-in-argument         | RECORDS | T v = M(1); three(v = @2, told(1, M(2)), v = @3); told(2, v);
variadic-argument          | NUMBERS | told_int(1, sum_of(3, key_T(@1), told_int(2, 4), key_T(@2))); told_int(2, sum_of(1, (int)@3));
old-style-argument         | NUMBERS | told_int(1, old_style(key_T(@1), told_int(2, 4)));
narrowing-argument         | INT | told(1, low_byte(@300)); told(2, low_byte(told(3, 513)) + @1);
narrow-initialiser         | INT | unsigned char c = @300; told(1, c); _Bool b = @2; told(2, b); double d = @3; told_double(3, d / 2);
narrow-return              | INT | !static async unsigned char value(int v) { return v + @1; } | told(1, await value(255)); told(2, await value(@300));
converted-arms             | INT | told_double(1, calls < 9 ? @1 : 2.5); told_double(2, calls < 0 ? @1 : 2.5);
nested-conditional         | SCALARS | told(1, @1 ? @2 ? told(2, M(1)) : @3 : told(3, M(2)));
conditional-in-argument    | SCALARS | three(told(1, M(1)), calls < 9 ? @2 : @3, told(2, M(2)));
conditional-comma          |  | calls < 9 ? (void)(@1, say("then")) : say("else");
elvis-chain                | SCALARS | T none = 0; told(1, none ?: none ?: @2); told(2, (@3 ?: M(1)));
comma-chain                |  | T v = (@1, told(1, M(1)), @2, @3); told(2, v);
callee-of-table            |  | T (*table[2])(T) = {echo_T, leaf_T}; told(1, await table[await leaf_int(1)](@2));
callee-of-member           |  | struct { int k; T (*call)(T); } ops = {1, leaf_T}; told(1, await ops.call(@1)); told(2, await (&ops)->call(@2));
callee-stars               |  | T (*f)(T) = leaf_T; told(1, await (*f)(@1)); told(2, await (**f)(@2)); told(3, await (&leaf_T)(@3));
callee-returned            |  | !typedef T (*value_call)(T); static async value_call value(void) { (void)@1; return leaf_T; } | told(1, await (await value())(@2));
callee-plain               |  | T (*f)(int) = make_T; told(1, await f(await leaf_int(3))); told(2, @2);
array-base-kept            | INT | told(1, numbers[(numbers[1] = 5, @1)] + numbers[1]); told(2, (numbers + 1)[@2]);
address-of-element         | SCALARS -field -element | T *p = &array_T[await leaf_int(1)]; *p = @2; told(1, array_T[1]); told(2, *&array_T[await leaf_int(1)]);
address-of-member          | -field -element | T *p = &box_T.n[await leaf_int(1)]; *p = @2; T *q = &(&box_T)->m; *q = @3; three(*p, *q, M(0));
find-and-assign            | -element | (await find_T())->m = @1; told(1, (await find_T())->m); (await find_T())->n[await leaf_int(1)] = @2;
find-and-read              |  | told(1, (await find_T())->n[await leaf_int(1)]); box_T = *await find_T(); told(2, (*await find_T()).m);
result-member              |  | told(1, (await boxed_T(@1)).m); told(2, (await boxed_T(@2)).n[await leaf_int(1)]);
struct-copied              |  | struct box_T b = box_T; b.m = @1; box_T = b; struct box_T c = await boxed_T(@2); three(b.m, c.m, c.n[0]);
postfix-beside             | NUMBERS | T v = M(1); told(1, v++ + @1); told(2, --v - @2); told(3, v);
place-incremented-beside   | NUMBERS | told(1, (*place(1))++ + @1); told(2, ++(*place(1)) * @2);
pointer-incremented        | pointer | pointer p = numbers; told_int(1, *p++ + await leaf_int(1)); told_int(2, *++p * await leaf_int(2)); told(3, p + await leaf_int(1));
pointer-difference         | pointer | told_int(1, (int)(@3 - @1)); told_int(2, @3 > @1); told_int(3, @1 != 0 && @2);
sizeof-array-beside        |  | T a[3] = {M(1), M(2), @1}; told_int(1, (int)(sizeof a / sizeof *a)); told(2, a[2]);
offset-beside              |  | told_int(1, (int)__builtin_offsetof(struct box_T, before) + key_T(@1)); told_int(2, (int)_Alignof(char) + key_T(@2));
complex                    | INT | _Complex double z = @1 + 2i; z *= @2; told_double(1, __real__ z); told_double(2, __imag__ z + @3); __imag__ z = @4; told_double(3, __imag__ z);
wide                       | INT | __int128 v = (__int128)@3 << 70; v += @2; told(1, (int)(v >> 69)); told(2, (int)v);
vector                     | INT | four v = {@1, told(1, 2), @3, 4}; v[await leaf_int(1)] = @5; v += (four){@1, 1, 1, 1}; told(2, v[0]); told(3, v[1]); told(4, v[2]);
float-types                | INT | float f = @1; long double l = f + @2; f /= @2; told_double(1, f); told_double(2, (double)(l * @3));
long-types                 | INT | long long v = @3 * 10000000000LL; v ^= @5; told(1, (int)(v % 1000)); unsigned u = -@1; told(2, u > (unsigned)@2); short s = @70000; told(3, s);
character                  | INT | char c = 'a' + @1; told(1, c); told(2, "abc"[@2]); told(3, (@1)["abc"]); told(4, L"xyz"[@1] == L'y');
atomic-builtin             | INT | told(1, __atomic_add_fetch(&restless, @2, __ATOMIC_SEQ_CST)); told(2, __atomic_exchange_n(&restless, @3, __ATOMIC_SEQ_CST)); told(3, restless);
asm-input                  | INT | int v; __asm__("" : "=r"(v) : "0"(@3)); told(1, v); __asm__ volatile("" : "+m"(v) : "r"(@2)); told(2, v);
generic-default            |  | told(1, _Generic(M(1), struct bits: M(2), default: @1)); told(2, _Generic(M(1), T: M(2), default: @1));
generic-by-type            |  | told(1, _Generic(M(1), T: @1, struct bits: @2)); told(2, _Generic((T (*)[2])0, T (*)[2]: @2, default: M(3)));
generic-callee             |  | told(1, await leaf_of(M(1))(@2)); told(2, await leaf_of(M(1))(await leaf_of(M(2))(M(3))));
generic-operand            | NUMBERS -field | T v = M(1); v += _Generic(v, int: @1, double: @2, default: @3); told(1, v); if (_Generic(v, T: @1, default: 0)) say("yes");
choose-expression          |  | told(1, __builtin_choose_expr(1, @1, 0)); told(2, __builtin_choose_expr(0, (char *)0, @2));
statement-expression-leaves |  | for (int i = 0; i < 3; i++) told(1, ({ T v = @1; if (i == 1) break; if (i == 0) continue; v; })); say("out");
statement-expression-deep  |  | told(1, ({ T u = @1; ({ T v = @2; ({ three(u, v, @3); }); }); }));
statement-expression-loop  | RECORDS | told(1, ({ T sum = M(0); for (int i = 0; i < 2; i++) sum = three(sum, @1, @2); sum; }));
statement-expression-void  |  | ({ (void)@1; }); ({ say("empty"); @2; });
statement-expression-if    | SCALARS | if (({ T v = @1; v; })) say("then"); while (({ (void)@2; 0; })) say("never");
string-beside              |  | struct { char s[4]; T v; } b = {"abc", @1}; say(b.s); told(1, b.v);
const-member               |  | struct { const T m; const int k; } b = {@1, 2}; (void)@2; told(1, b.m); told_int(2, b.k);
union-initialiser          |  | union { char c; T v; } u = {.v = @1}; (void)@2; told(1, u.v);
unnamed-members            |  | struct { int k; struct { T v, w; }; union { T x; char c; }; } b = {1, {@1, .w = @2}, .x = @3}; three(b.v, b.w, b.x);
deep-designator            |  | struct { struct box_T in[2]; } b = {.in[1].n[0] = @1, .in[0].m = @2, .in[1].m = @3}; three(b.in[0].m, b.in[1].m, b.in[1].n[0]);
array-of-arrays            | -field | T a[2][2] = {{@1, M(2)}, {[1] = @3}}; a[await leaf_int(1)][0] = @4; three(a[0][0], a[1][0], a[1][1]);
list-without-bound         |  | T a[] = {@1, @2, M(3)}; told_int(1, (int)(sizeof a / sizeof *a)); three(a[0], a[1], a[2]);
string-initialiser         | INT | char s[] = "abc", t[5] = {@65, 'b', @67}, *u = "xyz" + @1; s[@0] = 'z'; say(s); say(t); say(u);
bits-initialiser           | INT | struct bits b = {.high = @20, .low = @9}; (void)@1; told(1, b.low); told(2, b.high); bits = (struct bits){@3, @4, @2}; told(3, bits.low + bits.high + bits.truth);
literal-in-a-loop          |  | T *last = 0; for (int i = 0; i < 2; i++) { T *p = (T[2]){@1, M(2)}; if (i) told_int(1, p == last); last = p; p[1] = @3; told(2, p[1]); }
literal-argument           |  | three((struct box_T){1, @1, {@2, M(3)}}.m, *(T[1]){@3}, (struct box_T){.m = @4}.m);
literal-scalar             | SCALARS | T *p = &(T){@1}; (void)@2; told(1, *p); *p = @3; told(2, *p); told(3, (T){@4});
auto-type                  |  | __auto_type v = @1; __auto_type w = told(1, v); (void)@2; three(v, w, @3); __typeof__(v) x = @4; told(2, x);
extension                  |  | T v = __extension__ (@1); told(1, __extension__ ({ @2; })); told(2, v);
nested-parentheses         |  | T v = (((@1))); ((void)((@2))); told(1, (((v))));
macro-of-argument          |  | T v = SAME(@1); SAME(told(1, SAME(SAME(@2)))); told(2, SAME(v));
macro-of-two               | NUMBERS | told(1, LARGER(@1, M(2))); told(2, LARGER(told(3, M(3)), @4));
macro-of-statement         |  | STATEMENT(T v = @1; told(1, v)); STATEMENT((void)@2); say("behind");
macro-condition            | SCALARS | WHEN(@1) say("then"); else say("else"); UNLESS(@2) say("unless");
macro-loop                 |  | TIMES(i, 2) told(i, @1); TIMES(i, 2) { if (i) break; (void)@2; }
macro-return               | SCALARS | !static async T value(void) { GIVE_IF(@1, @2); return @3; } | told(1, await value());
macro-stringified          | INT | SHOW(@1 + 1); SHOW(({ int v = @2; v; }));
macro-variadic             |  | three(LIST(@1, @2, M(3))); told_int(1, COUNT(@1, @2)); CALL(say, "called"); told(2, CALL(await echo_T, @4));
macro-function             |  | !DEFINE_GETTER(T, value) | told(1, await value(@1));
macro-swap                 | RECORDS -field | T u = @1, v = @2; SWAP(u, v); three(u, v, @3); SWAP(u, v); three(u, v, M(0));
macro-types                |  | OBJECT(T) o = {@1, 2}; (void)@2; told(1, o.v); DECLARE(T, w, @3); told(2, w);
"""

STATEMENTS = """
return-value               |  | !static async T value(void) { return @1; } | told(1, await value());
return-in-loop             |  | !static async T value(void) { for (int i = 0;; i++) { if (i == 2) return @2; (void)@1; } } | told(1, await value());
return-expression          | NUMBERS | !static async T value(T a) { return a + @1; } | told(1, await value(@2));
return-after-drop          |  | !static async T value(void) { __attribute__((unused)) int k = 1; { int j = 2; told_int(1, j); } return @1; } | told(1, await value());
recursion                  | INT | !static async int value(int n) { return n ? n + await value(n - 1) : @3; } | told(1, await value(3));
void-function              |  | !static async void value(void) { (void)@1; say("on"); } | await value(); say("back");
parameter-kept             |  | !static async T value(T a, int b, T c) { (void)@1; told_int(b, b); a = @2; return three(a, c, a); } | told(1, await value(M(3), 4, M(5)));
if-condition               | SCALARS | if (@1) say("then"); else say("else");
if-not                     | SCALARS | if (!@1) say("then"); else say("else");
if-body                    |  | if (calls >= 0) (void)@1; else (void)@2; say("behind");
else-body                  |  | if (calls < 0) (void)@1; else (void)@2; say("behind");
else-if                    | SCALARS | if (!@1) say("one"); else if (@2) say("two"); else say("three");
while-condition            | INT | int n = 0; while (@1 && n++ < 2) say("body");
while-body                 |  | int n = 0; while (n++ < 2) told(n, @1);
while-continue             | INT | int n = 0; while (await leaf_int(n++) < 3) { if (n == 2) continue; told(1, n); }
do-condition               | INT | int n = 0; do { n++; if (n == 1) continue; say("body"); } while (await leaf_int(n) < 3);
do-body                    |  | int n = 0; do told(1, @1); while (n++ < 1);
for-init                   | INT | for (int i = @1; i < 3; i++) told(1, i);
for-init-expression        | INT | int i; for (i = @1; i < 3; i++) told(1, i);
for-condition              | INT | for (int i = 0; i < @2; i++) told(1, i);
for-increment              | INT | for (int i = 0; i < 3; i += @1) { if (i == 1) continue; told(1, i); }
for-increment-discarded    |  | int i = 0; for (; i < 2; (void)@1, i++) told_int(1, i);
for-body                   |  | for (int i = 0; i < 2; i++) told(i, @1);
for-all                    | INT | for (int i = @0, j = @5; i < @3; i += @1, j--) { told(1, i * j); if (@1 && j == 4) break; }
for-ever                   | INT | for (int i = 0;;) { if (@1 && i++ == 2) break; told(1, i); }
nested-loops               |  | for (int i = 0; i < 2; i++) for (int j = 0; j < 2; j++) { if (j && i) break; told(i, @1); }
local-of-each-turn         |  | for (int i = 0; i < 2; i++) { T v = i ? M(4) : @1; (void)@2; told(i, v); }
switch-value               | INT | switch (@2) { case 1: say("one"); break; case 2: say("two"); break; default: say("other"); }
switch-body                |  | for (int i = 0; i < 3; i++) switch (i) { case 0: told(1, @1); __attribute__((fallthrough)); case 1: told(2, @2); break; default: say("other"); (void)@3; }
switch-in-block            |  | for (int i = 0; i < 3; i++) switch (i) { case 0: { told(1, @1); __attribute__((fallthrough)); case 1: told(2, @2); } break; case 2 ... 5: told(3, @3); }
switch-declaration         |  | switch (calls) { T v; default: v = @1; told(1, v); }
duff                       | INT | int n = 3; switch (n & 1) { case 0: do { told(1, @1); __attribute__((fallthrough)); case 1: told(2, @2); } while (--n > 0); }
goto-forward               |  | if (calls < 9) goto out; say("never"); out: told(1, @1);
goto-backward              | INT | int n = 0; again: told(1, @1); if (n++ < 2) goto again;
goto-into                  |  | int n = 0; goto in; while (n < 2) { say("top"); in: told(n, @1); n++; }
goto-past-initialiser      | INT | goto past; { int v = 1; told(1, v); past: v = @2; told(2, v); }
goto-out-of-loops          |  | for (;;) for (;;) { (void)@1; goto out; } out: say("out");
computed-goto              | INT | static void *const to[] = {&&one, &&two}; goto *to[@1]; one: say("one"); two: told(2, @2);
labelled                   |  | if (calls > 9) goto here; here: (void)@1; say("there");
empty-statements           |  | ;;(void)@1;; {} ;
block                      |  | { T v = @1; { T v = @2; told(1, v); } told(2, v); }
shadow                     | -field -element | T v = M(1); { T v = @2; told(1, v); } told(2, v); for (int v = 0; v < 1; v++) (void)@3; told(3, v);
last-statement             |  | say("first"); (void)@1;
if-in-loop-else            | SCALARS | for (int i = 0; i < 3; i++) if (i == 1) { if (@1) continue; } else if (i == 2) told(1, @2); else (void)@3;
if-initial-declaration     |  | if (calls < 9) { T v = @1; told(1, v); } else { T v = @2; told(2, v); } T v = @3; told(3, v);
dangling-else              | SCALARS | if (@1) if (!@2) say("one"); else say("two");
if-empty                   | SCALARS | if (@1) ; else say("never"); if (!@2) {} say("on");
while-empty-body           | INT | int n = 2; while (@1 && n--) ; told(1, n); while (!@1) ;
while-comma                | INT | int n = 0; while (told(1, n), (void)@1, n++ < 2) told(2, n);
while-break                |  | while (1) { (void)@1; if (calls > 1) break; (void)@2; } say("out");
do-continue                | INT | int n = 0; do { if (n == 1) continue; told(1, @1); } while (n++ < 2); do (void)@2; while (0);
do-break                   |  | do { (void)@1; if (calls < 9) break; (void)@2; } while (1); say("out");
for-condition-only         | INT | int n = 2; for (; @1 && n--; ) told(1, n);
for-increment-only         | INT | int n = 0; for (;; n += @1) { if (n > 1) break; told(1, n); }
for-init-only              | INT | int n; for (n = @1;;) { if (n++ > 1) break; told(1, n); }
for-declared-pointer       | INT | for (int *p = numbers, *end = p + @2; p < end; p++) told(1, *p + @1);
for-declared-struct        | RECORDS | for (struct { int i; T v; } s = {0, @1}; s.i < 2; s.i++) { told(1, s.v); s.v = @2; }
for-shadowed               | -field -element | for (int i = 0; i < 2; i++) { T i = @1; told(1, i); } for (int i = 1; i; i--) (void)@2;
for-break-continue         |  | for (int i = 0; i < 4; i++) { if (i == 0) continue; if (i == 3) break; for (;;) { told(i, @1); break; } }
for-continue-awaits        | INT | for (int i = 0; i < 4; i += @1) { if (i == 0) continue; if (i == 2) { (void)@2; continue; } told(1, i); }
switch-on-long             | INT | switch (@3 * 10000000000LL) { case 30000000000LL: say("long"); break; default: say("other"); } switch ((char)@300) { case 44: say("char"); }
switch-on-bool             | SCALARS | switch (!!@1) { case 0: say("no"); break; case 1: told(1, @2); } switch (@1 == @2) case 0: say("differs");
switch-no-match            | INT | switch (@2) { case 7: say("never"); } switch (@3) { default: (void)@4; __attribute__((fallthrough)); case 9: say("fell"); } switch (@1) { }
switch-in-switch           | INT | for (int i = 0; i < 2; i++) switch (i) { case 0: switch (@1) { case 1: told(1, @2); break; } say("inner left"); break; case 1: switch (@2) { default: continue; } }
switch-continue            |  | for (int i = 0; i < 3; i++) { switch (i) { case 1: continue; default: (void)@1; } told(i, @2); }
switch-goto                |  | int n = 0; switch (n) { case 1: next: told(1, @1); break; case 0: (void)@2; n = 1; goto next; }
switch-return              |  | !static async T value(int n) { switch (n) { case 1: return @1; case 2: (void)@2; break; default: return @3; } return @4; } | three(await value(1), await value(2), await value(3));
switch-cases-in-loop       | INT | int n = 0; switch (@1) { for (; n < 2; n++) { case 1: told(1, n); __attribute__((fallthrough)); case 5: (void)@2; } __attribute__((fallthrough)); default: say("end"); }
goto-into-switch           | INT | int n = 0; goto two; again: switch (n) { case 1: (void)@1; two: told(1, @2); break; case 2: say("left"); goto out; } n++; if (n < 3) goto again; out: (void)@3;
goto-into-blocks           | INT | int n = 0; { (void)@1; goto deep; } for (;;) { { { deep: told(1, @2); } } if (n++) break; }
goto-backward-initialises  |  | int n = 0; again:; T v = @1; told(1, v); v = @2; if (n++ < 1) goto again; told(2, v);
goto-out-of-switch         |  | for (int i = 0; i < 3; i++) switch (i) { case 1: (void)@1; goto out; default: told(i, @2); } out: say("out");
label-before-loop          | INT | int n = 0; top: while (n < 4) { n++; if (@1 && n == 2) goto top; if (n == 3) goto end; told(1, n); } end: say("end");
local-label                |  | for (int i = 0; i < 2; i++) { __label__ again; int n = 0; again: told(n, @1); if (n++ < 1) goto again; }
computed-goto-loop         | INT | static void *const to[] = {&&add, &&twice, &&stop}; int program[] = {0, 1, 0, 2}, *at = program, v = 1; goto *to[*at]; add: v += @1; goto *to[*++at]; twice: v *= @2; goto *to[*++at]; stop: told(1, v);
computed-goto-chosen       | INT | void *to = @1 ? &&one : &&two; (void)@2; goto *to; one: say("one"); two: (void)@3;
return-void-call           |  | !static async void value_of(T v) { if (key_T(v) < 0) return; told(1, v); return (void)@2; } static async void value(void) { return (void)await value_of(@1); } | await value(); say("back");
return-struct              | -field | !static async struct box_T value(T v) { return (struct box_T){1, @1, {v, @2}}; } | struct box_T b = await value(@3); three(b.m, b.n[0], b.n[1]);
return-comma               |  | !static async T value(void) { return say("comma"), @1; } | told(1, await value());
return-conditional         | SCALARS | !static async T value(T v) { return v ? @1 : @2; } | told(1, await value(@3)); told(2, await value(0));
return-nested-calls        |  | !static async T value(T a, T b) { return three(a, @1, b); } | told(1, await value(await value(@1, @2), await value(M(3), @4)));
mutual-recursion           | INT | !static async int value_odd(int n); static async int value(int n) { return n ? await value_odd(n - 1) + @1 : @2; } static async int value_odd(int n) { (void)@3; return n ? await value(n - 1) : 0; } | told(1, await value(3));
recursion-through-pointer  | INT | !static int (*value_step)(int); static async int value(int n) { return n ? n + await value_step(n - @1) : @3; } | value_step = value; told(1, await value(2)); told(2, await value_step(1));
"""

DECLARATIONS = """
after-cleanup              | INT | { __attribute__((cleanup(drop))) int v = @1; v++; } say("behind");
run-time-size              | INT | int n = @2; char text[n + 1]; memset(text, 'x', n); text[n] = 0; (void)@1; say(text); told(1, (int)sizeof text);
local-types                |  | enum { two = 2 }; struct own { T v; } o = {@1}; (void)@2; told(two, o.v);
function-name              | INT | (void)@1; say(__func__[0] ? "named" : "");
many-live                  |  | T a = @1, b = @2, c = @3, d = @4; three(a, b, c); three(d, a, b);
old-style                  |  | !static async T value(a, b) T a; int b; { (void)@1; told_int(b, b); return three(a, @2, a); } | told(1, await value(@3, 4));
array-parameter            | RECORDS -field -element | !static async T value(T a[], T b[static 2], int n) { a[0] = @1; b[1] = a[n]; (void)@2; return three(a[0], a[1], b[1]); } | T a[2] = {M(1), M(2)}, b[2] = {M(3), M(4)}; told(1, await value(a, b, 1)); three(a[0], b[0], b[1]);
const-parameter            | -field | !static async T value(const T a, T *restrict const b) { *b = @1; (void)@2; return three(a, *b, a); } | T b = M(1); told(1, await value(@3, &b)); told(2, b);
unused-parameter           |  | !static async T value(T a, int unused, T b) { (void)unused; (void)@1; return three(a, b, @2); } | told(1, await value(@3, 1, M(2)));
parameter-address          |  | !static async T value(T a) { T *p = &a; *p = @1; (void)@2; return three(a, *p, a); } | told(1, await value(@3));
struct-parameter           | -field | !static async T value(struct box_T b) { b.m = @1; (void)@2; return three(b.m, b.n[0], b.n[1]); } | told(1, await value((struct box_T){1, @3, {M(1), @4}}));
function-parameter         |  | !static async T value(T call(T), T v) { return await call(v); } | told(1, await value(leaf_T, @1)); told(2, await value(echo_T, @2));
inline-function            |  | !static inline async T value(T v) { (void)@1; return v; } | told(1, await value(@2)); three(await value(@3), M(1), await value(M(2)));
sibling-scopes             | -field -element | { T v = @1; (void)@2; told(1, v); } { struct box_T v = {0, @2, {@3}}; (void)@1; told(2, v.m); } { char v = 'x'; (void)@4; told_int(3, v); }
over-aligned               | -field -element | _Alignas(64) T v = @1; T *p = &v; (void)@2; told_int(1, (int)((__UINTPTR_TYPE__)p % 64)); told(2, *p);
volatile-local             | SCALARS | volatile T v = @1; (void)@2; told(1, v); v = @3; told(2, v);
register-local             | -element | register T v = @1; (void)@2; told(1, v); v = @3; told(2, v);
restrict-local             | -field -element | T v = @1, *restrict p = &v; (void)@2; *p = @3; told(1, *p);
static-initialised         | SCALARS | static T kept; static int turns; turns++; kept = @1; (void)@2; told(1, kept); told_int(2, turns > 0);
thread-local               | RECORDS | static _Thread_local T kept; kept = M(2); (void)@1; told(1, kept); kept = @2; told(2, kept);
local-typedef              | -field -element | typedef T own; own v = @1; typedef struct { own a, b; } pair; pair p = {v, @2}; (void)@3; three(p.a, p.b, v);
local-union                |  | union { T v; char bytes[sizeof(T)]; } u; u.v = @1; (void)@2; told(1, u.v); u.bytes[0] ^= 0; told(2, u.v);
local-enum                 | INT | enum color { RED = 3, BLUE } c = @3; (void)@1; told(1, c == RED); c = BLUE + @2; told(2, c); switch ((enum color)@4) { case RED: break; case BLUE: say("blue"); }
local-struct-with-function |  | struct { T v; T (*call)(T); struct box_T *box; } o = {.v = @1, .call = leaf_T, .box = &box_T}; o.box->m = await o.call(@2); three(o.v, o.box->m, M(0));
local-extern               | INT | extern int abs(int); int labs_of(int); told(1, abs(-@3)); told(2, labs_of(@4));
pointer-to-array           | RECORDS -field -element | T a[2] = {M(1), M(2)}, (*p)[2] = &a; (*p)[await leaf_int(1)] = @3; (void)@1; three(a[0], a[1], (*p)[1]);
array-of-pointers          | -field -element | T v = M(1), w = M(2), *a[2] = {&v, &w}; *a[await leaf_int(1)] = @3; (void)@1; three(v, w, *a[0]);
pointer-to-pointer         | -field -element | T v = M(1), *p = &v, **q = &p; (void)@1; **q = @2; told(1, v); told(2, **q);
large-local                | RECORDS | struct { T many[40]; } big; big.many[39] = @1; (void)@2; big.many[0] = big.many[39]; three(big.many[0], big.many[39], @3);
run-time-size-of-type      | RECORDS | int n = await leaf_int(3); T a[n]; for (int i = 0; i < n; i++) a[i] = M(1); a[n - 1] = @2; (void)@3; told(1, a[0]); told(2, a[2]); told_int(3, (int)(sizeof a / sizeof *a));
run-time-size-awaited      | INT | char text[@2 + 1]; memset(text, 'x', 2); text[2] = 0; say(text); int squares[@2][@3]; squares[1][2] = @4; told(1, squares[1][2]); told(2, (int)(sizeof squares / sizeof *squares));
run-time-size-in-a-loop    | INT | for (int n = 1; n < 4; n++) { int a[n + @1]; a[n] = n; if (n == 2) continue; (void)@2; int b[a[n]]; b[0] = @3; told(n, (int)(sizeof b / sizeof *b) + b[0]); }
run-time-size-left         | INT | for (int n = 2;; n++) { int a[n]; a[1] = @1; if (n == 3) { (void)@2; goto out; } told(1, a[1]); } out: say("out");
run-time-size-returned     | INT | !static async int value(int n) { int a[n]; for (int i = 0; i < n; i++) a[i] = @2; if (n > 2) return a[0] + @1; int b[n]; b[0] = a[1]; return b[0]; } | told(1, await value(3)); told(2, await value(2));
run-time-size-pointed      | INT | int n = @2, a[2][3] = {{1, 2, 3}, {4, 5, 6}}, (*p)[n + 1] = a; (void)@1; told(1, p[1][2]); told(2, (int)sizeof *p / (int)sizeof **p); typedef int row[n + 1]; row r; r[2] = @3; told(3, r[2] + (int)sizeof(row) / 4);
run-time-size-parameter    | INT | !static async int value(int n, int a[n][n]) { (void)@1; return a[1][0] + (int)(sizeof a[0] / sizeof a[0][0]); } | int a[2][2] = {{1, 2}, {3, 4}}; told(1, await value(@2, a));
run-time-size-sizeof       | INT | int n = 2; told(1, (int)sizeof(char[n++]) + @1); told(2, n); int a[n]; a[0] = 1; told(3, (int)sizeof a / 4 + a[0] * @2);
alloca                     | INT | int *p = __builtin_alloca(sizeof *p * @2); p[0] = @3; p[1] = 4; { char *q = __builtin_alloca(8); q[@1] = 'q'; told(1, q[1]); } (void)@1; told(2, p[0] + p[1]);
timeout-block              |  | async_timeout (1e6) { T v = @1; told(1, v); } say("in time"); async_timeout (1e6) (void)@2;
"""

# The same with cleanups when an await inside fails: what must be logged after the failure; `?`: unless it has been logged before.
GUARDED = """
cleanup                    | INT | __attribute__((cleanup(drop))) int v = 3; (void)@1; say("on"); | drop 3
cleanups                   | INT | __attribute__((cleanup(drop))) int v = 3; { __attribute__((cleanup(drop))) int w = 4; (void)@1; say("on"); } @0; | drop 4?, drop 3
cleanup-and-return         | INT | !static async int value(void) { __attribute__((cleanup(drop))) int v = 3; (void)@1; return v + @2; } | told(1, await value()); | drop 3
cleanup-in-a-loop          | INT | for (int i = 0; i < 3; i++) { __attribute__((cleanup(drop))) int v = 3; if (i == 1) continue; (void)@1; if (i == 2) break; } | drop 3
cleanup-and-goto           | INT | int n = 0; again: { __attribute__((cleanup(drop))) int v = 3; told(1, @1); if (n++ < 1) goto again; } | drop 3
cleanup-in-an-expression   | INT | told(1, ({ __attribute__((cleanup(drop))) int v = 3; v + @1; })); | drop 3
cleanup-in-a-switch        | INT | for (int i = 0; i < 2; i++) switch (i) { case 0: { __attribute__((cleanup(drop))) int v = 3; (void)@1; break; } default: { __attribute__((cleanup(drop))) int v = 3; told(1, @2 + v); } } | drop 3
cleanup-of-a-run-time-size | INT | int n = 2, a[n]; a[1] = 3; __attribute__((cleanup(drop))) int v = 3; (void)@1; int b[n]; b[0] = @2; told(1, a[1] + b[0]); | drop 3
finally                    | SCALARS | async_try { T v = @1; told(1, v); } async_finally { say("finally"); } | finally
finally-awaits             | SCALARS | async_try { T v = @1; told(1, v); } async_finally { say("finally"); (void)@2; } | finally?, leaf 2?
finally-of-cleanup         | INT | async_try { __attribute__((cleanup(drop))) int v = 3; told(1, @1 + v); } async_finally { say("finally"); } | drop 3, finally
except-and-reraise         | NUMBERS -field -element | T v; async_try { v = @1; (void)@2; } async_except (e) { v = M(9); say("caught"); async_reraise(); } told(1, v); | caught
timeout-of-cleanup         | INT | async_timeout (1e6) { __attribute__((cleanup(drop))) int v = 3; told(1, @1 + v); } | drop 3
"""
