// What is awaited is needed again after the suspension.  A local that nobody else can change, and the place of a variable, are read
// again; anything else is kept.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: struct __attribute__((may_alias)) local__frame {
// CHECK-NOT: handle
// CHECK-LABEL: local__resume(
// CHECK: status = async__await(&f->base, &local__points[local_at_await_1], task);
// CHECK: f->task = task;
// CHECK: status = async__await_end(task, status, &result_1, sizeof result_1);
// CHECK-LABEL: place__resume(
// CHECK-NOT: object
// CHECK: status = async__await_object(&f->base, &place__points[place_at_await_1], &(&f->pair_2.second)->awaitable, &result_1);
// CHECK: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: return ASYNC_SUSPENDED;
// CHECK-LABEL: literal__resume(
// CHECK-NOT: object
// CHECK: status = async__await_object(&f->base, &literal__points[literal_at_await_1], &(&f->literal_1)->awaitable, NULL);
// CHECK-LABEL: global__resume(
// CHECK: handle_1 = shared;
// CHECK: async__await_end(handle_1, status
// CHECK-LABEL: known_elsewhere__resume(
// CHECK: handle_1 = f->task;
// CHECK-LABEL: through__resume(
// CHECK: object_1 = &(&at->second)->awaitable;
// CHECK-LABEL: element__resume(
// CHECK: object_1 = &(&f->all[i++])->awaitable;
#include <async.h>

struct signal {
	async_awaitable_t awaitable;
	int n;
};
struct pair {
	int first;
	struct signal second;
};
async_task(int) start(void);
async_status wait_signal(struct async_awaitable *self, void *result);
void know(void *p);
extern async_task(int) shared;

async int local(void)
{
	async_task(int) task = start();

	return await *task;
}

async int place(void)
{
	struct pair pair = {1, {{.step = wait_signal}, 2}};

	return await async_awaitable(int, &pair.second);
}

async void literal(void)
{
	await async_awaitable(void, (&(struct signal){{.step = wait_signal}, 3}));
}

async int global(void)
{
	return await *shared;
}

async int known_elsewhere(async_task(int) task)
{
	know(&task);
	return await *task;
}

async void through(struct pair *at)
{
	await async_awaitable(void, &at->second);
	at = NULL;
}

async void element(int i)
{
	struct signal all[2] = {{{.step = wait_signal}, 0}, {{.step = wait_signal}, 1}};

	await async_awaitable(void, &all[i++]);
}
