// A breakpoint on a statement that is only an await, or begins with one, stops before what is awaited begins; one on an async_raise
// stops there.
// REQUIRES: gdb
// RUN: %asyncc_bin cc gcc -g %s -o %t
// RUN: gdb -nx -batch -ex 'break %s:23' -ex 'break %s:24' -ex 'break %s:26' -ex run -ex 'print begun' -ex continue -ex 'print begun' -ex continue -ex 'print begun' %t 2>&1 | FileCheck %s
// CHECK: Breakpoint 1, load__resume {{.*}}gdb-stops-before-an-await.c:23
// CHECK: = 0
// CHECK: Breakpoint 2, load__resume {{.*}}gdb-stops-before-an-await.c:24
// CHECK: = 1
// CHECK: Breakpoint 3, load__resume {{.*}}gdb-stops-before-an-await.c:26
// CHECK: = 2
#include <async.h>

static int begun;
static async int parse(int n)
{
	begun++;
	await async_sleep(0.001);
	return n;
}
async int load(void)
{
	await parse(1);
	int two = await parse(2);
	if (two == 2)
		async_raise(7, "seven");
	return two;
}
async int main(void)
{
	return (await async_catch(load())).code != 7;
}
