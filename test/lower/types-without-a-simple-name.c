// _Complex, __int128, vectors, __auto_type and enum locals have the types clang tells.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: enum kind kind;
// CHECK: enum kind same;
// CHECK: unsigned __int128 wide;
// CHECK: v4 v;
// CHECK: _Complex double z;
// CHECK-LABEL: async_status types__resume(
// CHECK: f->v = (v4){1};
// CHECK: p = &f->v;
#include <async.h>

async int step(int n);
int pure(int n);
typedef float v4 __attribute__((vector_size(16)));
enum kind { A, B };

async int types(enum kind kind)
{
	double _Complex z = 1;
	unsigned __int128 wide = 2;
	v4 v = {1};
	__auto_type same = kind;
	__typeof__(&v) p = &v;
	await step(1);
	return (int)__real__ z + (int)wide + (int)(*p)[0] + same;
}
