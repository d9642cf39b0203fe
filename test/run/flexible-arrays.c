// Structs that end in a flexible array, as locals, results, parameters and arguments of jobs: no compiler warns of the structs they get into.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 30 7 12
#include <async.h>
#include <stdio.h>
struct open { int a, b; int rest[]; };
struct holder { int n; struct open open; };
static async int step(int n) { await async_sleep(0); return n; }
static async struct open result(int n) { struct open o = {n, await step(n)}; return o; }
async struct open defined_later(struct open o);
static async int local(int n)
{
	struct open o = {1, 2}, *p = &o;
	struct holder h = {3, {4, 5}};
	p->a += await step(n);
	h.open.b += await step(p->b);
	struct open q = await result(n);
	q = await defined_later(q);
	return o.a + p->b + h.n + h.open.a + h.open.b + q.a + q.b;
}
async struct open defined_later(struct open o)
{
	o.b += await step(1);
	return o;
}
static async int sum(struct open o, int n) { n += await step(1); return o.a + o.b + n; }
async int main(void)
{
	printf("%d", await local(4));
	printf(" %d", (await result(3)).b + 4);
	printf(" %d\n", await sum((struct open){3, await step(4)}, 4));
	return 0;
}
