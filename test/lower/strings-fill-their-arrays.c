// char a[3] = "abc" takes three bytes, char b[8] = {"x"} eight: no byte more.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status strings__resume(
// CHECK: __builtin_memcpy(f->a, (char [3]){"abc"}, sizeof f->a);
// CHECK: __builtin_memcpy(f->b, (char [8]){"x"}, sizeof f->b);
// CHECK: (char [5]){"list"}
#include <async.h>
#ifdef __clang__ /* from 21 on it has something to say of a string without its zero */
#if __has_warning("-Wunterminated-string-initialization")
#pragma clang diagnostic ignored "-Wunterminated-string-initialization"
#endif
#endif

async int step(int n);
int pure(int n);
void fill(char *a, char *b);

async int strings(void)
{
	char a[3] = "abc", b[8] = {"x"};
	const char list[] = "list";
	fill(a, b);
	await step(1);
	return a[0] + b[7] + list[2];
}
