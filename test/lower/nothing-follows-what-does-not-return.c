// Behind a call that does not return, and behind an endless loop, no end is made up that warns.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status never__resume(
// CHECK: exit(1);
// CHECK: for (;;) {
// CHECK: step_2 = step__start(2);
// CHECK: return ASYNC_DONE;
// CHECK-NEXT: }
// CHECK: async__entry(&forever__async,
// CHECK: async__came_back(&forever__async);
#include <async.h>

async int step(int n);
int pure(int n);
#include <stdlib.h>

async int never(int n)
{
	if (n) {
		await step(n);
		exit(1);
	}
	for (;;)
		await step(2);
}
_Noreturn async void forever(void)
{
	for (;;)
		await step(3);
}
// The await of such a function does not fall through to what comes next, in GNU C's spelling, too.
// RUN: %gcc -Wall -Wextra -Werror -fsyntax-only %t.c
// CHECK-LABEL: async_status choose__run(
// CHECK: await_1:
// CHECK: __builtin_trap();
// CHECK: case 2:
// CHECK: async__came_back(&stop__async);
__attribute__((noreturn)) async void stop(int n);
async int choose(int n)
{
	switch (n) {
	case 1:
		await stop(n);
	case 2:
		await step(2);
	}
	return n;
}
async void stop(int n)
{
	await step(n);
	exit(n);
}
