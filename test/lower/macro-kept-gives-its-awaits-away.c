// The C compiler's own macros are not expanded, as clang's are not gcc's: an argument with an await is computed before.
// RUN: %asyncc %s --no-line -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status add__resume(
// CHECK: atomic_fetch_add_1 = target();
// CHECK: one__points
// CHECK: atomic_fetch_add_2 = f->one.result;{{ *}}atomic_fetch_add(atomic_fetch_add_1, atomic_fetch_add_2);
#include <async.h>
#include <stdatomic.h>

_Atomic int *target(void);

async int one(int n)
{
	await async_sleep(0);
	return n;
}

async void add(void)
{
	atomic_fetch_add(target(), await one(1));
}
