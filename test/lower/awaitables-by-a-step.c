// An awaitable that is awaited by a step: the step is called by its name, so that the C compiler can put it there.  As a task of its own, in
// which a function of the library awaits it, the step becomes the object's.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: awaited__resume(
// CHECK: case awaited_at_await_1:
// CHECK-NEXT: if (status != ASYNC_FAILED)
// CHECK-NEXT: goto again_1;
// CHECK-NEXT: goto await_1;
// CHECK: again_1:
// CHECK-NEXT: status = async__await_object_by(&f->base, &awaited__points[awaited_at_await_1], &(&f->two)->awaitable, count, &result_1);
// CHECK-NEXT: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: return ASYNC_SUSPENDED;
// CHECK: await_1:
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK-LABEL: kept__resume(
// CHECK: object_1 = &(next())->awaitable;
// CHECK-NEXT: again_1:
// CHECK-NEXT: status = async__await_object_by(&f->base, &kept__points[kept_at_await_1], object_1, count, &result_1);
// CHECK-LABEL: started__resume(
// CHECK: async__object_task_by(&(&f->three)->awaitable, count, sizeof(int))
#include <async.h>

struct countdown {
	async_awaitable_t awaitable;
	int left;
};

static inline async_status count(struct async_awaitable *self, void *result)
{
	struct countdown *countdown = (struct countdown *)self;

	if (countdown->left-- > 0) {
		async_wake_soon();
		return ASYNC_SUSPENDED;
	}
	*(int *)result = 7;
	return ASYNC_DONE;
}

struct countdown *next(void);

async int awaited(void)
{
	struct countdown two = {.left = 2};

	return await async_awaitable_by(int, &two, count);
}

async void kept(void)
{
	(void)await async_awaitable_by(int, next(), count);
}

async int started(void)
{
	struct countdown three = {.left = 3};
	async_task(int) task = async_create_task(async_awaitable_by(int, &three, count));

	return await *task;
}
