// With -fPIC another library may replace a visible function: its frame is not embedded.
// RUN: %asyncc --no-line -fPIC %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status both__resume(
// CHECK: visible_1 = visible__start(1);
// CHECK: async__start(&f->own.base, own__points);
#include <async.h>

async int visible(int n)
{
	await async_sleep(0);
	return n;
}
static async int own(int n)
{
	await async_sleep(0);
	return n;
}
async int both(void)
{
	return await visible(1) + await own(2);
}
