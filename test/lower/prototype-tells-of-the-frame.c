// A prototype gives the start of the frame, and declares the function that sees to it.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct __attribute__((may_alias)) elsewhere__call {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: struct box result;
// CHECK-NEXT: int a;
// CHECK-NEXT: double *b;
// CHECK-NEXT: struct box c;
// CHECK: struct elsewhere__outcome {
// CHECK-NEXT: struct box result;
// CHECK-NEXT: async_status status;
// CHECK-NEXT: };
// CHECK-NEXT: struct elsewhere__outcome elsewhere__start(int a, double *b, struct box c);
// CHECK-LABEL: async_status user__resume(
// CHECK: elsewhere_1 = elsewhere__start(a, f->literal_1, (struct box){2});
#include <async.h>

struct box { int n; };
extern async struct box elsewhere(int a, double b[], struct box c);
static async int user(int a)
{
	return (await elsewhere(a, (double[]){1}, (struct box){2})).n;
}
async int main(void)
{
	return await user(1);
}
