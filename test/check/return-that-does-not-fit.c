// A return without a value, or with one that nobody takes, is clang's error in C as well: its result would be unset.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
#include <async.h>
async void step(void);
int plain(void);

// CHECK: return-that-does-not-fit.c:[[@LINE+5]]:3: error: non-void function 'number' should return a value
async int number(int n)
{
	await step();
	if (n)
		return;
	return 1;
}

// CHECK: return-that-does-not-fit.c:[[@LINE+4]]:2: error: void function 'nothing' should not return a value
async void nothing(void)
{
	await step();
	return plain();
}

// CHECK-NOT: error
async void of_void(int n)
{
	if (n)
		return (void)plain();
	return await step();
}
