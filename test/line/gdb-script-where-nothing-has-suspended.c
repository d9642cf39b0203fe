// A callee's frame does not know its caller before it has suspended: until then the gdb commands tell the chain by the C stack, and
// show functions there that have no frame yet.
// REQUIRES: gdb
// RUN: %asyncc_bin cc gcc -g -O0 %s -o %t
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'break look' -ex run -ex 'async tasks' -ex 'async bt' -ex 'async frame 4' %t 2>&1 | FileCheck %s
// CHECK: Task-1, main: waiting
// CHECK: Task-2, outer: running
// CHECK-NEXT: at inner ({{.*}}suspended.c:[[#@LINE+23]])
// CHECK-NEXT: at sum ({{.*}})
// CHECK-NEXT: at sum ({{.*}})
// CHECK-NEXT: at middle ({{.*}})
// CHECK-NEXT: at outer ({{.*}}): await middle(n)
// CHECK-NEXT: #0 inner(code=7)
// CHECK-NEXT: #1 sum(
// CHECK-NEXT: #2 sum(n=1)
// CHECK-NEXT: #3 middle(n=1)
// CHECK-NEXT: #4 outer(n=1) ({{.*}}): await middle(n)
// CHECK-NEXT: outer ({{.*}}): await middle(n)
// CHECK-NEXT: n = 1
#include <async.h>

__attribute__((noinline)) static int look(int n)
{
	return n;
}

static async int inner(int code)
{
	int twice = code * 2;

	twice += look(code);
	await async_sleep(0);
	return twice;
}

async int sum(int n)
{
	return n == 0 ? await inner(7) : await sum(n - 1) + n;
}

static async int middle(int n)
{
	await async_sleep(0);
	int got = await sum(n);
	return got + n;
}

static async int outer(int n)
{
	int got = await middle(n);
	return got + n;
}

async int main(void)
{
	return await *async_create_task(outer(1)) != 24;
}
