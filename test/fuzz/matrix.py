#!/usr/bin/env python3
"""The position matrix: an await in every place of an expression and a statement, of every class of type, that is ready,
suspends, fails or is cancelled; alone, and inside an async_try.

    matrix.py [--asyncc PATH] [--configs NAME,...] [--keep FILE]

The directly compiled program says what happens when all is ready.  An await that fails or is cancelled at its Nth call must
leave exactly what happened up to there.
"""
import argparse
import os
import re
import sys
import tempfile

import run as fuzz

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = ["int", "double", "structure", "pointer"]
SCALARS, NUMBERS, INT = ["int", "double", "pointer"], ["int", "double"], ["int"]

# name | types ("" is all) | statements.  T is the type, @ an await of that type, @k one whose value is made from k;
# told(k, v) logs; M(k) makes a value.  `!` before a line that stands before the function.
SLOTS = """
discarded                  |   | @;
void-cast                  |   | (void)@;
in-parentheses             |   | T v = ((@)); told(1, v);
initialiser                |   | T v = @; told(1, v);
second-declarator          |   | T u = told(1, M(1)), v = @, w = told(2, M(2)); three(u, v, w);
const-local                |   | const T v = @; told(1, v);
static-kept                |   | static T kept; kept = M(2); told(1, kept); kept = @; told(2, kept);
assign-local               |   | T v; v = @; told(1, v);
assign-global              |   | global_T = @; told(1, global_T);
assign-element             | SCALARS | array_T[1 + 0 * key_T(told(3, M(3)))] = @2;
assign-through-call        | SCALARS | *place(1) = @2;
assign-place-awaits        | SCALARS | *place(key_int(await leaf_int(1))) = told(4, M(4));
assign-member              |   | box_T.m = @;
assign-arrow               |   | struct box_T *p = &box_T; p->n[1] = @; told(1, p->n[1]);
assign-chain               |   | T u, v; u = v = @; three(u, v, M(0));
assign-value-used          | SCALARS | told(2, global_T = @);
assign-both-sides          | SCALARS | array_T[await leaf_int(2)] = @3;
first-argument             |   | three(@1, told(2, M(2)), told(3, M(3)));
middle-argument            |   | three(told(1, M(1)), @2, told(3, M(3)));
last-argument              |   | three(told(1, M(1)), told(2, M(2)), @3);
all-arguments              |   | three(@1, @2, @3);
argument-of-awaited        |   | told(1, await echo_T(@1));
argument-of-leaf           |   | told(1, await leaf_T(@1));
callee                     |   | told(1, (key_T(@1) ? three : 0)(M(4), M(5), M(6)));
awaited-pointer            |   | T (*f)(T) = leaf_T; told(1, await f(@1));
awaited-plain-pointer      |   | T (*f)(T) = leaf_T; told(1, await (told_int(1, 1) ? f : 0)(@1));
comma-left                 |   | T v = (@, told(1, M(1))); told(2, v);
comma-right                |   | T v = (told(1, M(1)), @); told(2, v);
condition-of-conditional   | SCALARS | T v = @1 ? told(1, M(1)) : told(2, M(2)); told(3, v);
false-condition            | SCALARS | told(1, !@1 ? told(2, M(1)) : told(3, M(2)));
conditional-first          |   | T v = calls >= 0 ? @ : told(1, M(1)); told(2, v);
conditional-second         |   | T v = calls < 0 ? told(1, M(1)) : @; told(2, v);
conditional-both           |   | for (int i = 0; i < 2; i++) told(1, i ? @1 : @2);
conditional-void           |   | calls < 0 ? (void)0 : (void)@;
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
struct-initialiser         |   | struct box_T b = {told_int(1, 'x'), @1, {@2, told(2, M(3))}}; three(b.m, b.n[0], b.n[1]);
designated-initialiser     |   | struct box_T b = {.n = {[1] = @1}, .m = @2, .before = told_int(1, 1)}; three(b.m, b.n[0], b.n[1]);
array-initialiser          |   | T a[3] = {told(1, M(1)), @2, @3}; three(a[0], a[1], a[2]);
designated-elements        |   | T a[] = {[2] = @2, [0] = told(1, M(1))}; three(a[0], a[1], a[2]);
nested-initialiser         |   | struct box_T b[2] = {{0, @1, {@2}}, {.m = @3}}; three(b[0].m, b[0].n[0], b[1].m);
compound-literal           |   | told(1, (struct box_T){1, @1, {@2, M(3)}}.n[0]);
literal-array              |   | told(1, (T[]){@1, told(2, M(2)), @3}[await leaf_int(2)]);
literal-address            |   | struct box_T *p = &(struct box_T){1, @1, {@2, M(3)}}; (void)@4; three(p->m, p->n[0], p->n[1]);
literal-assigned           |   | box_T = (struct box_T){1, @1, {@2, M(3)}}; look_T();
statement-expression       |   | told(1, ({ T v = @1; told(2, v); @2; }));
statement-expression-last  |   | T u = M(1); told(1, ({ T v = @2; three(u, v, u); v; }));
generic                    |   | told(1, _Generic(1, int: @1, default: 0));
expect                     | INT | if (__builtin_expect(@1, 1)) say("yes");
sizeof-beside              | INT | told(1, (int)sizeof(int[3]) + @1);
own-initialiser            | INT | int v = (int)sizeof v + @1; told(1, v); struct self { struct self *me; int n; } s = {&s, @2}; told(2, s.me == &s); told(3, s.me->n);
address-taken              |   | T v = M(1); T *p = &v; *p = @2; told(1, v); v = @3; told(2, *p);
array-local                |   | T a[2] = {M(1), M(2)}; T *p = a; (void)@3; three(*p, p[1], a[0]);
string-local               | INT | char s[8] = "abc"; s[@1] = 'x'; say(s);
return-value               |   | !static async T value(void) { return @1; } |  told(1, await value());
return-in-loop             |   | !static async T value(void) { for (int i = 0;; i++) { if (i == 2) return @2; (void)@1; } } | told(1, await value());
return-expression          | NUMBERS | !static async T value(T a) { return a + @1; } | told(1, await value(@2));
return-after-drop          |   | !static async T value(void) { __attribute__((unused)) int k = 1; { int j = 2; told_int(1, j); } return @1; } | told(1, await value());
recursion                  | INT | !static async int value(int n) { return n ? n + await value(n - 1) : @3; } | told(1, await value(3));
void-function              |   | !static async void value(void) { (void)@1; say("on"); } | await value(); say("back");
parameter-kept             |   | !static async T value(T a, int b, T c) { (void)@1; told_int(b, b); a = @2; return three(a, c, a); } | told(1, await value(M(3), 4, M(5)));
if-condition               | SCALARS | if (@1) say("then"); else say("else");
if-not                     | SCALARS | if (!@1) say("then"); else say("else");
if-body                    |   | if (calls >= 0) (void)@1; else (void)@2; say("behind");
else-body                  |   | if (calls < 0) (void)@1; else (void)@2; say("behind");
else-if                    | SCALARS | if (!@1) say("one"); else if (@2) say("two"); else say("three");
while-condition            | INT | int n = 0; while (@1 && n++ < 2) say("body");
while-body                 |   | int n = 0; while (n++ < 2) told(n, @1);
while-continue             | INT | int n = 0; while (await leaf_int(n++) < 3) { if (n == 2) continue; told(1, n); }
do-condition               | INT | int n = 0; do { n++; if (n == 1) continue; say("body"); } while (await leaf_int(n) < 3);
do-body                    |   | int n = 0; do told(1, @1); while (n++ < 1);
for-init                   | INT | for (int i = @1; i < 3; i++) told(1, i);
for-init-expression        | INT | int i; for (i = @1; i < 3; i++) told(1, i);
for-condition              | INT | for (int i = 0; i < @2; i++) told(1, i);
for-increment              | INT | for (int i = 0; i < 3; i += @1) { if (i == 1) continue; told(1, i); }
for-increment-discarded    |   | int i = 0; for (; i < 2; (void)@1, i++) told_int(1, i);
for-body                   |   | for (int i = 0; i < 2; i++) told(i, @1);
for-all                    | INT | for (int i = @0, j = @5; i < @3; i += @1, j--) { told(1, i * j); if (@1 && j == 4) break; }
for-ever                   | INT | for (int i = 0;;) { if (@1 && i++ == 2) break; told(1, i); }
nested-loops               |   | for (int i = 0; i < 2; i++) for (int j = 0; j < 2; j++) { if (j && i) break; told(i, @1); }
local-of-each-turn         |   | for (int i = 0; i < 2; i++) { T v = i ? M(4) : @1; (void)@2; told(i, v); }
switch-value               | INT | switch (@2) { case 1: say("one"); break; case 2: say("two"); break; default: say("other"); }
switch-body                |   | for (int i = 0; i < 3; i++) switch (i) { case 0: told(1, @1); case 1: told(2, @2); break; default: say("other"); (void)@3; }
switch-in-block            |   | for (int i = 0; i < 3; i++) switch (i) { case 0: { told(1, @1); case 1: told(2, @2); } break; case 2 ... 5: told(3, @3); }
switch-declaration         |   | switch (calls) { T v; default: v = @1; told(1, v); }
duff                       | INT | int n = 3; switch (n & 1) { case 0: do { told(1, @1); case 1: told(2, @2); } while (--n > 0); }
goto-forward               |   | if (calls < 9) goto out; say("never"); out: told(1, @1);
goto-backward              | INT | int n = 0; again: told(1, @1); if (n++ < 2) goto again;
goto-into                  |   | int n = 0; goto in; while (n < 2) { say("top"); in: told(n, @1); n++; }
goto-past-initialiser      | INT | goto past; { int v = 1; told(1, v); past: v = @2; told(2, v); }
goto-out-of-loops          |   | for (;;) for (;;) { (void)@1; goto out; } out: say("out");
computed-goto              | INT | static void *const to[] = {&&one, &&two}; goto *to[@1]; one: say("one"); two: told(2, @2);
labelled                   |   | if (calls > 9) goto here; here: (void)@1; say("there");
empty-statements           |   | ;;(void)@1;; {} ;
block                      |   | { T v = @1; { T v = @2; told(1, v); } told(2, v); }
shadow                     |   | T v = M(1); { T v = @2; told(1, v); } told(2, v); for (int v = 0; v < 1; v++) (void)@3; told(3, v);
last-statement             |   | say("first"); (void)@1;
after-cleanup              | INT | { __attribute__((cleanup(drop))) int v = @1; v++; } say("behind");
run-time-size              | INT | int n = @2; char text[n + 1]; memset(text, 'x', n); text[n] = 0; (void)@1; say(text); told(1, (int)sizeof text);
local-types                |   | enum { two = 2 }; struct own { T v; } o = {@1}; (void)@2; told(two, o.v);
function-name              | INT | (void)@1; say(__func__[0] ? "named" : "");
many-live                  |   | T a = @1, b = @2, c = @3, d = @4; three(a, b, c); three(d, a, b);
"""

