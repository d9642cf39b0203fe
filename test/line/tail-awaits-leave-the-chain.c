// From -O2 on, a function that awaits something last is missing from dumps, traces and gdb's chains once that has suspended, as with C's
// tail calls: what has taken its frame over is named rightly.  -fno-optimize-sibling-calls keeps it.
// REQUIRES: gdb
// RUN: %asyncc_bin cc gcc -g -O2 %s -o %t
// RUN: %t 2>&1 | FileCheck %s
// RUN: %asyncc_bin cc gcc -g -O2 -fno-optimize-sibling-calls %s -o %t.whole
// RUN: %t.whole 2>&1 | FileCheck %s --check-prefixes=CHECK,WHOLE
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'break look' -ex run -ex 'async tasks' %t 2>&1 | FileCheck %s --check-prefix=GDB
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'break look' -ex run -ex 'async frame 0 waiter' %t 2>&1 | FileCheck %s --check-prefix=FRAME
#include <async.h>
#include <errno.h>

int look(void);

static async int inner(int depth)
{
	int twice = depth * 2;
	await async_sleep(0.01);
	if (depth)
		async_raise(EIO, "broken");
	return twice;
}
static async int middle(int unused, int n)
{
	(void)unused;
	return await inner(n);
}
async int outer(int n)
{
	return await middle(5, n);
}
async int last(int n);
async int direct(int n)
{
	return await last(n);
}
async int waiter(int n)
{
	int got = await outer(n);
	return got + await direct(n);
}
async int last(int n)
{
	return await outer(n) + 1;
}
__attribute__((noinline)) int look(void)
{
	async_print_tasks();
	return 0;
}
async int main(void)
{
	async_task(int) task = async_create_task(waiter(0));
	async_set_name(task, "waiter");
	await async_sleep(0);
	look();
	async_create_task(direct(1));
	await *task;
	await async_sleep(0.05);
	return 0;
}
// CHECK: waiter, waiter: waiting
// CHECK-NEXT: at inner ({{.*}}:[[#@LINE-45]]): await async_sleep(0.01)
// WHOLE-NEXT: at middle ({{.*}}): await inner(n)
// WHOLE-NEXT: at outer ({{.*}}): await middle(5, n)
// CHECK-NEXT: at waiter ({{.*}}): await outer(n)
// CHECK: broken
// CHECK-NEXT: at inner
// WHOLE-NEXT: at middle
// WHOLE-NEXT: at outer
// CHECK-NEXT: at last
// WHOLE-NEXT: at direct
// GDB: waiter, waiter: waiting
// GDB-NEXT: at inner ({{.*}}): await async_sleep(0.01)
// GDB-NEXT: at waiter ({{.*}}): await outer(n)
// FRAME: inner ({{.*}}): await async_sleep(0.01)
// FRAME: depth = 0
// FRAME-NOT: unused
