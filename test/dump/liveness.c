// --dump=live names what must survive each await; what is dead, or set again before it is read, is not among them.
// RUN: %asyncc %s --dump=live | FileCheck %s
// CHECK: await_1 12: `await async_sleep(0)` live: kept{{$}}
// CHECK: await_2 16: `await async_sleep(1)` live:{{$}}
// RUN: %asyncc %s --dump=tree | grep await
// RUN: %asyncc %s --dump=ops | grep await_2
#include <async.h>

async int f(int kept, int dead)
{
	int set_again = dead;
	await async_sleep(0);
	set_again = kept;
	kept += set_again;

	await async_sleep(1);
	return 0;
}