# The same with values to drop when an await inside fails: what must be logged after the failure.
GUARDED = """
cleanup                    | INT | __attribute__((cleanup(drop))) int v = 3; (void)@1; say("on"); | drop 3
cleanups                   | INT | __attribute__((cleanup(drop))) int v = 3; { __attribute__((cleanup(drop))) int w = 4; (void)@1; say("on"); } @0; | drop 4?, drop 3
"""


def expand(text, type):
    """One slot's words in C."""
    text = re.sub(r"@(\d*)", lambda m: f"await leaf_{type}(make_{type}({m[1] or 1}))", text)
    text = re.sub(r"\b(told|three|place)(?=\b[^_])(?=[ (:])", lambda m: f"{m[1]}_{type}", text)
    text = re.sub(r"\bM\((\d)\)", lambda m: f"make_{type}({m[1]})", text)
    text = re.sub(r"\b(global|array|box|key|leaf|echo|look)_T\b", lambda m: f"{m[1]}_{type}", text)
    return re.sub(r"\bT\b", type, text)


def slots():
    """(name, type, text before the function, its body, what a failure is followed by)"""
    for table, guarded in ((SLOTS, False), (GUARDED, True)):
        for line in table.strip().splitlines():
            name, types, *parts = (part.strip() for part in re.split(r"\s\|\s", line))
            suffix = parts.pop() if guarded else ""
            for type in {"": TYPES, "SCALARS": SCALARS, "NUMBERS": NUMBERS, "INT": INT}.get(types, [types]):
                helper = ""
                body = parts[-1]
                if parts[0].startswith("!"):
                    helper = expand(parts[0][1:], type)
                    own = f"value_{name.replace('-', '_')}_{type}"
                    helper, body = (re.sub(r"\bvalue\b", own, text) for text in (helper, body))
                yield name, type, helper, expand(body, type), suffix


