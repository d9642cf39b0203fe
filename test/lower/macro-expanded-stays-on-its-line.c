// What comes out of a macro is on the line of the invocation, however many it had; what follows is on its own.
// RUN: %asyncc %s -o - | FileCheck %s
// CHECK: main__points[] = {
// CHECK: {main__resume, &main__async, "async_sleep(0)", 25, main_at_await_1, 0},
// CHECK-NEXT: {main__resume, &main__async, "check( 1)", 28, main_at_await_2, __builtin_offsetof(struct main__frame, check)},
// CHECK: async__trace(&main__async, 28);
// CHECK: #line 28 "macro-expanded-stays-on-its-line.c"
// CHECK-NEXT: if (!(f->check.result)) { f->result = 30; return ASYNC_DONE; } } while (0)
// CHECK-EMPTY:
// CHECK-NEXT: ;
// CHECK-NEXT: puts("line 31");
#include <async.h>
#include <stdio.h>

#define CHECK_(x) do { if (!(x)) return __LINE__; } while (0)

async int check(int n)
{
	await async_sleep(0);
	return n;
}

async int main(void)
{
	await async_sleep(0);


	CHECK_(
		await check(
			1));
	puts("line 31");
	return 0;
}
