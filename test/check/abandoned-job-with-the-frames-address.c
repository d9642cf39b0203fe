// A job that is abandoned may outlive the frame: what is evidently in there is refused as its argument.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s --implicit-check-not=error:
// CHECK: c:23:{{[0-9]+}}: error: a job that is abandoned may outlive what this points to: pass a copy, or use async_run_in_executor
// CHECK: c:24:{{[0-9]+}}: error: a job that is abandoned
// CHECK: c:25:{{[0-9]+}}: error: a job that is abandoned
// CHECK: c:26:{{[0-9]+}}: error: a job that is abandoned
// CHECK: c:27:{{[0-9]+}}: error: a job that is abandoned
#include <async.h>

struct s { int n; int array[4]; };
int use(const int *p);
int take(struct s s);
static int global;

async int g(int x, struct s *pointer)
{
	int array[3] = {0};
	struct s s = {0};
	static int lasts;
	const int *q = pointer->array;

	x = await async_run_in_executor(NULL, use(&x));
	x = await async_run_in_executor_abandon(NULL, use(&x));
	x = await async_run_in_executor_abandon(NULL, use(array));
	x = await async_run_in_executor_abandon(NULL, use(&array[1]));
	x = await async_run_in_executor_abandon(NULL, use(&s.n));
	x = await async_run_in_executor_abandon(NULL, use(s.array));
	x += await async_run_in_executor_abandon(NULL, use(&global)) + await async_run_in_executor_abandon(NULL, use(&lasts));
	x += await async_run_in_executor_abandon(NULL, use(q)) + await async_run_in_executor_abandon(NULL, use(pointer->array));
	x += await async_run_in_executor_abandon(NULL, use(&pointer->n)) + await async_run_in_executor_abandon(NULL, use(q + 1));
	return await async_run_in_executor_abandon(NULL, take(s)) + x;
}
