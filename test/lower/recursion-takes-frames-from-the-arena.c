// A function that awaits itself, or one that awaits it, takes its frame from the task's arena, at its first await.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status even__run(
// CHECK: if (!f) {
// CHECK-NEXT: f = *async__made = async__push_frame(&even__async);
// CHECK-NEXT: if (!f)
// CHECK-NEXT: return ASYNC_FAILED;
// CHECK-NEXT: f->n = n;
// CHECK-NEXT: }
// CHECK-NEXT: odd_1 = odd__start(n - 1);
// CHECK: struct even__frame even;
// CHECK: odd__run(
// CHECK: async__start(&f->even.base, even__points);
// CHECK: fib__run(
// CHECK: if (!f) {
// CHECK: f->n = n;
// CHECK-NEXT: }
// CHECK-NEXT: fib_1 = fib__start(n - 1);
// CHECK-NOT: if (!f) {
// CHECK: fib_2 = fib__start(n - 2);
// CHECK: async__start(&f->even.base, even__points);
#include <async.h>

async int step(int n);
int pure(int n);
static async int odd(int n);
static async int even(int n)
{
	return n == 0 ? 1 : await odd(n - 1);
}
static async int odd(int n)
{
	return n == 0 ? 0 : await even(n - 1);
}
async int fib(int n)
{
	return n < 2 ? n : await fib(n - 1) + await fib(n - 2) + await even(n);
}
