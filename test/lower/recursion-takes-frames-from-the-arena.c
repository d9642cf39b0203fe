// A function that awaits itself, or one that awaits it, takes the frame from the task's arena.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct odd__call *odd_1;
// CHECK-LABEL: async_status even__resume(
// CHECK: odd_1 = async__push_frame(&odd__async, &f->base);
// CHECK: struct even__frame even;
// CHECK: odd__resume(
// CHECK: async__prepare(&f->even.base, even__resume, &f->base);
// CHECK: fib__resume(
// CHECK: fib_1 = async__push_frame(&fib__async, &f->base);
// CHECK: fib_2 = async__push_frame(&fib__async, &f->base);
// CHECK: async__prepare(&f->even.base,
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
