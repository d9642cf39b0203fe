// Variables and functions may have any of the names that generated code uses.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 60 3 15 8 5
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
#define ASYNC_DONE_X 1
static async int odd(int f, int status, int frame, int result, int base)
{
	int await_1 = 1, await_2 = 2, result_1 = 3, async_stat = 4, exit_1 = 5, operand_1 = 6, state = 7;
	f += await step(await_1) + await step(await_2);
	status += await step(result_1);
	{ int status = 3; int f = 5; int step__frame = 2; frame += await step(status + f + step__frame); }
	for (int i = 0, odd__frame = 3; i < 2; i++)
		frame += await step(i + odd__frame);
	return f + status + frame + result + base + async_stat + exit_1 + operand_1 + state;
}
static async int f(int f) { return f + await step(1); }
static async int status(void) { return await f(2); }
static async int frame(void) { return await status(); }
static async int resume(void) { return await frame(); }
struct sx { int x; };
static async int caller(struct sx *base) { (void)base; return await resume(); }
static async int state_of(int n) { await async_sleep(0); return n; }
static async int base(int n) { n += await state_of(1); return n; }
static async int takes_base(int n) { n = await base(n); return await base(n); } /* no member of the frame can be called so */
static async int async__base(void) { return await caller(NULL) + await takes_base(-2); }
static async int fields(int result_local) { int base = 1, base_local = 2, result = 3, result_local_local = 4; await step(1); return result_local + base + base_local + result + result_local_local; }
typedef struct { int n; } result;
static async int adds(result *to, int n) { await step(1); to->n += n; return n; }
static async int typed(int n) /* clang takes the type's name for the frame's member, if that is in a union */
{
	for (int i = 1; i < 3; i++)
		n += await step(i);
	result sum = {n};
	await adds(&sum, 1);
	return sum.n;
}
static async int typed_parameter(result of)
{
	int n = 0;
	for (int i = 1; i < 3; i++)
		n += await step(i);
	return n + of.n;
}
async int main(void) { printf("%d %d %d %d %d\n", await odd(1, 2, 3, 4, 5), await async__base(), await fields(5), await typed(4), await typed_parameter((result){2})); return 0; }
