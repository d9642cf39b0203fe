// One statement that becomes several gets braces where a statement stood alone.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status arms__resume(
// CHECK: if (n) {
// CHECK: else {
// CHECK: while (n--) {
// CHECK: if (n) {{{.*}}end:
// CHECK: n = result_1;
#include <async.h>

async int step(int n);
int pure(int n);
async int arms(int n)
{
	if (n)
		await step(1);
	else
		await step(2);
	while (n--)
		await step(3);
	if (n) end:
		n = await step(4);
	if (n == 7)
		goto end;
	return n;
}
