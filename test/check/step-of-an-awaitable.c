// The step that an awaitable is awaited by is called after every wake-up: it has to be the same function then.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: :[[@LINE+18]]:41: error: the step of an awaitable has to be the name of a function: a pointer goes into the object
// CHECK: :[[@LINE+18]]:41: error: the step of an awaitable has to be the name of a function: a pointer goes into the object
// CHECK: :[[@LINE+24]]:41: error: the async function 'suspends' cannot be the step of an awaitable: a step does not suspend, it answers ASYNC_SUSPENDED
// CHECK-NOT: error:
#include <async.h>

struct object {
	async_awaitable_t awaitable;
	async_status (*other)(struct async_awaitable *self, void *result);
};

async_status one(struct async_awaitable *self, void *result);
async_status two(struct async_awaitable *self, void *result);

async void pointers(struct object *object, int n)
{
	await async_awaitable_by(void, object, one);
	await async_awaitable_by(void, object, (one));
	await async_awaitable_by(void, object, object->other);
	await async_awaitable_by(void, object, n ? one : two);
}

async async_status suspends(struct async_awaitable *self, void *result);

async void function(struct object *object)
{
	await async_awaitable_by(void, object, suspends);
}
