// What has to be aligned more than malloc aligns: arrays of a run-time size, and __builtin_alloca_with_align, whose unit is bits.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status aligned__resume(
// CHECK: f->text_1 = async__alloc_aligned(_Alignof(struct { _Alignas(64) char of; }), sizeof(char [f->text_bound_1]));
// CHECK-NEXT: if (!f->text_1) {
// CHECK: f->wides_1 = async__alloc_aligned(_Alignof(struct wide), sizeof(struct wide [f->wides_bound_1][f->wides_bound_2]));
// CHECK: f->plain_1 = __builtin_malloc(sizeof(long [f->plain_bound_1]));
// CHECK: async__alloca_aligned(&f->blocks_1, n, (8 * 32) / 8)
#include <async.h>

struct wide { _Alignas(128) char c; };
async int aligned(int n)
{
	_Alignas(64) char text[n];
	struct wide wides[2][n];
	long plain[n] __attribute__((unused));
	char *stack = __builtin_alloca_with_align(n, 8 * 32);
	stack[0] = text[0] = wides[1][0].c = 1;
	await async_sleep(0);
	return stack[0] + text[0] + wides[1][0].c;
}
