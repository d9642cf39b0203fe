// An error in what a macro became is shown where the user wrote it: an argument by itself, else the invocation.
// RUN: not %asyncc %s -o - 2>&1 >/dev/null | FileCheck %s
// CHECK: macro-error-shows-the-invocation.c:[[#@LINE+19]]:9: error: cannot await a call of 'plain', which is not async
// CHECK-NEXT: CHECK_(await plain(n)); f(1);
// CHECK-NEXT: {{^	       \^~~~~~~~~~~~~~$}}
// CHECK: :[[#@LINE+16]]:26: error: async function 'f' called without await
// CHECK: :[[#@LINE+16]]:2: error: async function 'f' called without await
// CHECK-NEXT: MISS(n);
// CHECK-NEXT: ^~~~~~~
// CHECK-NEXT: note: expanded from macro 'MISS'
// CHECK-NEXT: (f(n))
#include <async.h>

#define CHECK_(x) do { int e_ = (x); if (e_) return e_; } while (0)
#define MISS(x) CHECK_(f(x))

int plain(int n);
async int f(int n);

async int g(int n)
{
	CHECK_(await plain(n)); f(1);
	MISS(n);
	return 0;
}
