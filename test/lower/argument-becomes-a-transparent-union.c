// An argument that a call makes a transparent union of becomes one where it is assigned: to a field, a job, a temporary.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -Wall -Wextra -Werror -fsyntax-only %t.c
// CHECK-LABEL: async_status walk__resume(
// CHECK: number_at.where = (union place){ .f = x };
// CHECK: number_at.where = (union place){ .i = NULL };
// CHECK: operand_1 = (union place){ .f = shared };
// CHECK: job_1->arg_1 = (union place){ .f = x };
#include <async.h>
#include <stddef.h>
union __attribute__((transparent_union)) place {
	int *i;
	float *f;
};
int plain(union place where, int n);
async int next(void);
extern float *shared;
static async int number_at(union place where)
{
	await next();
	return where.i ? (int)*where.f : -1;
}
async int walk(float *x)
{
	int r = await number_at(x);
	r += await number_at(NULL);
	r += plain(shared, await next());
	r += await async_run_in_executor(NULL, plain(x, 1));
	return r + plain(x, 2);
}
