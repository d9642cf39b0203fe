// Locals of one name are different fields; a debugger still finds the name.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: double x_2;
// CHECK: char *x_3;
// CHECK-LABEL: async_status shadows__resume(
// CHECK: sum = x;
// CHECK: x_2 = sum;
// CHECK: x_3 = "text";
// CHECK: sum += *x_3;
// CHECK: sum += x_2;
// CHECK: x_4 = 3;
// CHECK: sum += x_4;
// CHECK: f->result = sum + x;
#include <async.h>

async int step(int n);
int pure(int n);
async int shadows(int x)
{
	int sum = x;
	{
		double x = sum;
		{
			char *x = "text";
			await step(1);
			sum += *x;
		}
		sum += x;
	}
	{
		long x = 3;
		await step(2);
		sum += x;
	}
	return sum + x;
}
