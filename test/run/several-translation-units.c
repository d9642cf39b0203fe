// Async functions of several files know each other by their prototypes alone; their addresses are those of plain functions.
// RUN: %asyncc_bin %s -iquote%S -I%include -o %t.1.c
// RUN: %asyncc_bin %S/Inputs/units-split.c -I%include -o %t.2.c
// RUN: %gcc -iquote%S -iquote%S/Inputs %t.1.c %t.2.c -o %t %lib/libasyncc.a -pthread -ldl
// RUN: %t | FileCheck %s
// RUN: %clang -iquote%S -iquote%S/Inputs %t.1.c %t.2.c -O2 -o %t %lib/libasyncc.a -pthread -ldl
// RUN: %t | FileCheck %s
// CHECK: 9 3 4 15 15 27
#include <async.h>
#include <stdio.h>
#include "Inputs/units.h"

static async int both(int n)
{
	struct pair (*function)(int) = split;
	struct pair pair = await function(n);
	return await join(pair) + (await split(n)).a * 0;
}

static async int totals(struct pair pair)
{
	int (*function)(int, ...) = total;
	return await total(1, pair) + await function(0) + 1;
}

int main(void)
{
	struct pair plain = split(7);
	printf("%d %d %d %d %d %d\n", both(9), plain.a, plain.b, totals(plain), total(1, plain) + 2, total(2, plain, plain) + 2);
	return 0;
}
