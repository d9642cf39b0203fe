// A suspension stores what the frame does not have yet: what was set since the last one that all ways here have passed.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -O2 -Wall -Wextra -Werror -c %t.c -o %t.o
#include <async.h>

struct pair {
	short a, b;
};
void use(int n, struct pair p);
async int other(int n);

/* Set once: stored once.  A parameter is in the frame to begin with. */
// CHECK-LABEL: async_status once__resume(
// CHECK-DAG: f->p = p;
// CHECK-DAG: f->x = x;
// CHECK: return async__yield(&f->base, &once__points[once_at_await_1]);
// CHECK: use(x, p);
// CHECK-NEXT: return async__yield(&f->base, &once__points[once_at_await_2]);
// CHECK: status = async_sleep__await(&f->base, &once__points[once_at_await_3], 1);
// CHECK-NEXT: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: return ASYNC_SUSPENDED;
async void once(int n)
{
	int x = n + 1;
	struct pair p = {1, 2};
	await async_sleep(0);
	use(x, p);
	await async_sleep(0);
	use(n, p);
	await async_sleep(1);
	use(n + x, p);
}

/* Set again, on some way, in whole or in part: stored again. */
// CHECK-LABEL: async_status again__resume(
// CHECK: x++;
// CHECK-NEXT: f->x = x;
// CHECK-NEXT: return async__yield(&f->base, &again__points[again_at_await_2]);
// CHECK: p.b = 7;
// CHECK-NEXT: f->p = p;
// CHECK-NEXT: return async__yield(&f->base, &again__points[again_at_await_3]);
// CHECK: n += p.b;
// CHECK-NEXT: f->n = n;
// CHECK-NEXT: return async__yield(&f->base, &again__points[again_at_await_4]);
async void again(int n)
{
	int x = n + 1;
	struct pair p = {1, 2};
	await async_sleep(0);
	if (p.a)
		x++;
	await async_sleep(0);
	p.b = 7;
	await async_sleep(0);
	n += p.b;
	await async_sleep(0);
	use(n + x, p);
}

/* In a loop: what it sets.  What was set before has to be stored the first time, and that is each time. */
// CHECK-LABEL: async_status loop__resume(
// CHECK: for (i
// CHECK-NEXT: f->i = i;
// CHECK-NEXT: return async__yield(&f->base, &loop__points[loop_at_await_2]);
// CHECK: for (i_2
// CHECK-NEXT: f->y = y;
// CHECK-NEXT: f->i_2 = i_2;
// CHECK-NEXT: return async__yield(&f->base, &loop__points[loop_at_await_3]);
async void loop(int n, struct pair p)
{
	int x = n + 1;
	await async_sleep(0);
	for (int i = 0; i < n; i++) {
		await async_sleep(0);
		use(x, p);
	}
	int y = x * 2;
	for (int i = 0; i < n; i++) {
		await async_sleep(0);
		use(y, p);
	}
}

/* What may complete at once may leave nothing behind. */
// CHECK-LABEL: async_status at_once__resume(
// CHECK: async__await_suspended(&f->base, &at_once__points[at_once_at_await_1]);
// CHECK-NEXT: f->x = x;
// CHECK: async__await_suspended(&f->base, &at_once__points[at_once_at_await_2]);
// CHECK-NEXT: f->x = x;
// CHECK: async__await_suspended(&f->base, &at_once__points[at_once_at_await_3]);
// CHECK-NEXT: return
async int at_once(int n)
{
	int x = n + 1;
	await other(1);
	await other(2);
	await other(x);
	return n;
}
static async int late(int n)
{
	if (n)
		await async_sleep(0);
	else
		await async_sleep(1);
	return n;
}
static async int later(int n)
{
	return await late(n) + 1;
}
// CHECK-LABEL: async_status after_later__resume(
// CHECK: f->later.base.caller_at = &after_later__points[after_later_at_await_1];
// CHECK-NEXT: f->x = x;
// CHECK: async__await_suspended(&f->base, &after_later__points[after_later_at_await_2]);
// CHECK-NEXT: return
async int after_later(int n)
{
	int x = n + 1;
	await later(1);
	await other(2);
	return x;
}

/* Where something else was in its place in between, it is stored anew. */
// CHECK-LABEL: struct __attribute__((may_alias)) reused__frame {
// CHECK: union { /* never in use at the same await */
// CHECK-NEXT: char text[24];
// CHECK-NEXT: int x;
// CHECK-LABEL: async_status reused__resume(
// CHECK: f->x = x;
// CHECK-NEXT: return async__yield(&f->base, &reused__points[reused_at_await_1]);
// CHECK: f->x = x;
// CHECK-NEXT: return async__yield(&f->base, &reused__points[reused_at_await_3]);
async short reused(int n)
{
	int x = n + 1;
	await async_sleep(0);
	use(x, (struct pair){0, 0});
	if (n) {
		char text[24];
		text[0] = n;
		if (n == 2) {
			await async_sleep(0);
			return text[0];
		}
		use(text[0], *(struct pair *)text);
	}
	await async_sleep(0);
	return (short)x;
}
