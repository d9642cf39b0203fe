// async_frame_max is about the frame's true size, with everything that is embedded; a declaration can say it, and a macro.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s --implicit-check-not=error:
// CHECK: error: the frame of 'keeps' takes 6{{[0-9]+}} bytes; async_frame_max allows 512
// CHECK: note: 600 of them are 'kept'
// CHECK: error: the frame of 'embeds' takes {{[0-9]+}} bytes; async_frame_max allows 624
// CHECK: note: {{[0-9]+}} of them are 'keeps'
// CHECK: error: async_frame_max takes a number of bytes, written out; not '64 * 4'
#include <async.h>
#define BUDGET 512

void use(void *);
async_frame_max(BUDGET) async int keeps(int n);

async int keeps(int n)
{
	char kept[600];
	use(kept);
	await async_sleep(n);
	use(kept);
	return n;
}

async_frame_max(624) async int embeds(int n) { return await keeps(n); }
async_frame_max(64 * 4) async int sums(int n) { return await keeps(n); }
async_frame_max(0x80) async int fits(int n) { await async_sleep(n); return n; }
