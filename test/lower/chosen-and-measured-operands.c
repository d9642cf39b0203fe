// offsetof and __builtin_choose_expr keep their form; va_arg keeps the type it was written with.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status measure__resume(
// CHECK: operand_1 = offsetof(struct s, b[2]);
// CHECK: operand_2 = __builtin_va_arg(args, unsigned char *);
// CHECK-NOT: "never"
// CHECK: operand_3 = operand_1 + operand_2[result_1];
// CHECK: f->result = operand_3 + (result_2);
#include <async.h>

async int step(int n);
int pure(int n);
#include <stddef.h>
struct s { int a, b[4]; };

async long measure(__builtin_va_list args)
{
	return offsetof(struct s, b[2]) + __builtin_va_arg(args, unsigned char *)[await step(2)] + __builtin_choose_expr(1, await step(1), "never");
}
