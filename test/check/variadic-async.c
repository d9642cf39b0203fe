// The arguments of a variadic function are gone when it resumes.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: an async function cannot be variadic: its caller's arguments are gone when it resumes
#include <async.h>

async int step(int n);

async int f(int n, ...)
{
	return await step(n);
}
