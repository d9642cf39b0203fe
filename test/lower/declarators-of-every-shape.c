// Function pointers, arrays of pointers and pointers to arrays are declared by their type, not by their spelling.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: int (*grid)[3];
// CHECK-NEXT: int (*by)(int);
// CHECK-NEXT: const char *const *names;
// CHECK-NEXT: int (*call)(int);
// CHECK-NEXT: int *(*table[2])(int, char *);
// CHECK-NEXT: int (**deep)(int);
// CHECK-LABEL: async_status shapes__resume(
// CHECK: f->result = (*deep)(f->grid[1][2]) + !f->table[0] + by(2) + names[0][0];
#include <async.h>

async int step(int n);
int pure(int n);
int twice(int n);

async int shapes(int (*grid)[3], int by(int), const char *const names[])
{
	int (*call)(int) = twice, *(*table[2])(int, char *) = {0}, (**deep)(int) = &call;
	await step(1);
	return (*deep)(grid[1][2]) + !table[0] + by(2) + names[0][0];
}
