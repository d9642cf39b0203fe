// An await in what an OpenMP directive is about is refused, with -fopenmp and without; so is a directive that names what has moved.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// RUN: not %asyncc -fopenmp %s -o %t.c 2>&1 | FileCheck %s
// RUN: not %asyncc -DNAMES %s -o %t.c 2>&1 | FileCheck %s --check-prefix=NAMES
// RUN: not %asyncc -fopenmp -DNAMES %s -o %t.c 2>&1 | FileCheck %s --check-prefix=NAMES
// CHECK: await-in-an-openmp-region.c:23:8: error: an await in what an OpenMP directive is about: its threads cannot suspend together
// CHECK: c:26:32: error: an await in what an OpenMP directive is about
// CHECK-NOT: error:
// NAMES: await-in-an-openmp-region.c:37:1: error: OpenMP cannot name 'a', which is 'frame->a' after lowering: put this into an ordinary function
// NAMES: c:41:1: error: default(none) in an async function
// NAMES-NOT: error:
#include <async.h>

async int f(int x);

#ifndef NAMES
async int g(int n)
{
	int s = 0;
#pragma omp parallel for \
	reduction(+:s)
	for (int i = 0; i < n; i++) {
		s += await f(i);
	}
#pragma omp task
	if (n) while (n > 1) n -= s = await f(n);
#pragma omp barrier
	return s + await f(1);
}
#else
async int h(int n)
{
	int s = 0, a[4] = {n};
	s += await f(1);
#pragma omp parallel for reduction(+:s)
	for (int i = 0; i < 4; i++) s += a[i];
#pragma omp parallel for shared(a)
	for (int i = 0; i < 4; i++) a[i] = i;
	s += await f(2);
	int t = 1;
#pragma omp parallel default(none) shared(t)
	t++;
	return s + a[0] + t;
}
#endif
