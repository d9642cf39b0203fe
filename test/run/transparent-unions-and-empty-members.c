// Transparent unions as parameters; members without a size share their place with the next one, in lists with an await, too.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 42 -1 42 3
// CHECK-NEXT: 3 4 7
#include <async.h>
#include <stdio.h>
union __attribute__((transparent_union)) place {
	int *i;
	const float *f;
};
struct empty {};
struct pair {
	struct empty before;
	int x;
	struct empty between[2];
	int y;
};
static int *shared;
static async int t(int v) { if (v & 1) await async_sleep(0); return v; }
static async struct empty nothing(void) { await async_sleep(0); return (struct empty){}; }
static async int number_at(union place where) { await t(1); return where.i ? *where.i : -1; }
static async int set(void) { await t(1); shared = NULL; return 3; }
static int plain(union place where, int n) { return where.i ? *where.i * n : 0; }

async int main(void)
{
	int i = 42, j = 1;
	shared = &j;
	printf("%d %d %d %d\n", await number_at(&i), await number_at(NULL), await number_at((union place){.i = &i}), plain(shared, await set()));
	struct pair p = {.x = await t(3), .before = await nothing(), .y = await t(4), .between = {[1] = await nothing()}};
	await t(1);
	printf("%d %d %d\n", p.x, p.y, p.x + p.y);
}
