// A syntax error is clang's to report; there is no output then.
// RUN: rm -f %t.c
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
// CHECK: syntax-error.c:11:10: error: expected ';' after return statement
// CHECK-NOT: asyncc: internal error
#include <async.h>

async int f(int x)
{
	return x
}