def program():
    with open(os.path.join(HERE, "matrix.c")) as file:
        lines = file.read().splitlines()
    rows = []
    for name, type, helper, body, _ in slots():
        function = f"slot_{name.replace('-', '_')}_{type}"
        if helper:
            lines += [helper]
        lines += [f"static async void {function}(void)", "{", f"\t{body}", f"\tlook_{type}();", "}"]
        lines += [f"static async void {function}_inside(void)", "{", f"\tint before = 42;", f"\t{type} kept = make_{type}(3);",
                  "\tasync_try {", f"\t\t{body}", "\t} async_except (e) {", '\t\tprintf("caught %d\\n", e.code);', "\t}",
                  f'\tprintf("after %d %d\\n", before, key_{type}(kept));', "}"]
        rows += [f'\t{{"{name} {type}", {function}}},', f'\t{{"{name} {type} inside", {function}_inside}},']
    lines += ["static const struct slot slots[] = {", *rows, "};", DRIVER]
    return "\n".join(lines) + "\n"


DRIVER = r"""
#ifdef TWIN
int main(void)
{
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		reset();
		printf("== %s ready 0\n", slots[i].name);
		slots[i].run();
	}
	return 0;
}
#else
static async void one(const struct slot *slot)
{
	await slot->run();
}

static async int observe(const struct slot *slot, enum mode how, int n)
{
	mode = how;
	at = n;
	reset();
	printf("== %s %s %d\n", slot->name, mode_names[how], n);
	if (how == CANCEL_AT) {
		async_task(void) task = async_create_task(one(slot));
		while (!waiting)
			await async_sleep(0);
		async_cancel(task);
		async_error e = await async_catch(*task);
		if (e.code)
			printf("caught %d\n", e.code);
		return calls;
	}
	async_try {
		await slot->run();
	} async_except (e) {
		printf("caught %d\n", e.code);
	}
	return calls;
}

async int main(void)
{
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		int n = await observe(&slots[i], READY, 0);
		await observe(&slots[i], PENDING, 0);
		for (int k = 1; k <= n; k++)
			for (enum mode how = PENDING_AT; how <= CANCEL_AT; how++)
				await observe(&slots[i], how, k);
	}
	return 0;
}
#endif"""


