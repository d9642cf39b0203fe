// The tool that compares compilers fails when two of them print different things, and when a program does not compile.
// RUN: not %exec %s 2>&1 | FileCheck %s
// CHECK: exec: gcc -O2 prints
// CHECK: but clang
// RUN: not %exec %s -DBROKEN 2>&1 | FileCheck %s --check-prefix=BROKEN
// BROKEN: exec: exit status
#include <stdio.h>

int main(void)
{
#ifdef BROKEN
	return undeclared;
#endif
#ifdef __clang__
	puts("clang");
#else
	puts("gcc");
#endif
	return 0;
}
