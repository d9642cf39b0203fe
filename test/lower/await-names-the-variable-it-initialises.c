// A variable that parts of its own initialiser name before it is declared stands at the top; a bound is kept before them.
// RUN: %asyncc %s | FileCheck %s
#include <async.h>

struct item {
	long n;
};
async void *get(unsigned long size);

// CHECK-LABEL: pointer__resume(
// CHECK: struct item *new;
// CHECK: get__start(sizeof *new);
// CHECK-NOT: struct item *new
// CHECK: new = result_1;
async long pointer(void)
{
	struct item *new = await get(sizeof *new);
	return new->n;
}

// CHECK-LABEL: rows__resume(
// CHECK: row_bound_1 = n;
// CHECK: get__start(3 * sizeof *(*(int (**)[f->row_bound_1])&f->row_1)
async int rows(int n)
{
	int (*row)[n] = await get(3 * sizeof *row);
	return (*row)[0];
}
