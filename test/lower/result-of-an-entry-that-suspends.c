// An entry without a start of its own (a parameter has no name) returns zero, not what was on the stack, when an await through a
// pointer suspends in it.
// RUN: %asyncc --no-line %s -o %t.c -Wno-c23-extensions -Wno-c2x-extensions
// RUN: FileCheck %s < %t.c
// CHECK-LABEL: async _Bool second(int, int n)
// CHECK: _Bool async__result;
// CHECK: __builtin_memset((void *)&async__result, 0, sizeof async__result);
// CHECK: async__entry_run(async__f, &async__result, sizeof async__result);
#include <async.h>
async int step(int n);
async _Bool second(int, int n)
{
	return await step(n);
}
