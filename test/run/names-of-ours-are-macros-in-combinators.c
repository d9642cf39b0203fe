// The names that all that async C adds is made of may be macros, too.
// RUN: %exec %s | FileCheck %s
// CHECK: 424 16 3
// CHECK-NEXT: 11
#include <async.h>
#include <stdio.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int elsewhere(int port, const char *host);
#define base 9
#define result (1 + base)
#define caller_at 3
#define state 4
#define resume 5
#define function 6
#define line 7
#define status 8
#define f 10
#define error 11
#define task 12
#define points 13
#define name "n"
#define file "f"
#define abi 14
#define port 80
#define host "h"
#define seconds 1
#define handles 2
#define n_1 3
#define frame_size 4
#define step_1 5
static async int many(int count)
{
	int sum = base + state, list[state];
	for (int i = 0; i < count; i++)
		sum += await step(result + i) * status;
	async_task(int) t = async_create_task(step(line));
	int a, b;
	await async_gather(a = step(f), b = step(task));
	await async_sleep(0.001 * seconds);
	list[handles] = a + b;
	sum += await *t + await elsewhere(port, host);
	async_error e = await async_catch(a = step(error));
	async_try {
		sum += await async_wait_for(step(points), seconds);
		async_raise(7, "no %s", name);
	} async_except (what) {
		sum += what.code;
	} async_finally {
		sum += await step(abi);
	}
	return sum + list[handles] + e.code + (int)strlen(file name);
}
static async int simple(int x) { return x + base; }
int job(int a) { return a + resume; }
static async int pooled(int x) { return await async_run_in_executor(NULL, job(x + caller_at)) + function; }
async int elsewhere(int p, const char *h) { return p + (int)strlen(h) + await step(1); }
static int plain(void) { return async_run(simple(result)) + base; }
async int main(void)
{
	printf("%d %d %d\n", await many(3), await pooled(2), n_1);
	printf("%d\n", await simple(2));
	if (0) plain();
	return 0;
}
