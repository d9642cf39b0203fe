// Initialisers of every form with awaits inside: designated ones run in the order of the members, as the C compilers have it;
// unknown bounds, strings, self-reference, const objects and const members, compound literals.
// RUN: %exec --clang-twin %s -Wno-missing-braces | FileCheck %s
// CHECK: 5 p4 3 p2 1 = 5 4 3 2 0 1
#include <async.h>
#include <stdio.h>
#include <wchar.h>
#include <string.h>
#ifdef __clang__ /* from 21 on it has something to say of a string without its zero */
#if __has_warning("-Wunterminated-string-initialization")
#pragma clang diagnostic ignored "-Wunterminated-string-initialization"
#endif
#endif
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
struct in { int c, d[3]; };
struct s { int a, b; struct in in; int *self; };
struct k { const int id; int n; };
struct kk { struct k k[2]; const char *const name; };
typedef const int cint;
typedef const char cstr[4];
struct node { struct node *next; int v; };
static async struct s mk(int v) { if (v & 1) await async_sleep(0); return (struct s){v, v + 1, {v, {v, v, v}}, 0}; }
static async int take(struct s s) { await async_sleep(0); return s.a + s.b + s.in.c + s.in.d[0] + s.in.d[2]; }
static int sum(const int *a, int n) { int r = 0; for (int i = 0; i < n; i++) r = r * 10 + a[i]; return r; }
static async int asum(const int *a, int n) { await async_sleep(0); return sum(a, n); }
static void show(const struct s *s) { printf(" = %d %d %d %d %d %d\n", s->a, s->b, s->in.c, s->in.d[0], s->in.d[1], s->in.d[2]); }

static async void lists(void)
{
	struct s x = {await t(1), p(2), {await t(3), {p(4), await t(5)}}, NULL}; show(&x);
	struct s y = {.in = {.d = {[2] = await t(1), [0] = p(2)}, .c = await t(3)}, .b = p(4), .a = await t(5)}; show(&y);
	struct s z = {.in.d[1] = await t(1), .in.c = p(2), .a = await t(3), p(4), .in.d[2] = await t(5)}; show(&z);
	struct s w = {.self = &w.b, .a = await t(7)}; *w.self = 9; show(&w);
	struct s e = {1, await t(2), await t(3), 4, await t(5), 6, 0}; show(&e);
	struct s q = await mk(3), q2 = q, q3 = {.in = q.in, .a = await t(1)}; show(&q2); show(&q3);
	int arr[] = {await t(1), [4] = await t(2), p(3), [2] = p(4), await t(5)}; printf(" %d %zu\n", sum(arr, 6), sizeof arr / sizeof *arr);
	int m[][2] = {{await t(1), 2}, {[1] = await t(3)}, 4, await t(5)}; printf(" %d %zu\n", sum(m[0], 6), sizeof m / sizeof *m);
	int r[5] = {[1 ... 3] = 7, [4] = await t(2)}; printf(" %d\n", sum(r, 5));
	char abc[3] = "abc", s[] = "hello", b[8] = {"x"}, c[] = {'a', await t(98), 0}; wchar_t ws[] = L"wide"; const char u8[] = u8"é"; unsigned short u16[] = u"ab";
	await t(1);
	printf(" %.3s %s %zu %s %s %zu %ls %zu %d %zu\n", abc, s, sizeof s, b, c, sizeof c, ws, sizeof u8, u16[1], sizeof u16);
	const char *strs[] = {"a", await t(1) ? "b" : "c", "f"}; printf(" %s %s %s\n", strs[0], strs[1], strs[2]);
	struct node n = {&n, await t(4)}; printf(" %d\n", n.next->v);
	int size = sizeof size + await t(1); void *self = &self; printf(" %d %d\n", size, self == (void *)&self);
	int one = await t(1), two = one + await t(2), three = two + one; printf(" %d\n", three);
	int *pa = (int[]){await t(1), p(2), await t(3)}, *pb = &(int){await t(4)}; pa[1] += *pb; printf(" %d\n", await asum(pa, 3));
}

static async void consts(void)
{
	const int c = await t(1); const int ca[] = {await t(2), 3, await t(4)}; cint ci = await t(5); const struct s cs = {await t(6), .in.c = 8};
	cstr str = "abc"; const char *const cp = await t(1) ? "x" : "y"; const int cm[2][2] = {{await t(1)}, {2, await t(3)}}; const double cd = await t(3) / 2.0;
	await t(1);
	printf(" %d %d %d %d %d %s %s %d %g\n", c, sum(ca, 3), ci, cs.a, cs.in.c, str, cp, sum(cm[0], 4), cd);
	struct k k = {await t(3), 4}, k2 = k; struct kk kk = {{{1, await t(2)}, k}, "name"}; const struct k ck = {.n = await t(3)};
	k.n = await t(5); struct k k3 = await t(1) ? k : k2; int r = k.n + (k2.n = await t(6)) + k3.n;
	printf(" %d %d %d %d %s %d %d\n", k.id, k2.id, kk.k[0].n, kk.k[1].id, kk.name, ck.n, r);
	volatile int v = await t(1); volatile struct s vs = {.a = await t(2)}; int *restrict rp = &r; register int reg = await t(3); *rp += reg + v + vs.a; printf(" %d\n", *rp);
}

static async void literals(void)
{
	struct s *ps = &(struct s){.b = await t(1), .a = await t(2)}; ps->in.c = await t(3); await t(1); show(ps);
	printf(" %d\n", await take((struct s){await t(1), 2, {await t(3), {4, 5, 6}}, 0}));
	printf(" %d\n", sum((int[]){await t(1), await t(2)}, 2) + await asum((int[3]){1, await t(2), p(3)}, 3));
	printf(" %d %d\n", (struct s){await t(1), 2, {3, {4}}, 0}.in.d[0], (struct s){.b = await t(3)}.b);
	printf(" %d\n", ((int[]){1, 2, 3})[await t(2)] + (int[]){4, await t(5), 6}[p(1)]);
	for (int i = 0; i < 3; i++) { int *q = (int[]){i, await t(i)}; q[0] += 5; await t(1); printf(" %d%d", q[0], q[1]); }
	int *q = NULL; for (int i = 0; i < 2; i++) { int *now = &(int){i}; if (i == 1) printf(" same=%d", now == q || 1); q = now; await t(1); }
	const char *str = (char[]){"mut"}; await t(1); printf(" %s\n", str);
	struct s arr[] = {await mk(1), [2] = {.b = await t(1)}, *ps}; show(&arr[0]); show(&arr[2]); show(&arr[3]);
	*(&(struct s){.a = 1}) = await mk(2); (void)(struct s){.a = await t(1)}.b;
	int x = (int){await t(1)} + (double){await t(2)} / 4; printf(" %d\n", x);
}

int main(void)
{
	lists();
	consts();
	literals();
	return 0;
}
