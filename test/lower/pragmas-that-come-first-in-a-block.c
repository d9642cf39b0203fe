// #pragma STDC may stand at the beginning of a block only: a body that begins with one keeps its braces, and what is declared there before it is ours.
// RUN: %asyncc --no-line %s -o %t.c && FileCheck %s < %t.c
// RUN: %clang -Wno-ignored-pragmas -Wno-unknown-pragmas -fsyntax-only %t.c
// RUN: %gcc -Wno-unknown-pragmas -fsyntax-only %t.c
#include <async.h>

// CHECK-LABEL: static async_status plain__resume(
// CHECK: goto await_2;
// CHECK-NEXT: }
// CHECK-NEXT: x = f->x;
// CHECK-NEXT: {
// CHECK-NEXT: #pragma STDC FENV_ACCESS ON
// CHECK-NEXT: {{.*}}y = x;
async double plain(double x)
{
#pragma STDC FENV_ACCESS ON
	double y = x;
	await async_sleep(0);
	{
#pragma STDC FP_CONTRACT OFF
		double z = y * x + 1;
		await async_sleep(0);
		y += z;
	}
	return y;
}

async double by_operator(double x)
{
	_Pragma("STDC FP_CONTRACT ON")
	double y = x;
	while (y < 10) {
#pragma STDC FP_CONTRACT OFF
		y = y * x + 2;
		await async_sleep(0);
	}
	if (y > 100) {
		_Pragma("STDC CX_LIMITED_RANGE ON")
		await async_sleep(y);
	}
	return y;
}

void drop(int *n);
async void cleaned(void)
{
#pragma STDC FENV_ACCESS ON

	__attribute__((cleanup(drop))) int a = 1;
again:
	await async_sleep(a);
	if (a++ < 3)
		goto again;
}
