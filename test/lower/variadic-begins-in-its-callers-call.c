// A variadic function's arguments stay on its caller's stack: it begins in the call, and its va_start copies the caller's list.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct __attribute__((may_alias)) sum__frame {
// CHECK: int n;
// CHECK-NEXT: __builtin_va_list *async__arguments; /* valid until it suspends */
// CHECK: #define __builtin_va_start(list, ...) ((void)sizeof(__VA_ARGS__), __builtin_va_copy(list, *f->async__arguments))
// CHECK: va_start(list, n);
// CHECK: #undef __builtin_va_start
// CHECK: async int sum(int n, ...)
// CHECK: async__f->async__arguments = &async__arguments;
// CHECK: __builtin_va_start(async__arguments, n);
// CHECK-NEXT: async__entry_run(async__f, &async__result, sizeof async__result);
// CHECK-NEXT: __builtin_va_end(async__arguments);
// CHECK: struct __attribute__((may_alias)) elsewhere__call {
// CHECK: __builtin_va_list *async__arguments;
// CHECK: f->sum.n = n;
// CHECK-NEXT: status = async__start_variadic(&f->sum.base, sum__points, &f->sum.async__arguments, 1, 'c');
// CHECK: elsewhere_1->what = "x";
// CHECK-NEXT: status = async__start_variadic(&elsewhere_1->base, elsewhere__async.points, &elsewhere_1->async__arguments, 2.5f);
// CHECK: status = async__answered();
// CHECK: status = async__start_at_once(&by_list_1->base, by_list__async.points);
// CHECK: status = async__answered();
#include <async.h>
#include <stdarg.h>

async double elsewhere(const char *what, ...);
async int by_list(int n, va_list list);
async int sum(int n, ...)
{
	va_list list;
	va_start(list, n);
	n = va_arg(list, int);
	va_end(list);
	return n;
}
async int use(int n, int (*function)(int, ...))
{
	n = await sum(n, 1, 'c');
	n += await elsewhere("x", 2.5f);
	return n + await function(1, n);
}
async int g(va_list list)
{
	return await by_list(1, list);
}
async int h(int (*v)(int, va_list), va_list list)
{
	return await v(1, list);
}
