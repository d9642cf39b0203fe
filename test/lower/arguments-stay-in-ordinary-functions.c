// Of a task that an ordinary function makes, the arguments stay where they are: there is no await, so their order is C's.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: async_detach(step__create_task(next(), next(), &(struct point){next(), 2}));
// CHECK: return count ? step__create_task_eager(next(), next(), NULL) : NULL;
// CHECK: return step__coroutine(next(), next(), &(struct point){1, next()});
// CHECK: async__wait_for_handle(step__create_task(next(), next(), NULL), next()
#include <async.h>

struct point { int x, y; };
static int count;
async int step(int a, int b, const struct point *p);

static int next(void)
{
	return ++count;
}

void detached(void)
{
	async_detach(async_create_task(step(next(), next(), &(struct point){next(), 2})));
}

async_task(int) eager(void)
{
	return count ? async_create_task_eager(step(next(), next(), NULL)) : NULL;
}

async_coro(int) later(void)
{
	return async_coroutine(step(next(), next(), &(struct point){1, next()}));
}

async_task(int) limited(void)
{
	return async_create_task(async_wait_for(step(next(), next(), NULL), next()));
}
