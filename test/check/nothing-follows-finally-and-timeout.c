// What stands behind an async_finally or an async_timeout, which are an `if` to C, would be lost.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>
async int step(int n);
async int f(int n)
{
	async_try {
		await step(n);
// CHECK: [[#@LINE+2]]:4: error: async_except has to stand before the async_finally
	} async_finally {
	} async_except (e) {
		n = e.code;
	}
	async_try {
		await step(n);
// CHECK: [[#@LINE+2]]:4: error: async_except has to stand before the async_finally
	} async_finally {
	} async_except_error (e) {
		n = e.code;
	}
	async_try {
		await step(n);
	} async_except (e) {
		n = e.code;
	} async_finally {
		n++;
	}
// CHECK: [[#@LINE+1]]:7: error: an async_finally has no else
	else {
		n--;
	}
	async_timeout (1) {
		n = 3;
	}
// CHECK: [[#@LINE+1]]:7: error: an async_timeout has no else
	else {
		await step(n);
	}
	if (n)
		async_timeout (1)
			await step(n);
// CHECK: [[#@LINE+2]]:3: error: an async_timeout has no else
	else
		n--;
	return n;
}
// CHECK-NOT: error
