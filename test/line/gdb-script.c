// The gdb commands show where every task stands, with arguments and saved variables, whatever the compiler, and from a core file.
// REQUIRES: gdb
// RUN: %asyncc_bin cc gcc -g -O0 %s -o %t
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'break __assert_fail' -ex run -ex 'async tasks' -ex 'async bt' -ex 'async bt summer' -ex 'async bt 3' -ex 'async frame 9' -ex 'async bt nobody' -ex 'async frame 0 summer' -ex 'generate-core-file %t.core' %t > %t.gcc 2>&1
// RUN: FileCheck %s --check-prefixes=CHECK,PLAIN < %t.gcc
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'async tasks' -ex 'async bt' -ex 'async bt summer' -ex 'async bt 3' -ex 'async frame 9' -ex 'async bt nobody' -ex 'async frame 0 summer' %t %t.core 2>&1 | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: %asyncc_bin cc %clang -g -O2 %s -o %t.clang
// RUN: gdb -nx -batch -x $(%asyncc_bin --gdb-script) -ex 'break __assert_fail' -ex run -ex 'async tasks' -ex 'async bt' -ex 'async bt summer' -ex 'async bt 3' -ex 'async frame 9' -ex 'async bt nobody' -ex 'async frame 0 summer' %t.clang 2>&1 | FileCheck %s --check-prefixes=CHECK
// CHECK: Task-1, main: waiting
// CHECK-NEXT: for summer
// CHECK-NEXT: at main ({{.*}}gdb-script.c:{{[0-9]+}}): await *a
// CHECK-NEXT: summer, sum: waiting
// CHECK-NEXT: at area ({{.*}}gdb-script.c:{{[0-9]+}}): await async_sleep(60)
// CHECK-NEXT: at sum ({{.*}}): await area((struct point){ n, 2 }, "why not")
// CHECK-NEXT: Task-3, deep: waiting
// CHECK-NEXT: at deep ({{.*}}): await async_sleep(60)
// CHECK-NEXT: at deep ({{.*}}): await deep(n - 1, who)
// CHECK-NEXT: at deep ({{.*}}): await deep(n - 1, who)
// CHECK-NEXT: Task-4, stop: running
// PLAIN: at fail ({{.*}}gdb-script.c:[[#@LINE+49]])
// PLAIN-NEXT: at stop ({{.*}}): await fail(5)
// PLAIN-NEXT: #0 fail(code=5) ({{.*}}gdb-script.c:[[#@LINE+47]])
// PLAIN-NEXT: #1 stop() ({{.*}}): await fail(5)
// CHECK: #0 area(p={x = 7, y = 2}, why={{.*}} "why not"
// CHECK-NEXT: #1 sum(n=7
// CHECK-NEXT: #0 deep(n=0, who={{[^,]*}} "gap")
// CHECK-NEXT: #1 deep(n=1, who={{[^,]*}} "gap")
// CHECK-NEXT: #2 deep(n=2, who={{[^,]*}} "gap")
// CHECK-NEXT: the last frame is
// CHECK-NEXT: no task 'nobody' here: 'async tasks' lists them
// CHECK-NEXT: area ({{.*}}): await async_sleep(60)
// CHECK-NEXT: p = {x = 7, y = 2}
// CHECK-NEXT: why = {{.*}} "why not"
// CHECK-DAG: scaled = 70
// CHECK-DAG: buffer = "kept"
#include <assert.h>
#include <async.h>

struct point { int x, y; };

async int deep(int n, const char *who)
{
	int one = *who - 'f'; /* between the two in the frame */
	if (n == 0) {
		await async_sleep(60);
		return one;
	}
	return await deep(n - 1, who) + one;
}

static async int area(struct point p, const char *why)
{
	int scaled = p.x * 10;
	char buffer[16] = "kept";
	await async_sleep(60);
	return scaled + p.y + buffer[0] + (why != 0);
}

static async int sum(int n)
{
	int total = n;
	total += await area((struct point){ n, 2 }, "why not");
	return total;
}

static async int fail(int code)
{
	await async_sleep(0);
	assert(code == 0);
	return code;
}

static async void stop(void)
{
	await fail(5);
}

async int main(void)
{
	async_task(int) a = async_create_task(sum(7));
	async_set_name(a, "summer");
	async_task(int) b = async_create_task(deep(2, "gap"));
	async_create_task(stop());
	return await *a + await *b;
}
