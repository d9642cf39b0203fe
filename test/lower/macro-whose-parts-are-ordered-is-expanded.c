// Beside an await the order of evaluation is ours to say: where the C compiler could choose one inside of a macro, the macro is
// expanded.  Where it has no choice that shows, or no await is beside it, the macro stays.
// RUN: %asyncc %s --no-line -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status total__resume(
// CHECK: operand_1 = next();
// CHECK: operand_2 = (operand_1 + next());
// CHECK: n += f->one.result + ONE_OF(p, q);
// CHECK: operand_3 = ONE_OF(p, q);
// CHECK: f->result = SUM(next(), next());
#include <async.h>

#define SUM(a, b) (a + b)
#define ONE_OF(a, b) (*(a) ? *(a) : *(b))
int next(void);

static async int one(void)
{
	await async_sleep(0);
	return 1;
}

async int total(int *p, int *q)
{
	int n = SUM(next(), next()) + await one();
	n += await one() + ONE_OF(p, q);
	if (n)
		n = ONE_OF(p, q) + await one();
	return SUM(next(), next());
}
