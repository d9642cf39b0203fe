// The error of an async_except that nobody reads, and a status that only an error sets, are no unused variables.
// RUN: %exec %s | FileCheck %s
// CHECK: caught
// CHECK-NEXT: failed 22
#include <async.h>
#include <errno.h>
#include <stdio.h>

static async void fails(int code)
{
	if (code)
		async_raise(code, "no luck");
}

static async void quiet(void)
{
	async_try {
		await fails(EINVAL);
	}
	async_except (err) {
		puts("caught");
	}
}

async int main(void)
{
	await quiet();
	async_error e = await async_catch(fails(EINVAL));
	printf("failed %d\n", e.code);
	return 0;
}
