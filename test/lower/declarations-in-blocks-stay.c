// Prototypes, externs, typedefs and enumerators of a block keep their meaning.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: enum { LIMIT = 10 };
// CHECK: enum { inside__LIMIT = 3 };
// CHECK-LABEL: async_status inside__resume(
// CHECK: extern int shared;
// CHECK-NEXT: int elsewhere(inside__byte);
// CHECK: f->result = b + inside__LIMIT + shared + elsewhere(b);
// CHECK: outside__resume(
// CHECK: f->result = LIMIT;
#include <async.h>

async int step(int n);
int pure(int n);
enum { LIMIT = 10 };

async int inside(int n)
{
	enum { LIMIT = 3 };
	typedef unsigned char byte;
	extern int shared;
	int elsewhere(byte);
	byte b = LIMIT;
	await step(n);
	return b + LIMIT + shared + elsewhere(b);
}
async int outside(int n)
{
	await step(n);
	return LIMIT;
}
