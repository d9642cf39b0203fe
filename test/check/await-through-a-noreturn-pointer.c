// What comes behind an await through a pointer would be gone if the compiler knew that the call does not return.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-through-a-noreturn-pointer.c:9:{{[0-9]+}}: error: an await through a pointer has to come back, and what this points to is declared noreturn
// CHECK-NOT: error
#include <async.h>

async void f(void (*stop)(int) __attribute__((noreturn)), void (*go)(int))
{
	await stop(1);
	await go(1);
}
