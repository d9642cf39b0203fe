// Arms of a _Generic that do not have its type are gone; among the others the _Generic itself tells, at compile time.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status chosen__run(
// CHECK-NOT: "never"
// CHECK: if (_Generic(n, int: 1, long: 0, char *: 0, default: 0)) {
// CHECK: chosen_1 = result_1;
// CHECK: if (_Generic(n, int: 0, long: 1, char *: 0, default: 0)) {
// CHECK: chosen_2 = pure(3);
#include <async.h>

async int step(int n);
int pure(int n);
async char *text(const char *name);

async int chosen(long n)
{
	return _Generic(n, int: await step(1), long: await step(2), char *: await text("never"), default: pure(3));
}