def sections(text):
    found = {}
    for section in text.split("== ")[1:]:
        head, *body = section.splitlines()
        found[head] = body
    return found


def expected(ready, mode, at, inside, suffix):
    if mode in ("ready", "pending", "pending-at"):
        return ready
    until = ready.index(f"leaf {at}") + 1
    caught = ["caught -1" if mode == "cancel-at" else "caught 22"]
    dropped = []
    for word in filter(None, suffix.split(", ")):
        optional = word.endswith("?")
        word = word.rstrip("?")
        if not optional or word not in ready[:until]:
            dropped.append(word)
    after = ready[-1:] if inside and ready[-1].startswith("after") else ["after 42 "] if inside else []
    return ready[:until] + dropped + caught + after


def compare(twin, lowered):
    wanted, differences, compared = sections(twin), [], 0
    suffixes = {f"{name} {type}": suffix for name, type, _, _, suffix in slots()}
    seen = set()
    for head, got in sections(lowered).items():
        *words, mode, at = head.split(" ")
        slot = " ".join(words)
        ready = wanted[f"{slot} ready 0"]
        seen.add(slot)
        compared += 1
        want = expected(ready, mode, int(at), words[-1] == "inside", suffixes[" ".join(words[:2])])
        if got != want:
            differences.append((head, want, got))
    for head in wanted:
        if head.rsplit(" ", 2)[0] not in seen:
            differences.append((head, wanted[head], ["(never ran)"]))
    return compared, differences


def check(tester, options, directory):
    source = options.keep or os.path.join(directory, "matrix.c")
    with open(source, "w") as file:
        file.write(program())
    twin = tester.twin(source, directory)
    lowered = tester.lower(source, directory)
    status = 0
    for config in fuzz.chosen_configs(options):
        binary = os.path.join(directory, "program")
        library = tester.sanitized_library if config.sanitized else tester.library
        code, text = fuzz.run([*config.command, *tester.common, lowered, "-o", binary, library, *tester.libraries], timeout=600)
        if code:
            raise fuzz.Failure(f"{config.name} does not compile", text[:4000])
        code, text = tester.execute(binary, timeout=120)
        compared, differences = compare(twin, text)
        print(f"{config.name}: {compared} runs compared, {len(differences)} differ" + (f", status {code}" if code else ""))
        for head, want, got in differences[:options.detail]:
            print(f"  {head}\n    want {want}\n    got  {got}")
        if code:
            print("\n".join("  | " + line for line in text.splitlines()[-12:]))
        status |= bool(differences or code)
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--asyncc", default=os.environ.get("ASYNCC", os.path.join(fuzz.ROOT, "build", "bin", "asyncc")))
    parser.add_argument("--clang", default=fuzz.CLANG)
    parser.add_argument("--configs")
    parser.add_argument("--keep", metavar="FILE", help="write the program here")
    parser.add_argument("--detail", type=int, default=10, help="how many differences to print")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        try:
            sys.exit(check(fuzz.Tester(options), options, directory))
        except (fuzz.Failure, fuzz.InvalidProgram) as failure:
            sys.exit(f"{failure}\n{getattr(failure, 'detail', '')[:3000]}")


if __name__ == "__main__":
    main()
