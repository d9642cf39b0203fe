// What is passed for `...`, or listed by a va_list, is there until the first await.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// RUN: not test -e %t.c
// CHECK: c:21:15: error: a va_list is used after an await: what its caller has passed may be gone
// CHECK: c:22:8: note: this await may come before: take what is needed out of the va_list first
// CHECK: c:31:2: error: va_start after an await: the caller's arguments may be gone
// CHECK: c:39:25: error: a va_list is used after an await
// CHECK: c:46:25: error: a va_list is used after an await
// CHECK: c:53:16: error: a va_list is used after an await
// CHECK-NOT: error:
#include <async.h>
#include <stdarg.h>
#include <stdio.h>

async int step(int n);
async int in_a_loop(int n, ...)
{
	va_list list;
	va_start(list, n);
	while (n--) {
		n += va_arg(list, int);
		n += await step(n);
	}
	va_end(list);
	return 0;
}
#define BEGIN(list) va_start(list, n)
async int starts_late(int n, ...)
{
	va_list list; await step(n);
	BEGIN(list);
	va_end(list);
	return 0;
}
async int keeps_a_copy(char *text, const char *format, va_list list)
{
	struct { va_list list; } kept;
	va_copy(kept.list, list); await step(0);
	vsprintf(text, format, kept.list);
	va_end(kept.list);
	return 0;
}
async int on_one_way(int n, const char *format, va_list list)
{
	if (n) { await step(n); }
	return vprintf(format, list);
}
async int through_a_pointer(int n, ...)
{
	va_list list, *pointer = &list;
	va_start(list, n);
	await step(1);
	return va_arg(*pointer, int);
}
async int fine(int n, ...)
{
	va_list list;
	va_start(list, n);
	n = n ? va_arg(list, int) : 0;
	int m = await step(va_arg(list, int));
	va_end(list);
	return n + m;
}
