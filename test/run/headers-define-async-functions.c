// Static async functions of a header are lowered into the file that awaits them; ordinary C calls the header's own.
// RUN: %exec %s | FileCheck %s
// CHECK: 4 10
#include <async.h>
#include <stdio.h>
static async int before(void) { await async_sleep(0); return 1; }
#include "Inputs/inline-async.h"
static int plain(int n) { return from_header(n); }
static async int both(void)
{
	async_task(int) task = async_create_task(from_header(2));
	return await *task + await also_static(1);
}
int main(void)
{
	printf("%d %d\n", before() + both(), plain(4));
	return 0;
}
