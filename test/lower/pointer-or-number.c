// Arms of which one is a pointer and one a number draw a warning where they stand, not an error in what they become.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: gcc -w -I%include -fsyntax-only %t.c
// RUN: %clang_bin -w -I%include -fsyntax-only %t.c
// CHECK: chosen_1 = (char *)(result_1);
#include <async.h>

async int step(int n);

async char *arms(int n)
{
	return n ? (char *)0 : await step(1);
}
