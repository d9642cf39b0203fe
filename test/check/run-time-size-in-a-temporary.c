// A pointer to an array of a run-time size cannot wait for an await in a temporary.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: this value points to something of a run-time size, and has to be kept while an await runs
#include <async.h>

async int step(int n);
void *get(void);
int use(int n, int (*p)[n], int m);

async int f(int n)
{
	return use(n, (int (*)[n])get(), await step(n));
}
