// A CHECK line must not match its own text in our output: the wrapper blanks it, and keeps the line count.
// RUN: %asyncc %s -o %t.c
// RUN: not FileCheck %s --check-prefix=WRONG < %t.c
// WRONG: this text is nowhere else
// RUN: FileCheck %s --check-prefix=RIGHT < %t.c
// RIGHT: *async__result = 12345
// RIGHT-NOT: RIGHT-NOT
#include <async.h>

async int f(void)
{
	return 12345;
}
