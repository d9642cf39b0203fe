// An alias is another name of an entry: of a frame, a starter or a descriptor there is none.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
#include <async.h>

async int one(void) { return 1; }
async int other(void) __attribute__((alias("one")));

async int both(void)
{
	// CHECK: [[@LINE+1]]:16: error: 'other' is an alias, which only ordinary C can call: await the function that it stands for
	int n = await other();
	// CHECK: [[@LINE+1]]:43: error: 'other' is an alias
	async_task(int) task = async_create_task(other());
	return n + await *task;
}

int plain(void) { return other(); }
