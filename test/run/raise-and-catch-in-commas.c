// async_raise and async_catch are whole expressions: what follows them behind a comma is not theirs.
// RUN: %exec %s | FileCheck %s
// CHECK: 90
// CHECK-NEXT: 3 0 caught
// CHECK-NEXT: 4 0 caught
// CHECK-NEXT: 5 0 caught
// CHECK-NEXT: 210
#include <async.h>
#include <stdio.h>
static int steps;
static async int step(int n) { steps++; await async_sleep(0); return n; }
static async int raises(int n) { return async_raise(n, "caught"), await step(n); }
static async int raises_value(int n) { async_error e = {.code = n, .message = "caught"}; return n ? (async_raise_error(e), await step(n)) : (await step(1), await step(2)); }
static async int raises_again(int n)
{
	async_try {
		await raises(n);
	} async_except (e) {
		n = (async_reraise(), await step(n + e.code));
	}
	return n;
}
static int caught(int n)
{
	int r = 0;
	int last = (async_catch(r = step(n)), n + 2);
	for (async_catch(r += step(1)), last++; last < 10; last++, async_catch(step(1)))
		r++;
	return r * 10 + last;
}
static async int catches(int n)
{
	int r = 1, x = (await async_catch(r = step(n)), r + await step(1));
	return await async_catch(step(2)), x - 1 + r;
}
static async int all(void)
{
	int (*const functions[])(int) = {raises, raises_value, raises_again};
	for (int i = 0; i < 3; i++) {
		steps = 0;
		async_error e = await async_catch(functions[i](i + 3));
		printf("%d %d %s\n", e.code, steps, e.message);
	}
	return await raises_value(0) * 100 + await catches(5);
}
int main(void)
{
	printf("%d\n", caught(5));
	printf("%d\n", async_run(all()));
	return 0;
}
