// Without clang a macro that has to be expanded is an error that says what would help; other macros are none.
// RUN: not env ASYNCC_CLANG=/no/clang %asyncc %s -o - 2>&1 | FileCheck %s
// RUN: env ASYNCC_CLANG=/no/clang %asyncc %s -DCLEAN -o %t.c
// CHECK: macro-needs-clang.c:[[#@LINE+13]]:2: error: macro 'CHECK_' has a keyword of async.h in it: it has to be expanded, but '/no/clang' does not run: No such file or directory
// CHECK-NEXT: CHECK_(await async_sleep(0));
// CHECK: note: install clang, or let ASYNCC_CLANG in the environment be the path of one
// CHECK-NOT: resume
#include <async.h>
#include <assert.h>

#define CHECK_(x) do { (x); } while (0)

async int main(void)
{
	assert(1);
#ifndef CLEAN
	CHECK_(await async_sleep(0));
#endif
	return 0;
}
