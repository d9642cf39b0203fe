// In a debugger a breakpoint is on the user's line, locals have their names and values, and states have names.
// REQUIRES: gdb
// RUN: %asyncc_bin cc gcc -g %s -o %t
// RUN: gdb -nx -batch -ex 'break load__resume' -ex 'break %s:25' -ex run -ex 'delete 1' -ex continue -ex 'print squares' -ex 'print (enum load__state)async__at->state' -ex 'call async_print_tasks()' %t 2>&1 | FileCheck %s
// CHECK: Breakpoint 1, load__resume
// CHECK: Breakpoint 2{{.*}}, load__run
// CHECK-SAME: gdb-shows-lines-locals-and-states.c:25
// CHECK: = 5
// CHECK: = load_at_await_1
// CHECK: at main ({{.*}}gdb-shows-lines-locals-and-states.c:{{3[0-9]}}): await *squares
// CHECK: load: running
#include <async.h>

static async int parse(int n)
{
	await async_sleep(0.001);
	return n * n;
}

async int load(int n)
{
	int squares = 0;
	for (int i = 0; i <= n; i++)
		squares += await parse(i);
	return squares;
}

async int main(void)
{
	async_task(int) squares = async_create_task(load(2));
	return await *squares != 5;
}
