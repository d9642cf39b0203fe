// What async_no_malloc promises holds: no memory is in use in the middle of a call that was not before it.
// RUN: %exec %s | FileCheck %s
// CHECK: 42 0
// CHECK-NEXT: 43 from the arena
#include <async.h>
#include <malloc.h>
#include <stdio.h>

static size_t inside;

static async int leaf(int n)
{
	char text[64];
	snprintf(text, sizeof text, "%d", n);
	await async_sleep(0.001);
	inside = mallinfo2().uordblks;
	return n + (text[0] == '4' ? 1 : 0);
}

static async_no_malloc async_frame_max(512) async int two(int n) { return await leaf(n); }
static async_no_malloc async int one(int n) { return await async_wait_for(two(n), 10); }
static async_noinline_frame async const char *apart(void) { await async_sleep(0); return "from the arena"; }

async int main(void)
{
	await one(1);
	size_t before = mallinfo2().uordblks;
	int n = await one(41);
	printf("%d %zu\n", n, inside - before);
	printf("%d %s\n", n + 1, await apart());
	return 0;
}
