// A weak async function is the one that runs if there is no other, and gives way to one of another file: to whoever awaits it,
// by name, as a task and through a pointer, and to ordinary C.
// RUN: %asyncc --no-line %s -o %t.1.c
// RUN: FileCheck %s --check-prefix=TEXT < %t.1.c
// TEXT: {{^}}__attribute__((weak)) const async_function hook__async = {
// RUN: %asyncc_bin %S/Inputs/hook.c -I%include -o %t.2.c
// RUN: %gcc -O2 -iquote%S %t.1.c -o %t.alone %lib/libasyncc.a -pthread -ldl && %t.alone | FileCheck %s --check-prefix=ALONE
// RUN: %gcc -O2 -iquote%S -iquote%S/Inputs %t.1.c %t.2.c -o %t.both %lib/libasyncc.a -pthread -ldl && %t.both | FileCheck %s --check-prefix=BOTH
// RUN: %clang -O2 -iquote%S -iquote%S/Inputs %t.2.c %t.1.c -o %t.both %lib/libasyncc.a -pthread -ldl && %t.both | FileCheck %s --check-prefix=BOTH
// ALONE: 2 3 4 5
// BOTH: 10 20 30 40
#include <stdio.h>
#include "Inputs/hook.h"

__attribute__((weak)) async int hook(int n)
{
	return n + 1;
}

static async int all(void)
{
	int (*pointer)(int) = hook;
	int named = await hook(1), task = await *async_create_task(hook(2)), pointed = await pointer(3);
	printf("%d %d %d ", named, task, pointed);
	return 0;
}

int main(void)
{
	all();
	printf("%d\n", hook(4));
	return 0;
}
