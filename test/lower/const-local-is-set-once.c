// The field of a const local is not const; a const array is copied into it once.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: {{^}}	int limit;
// CHECK: {{^}}	int table[3];
// CHECK-LABEL: async_status constants__resume(
// CHECK: __builtin_memcpy((void *)f->table, (void *)(int [3]){1, 2, 3}, sizeof f->table);
// CHECK: __builtin_memcpy((void *)&f->box,
// CHECK: look(f->table);
#include <async.h>

async int step(int n);
int pure(int n);
void look(const int *p);

async int constants(int n)
{
	const int limit = n + 1;
	const int table[3] = {1, 2, 3};
	const struct { const int id; int n; } box = {n, 2};
	look(table);
	await step(limit);
	return limit + table[n] + box.id;
}
