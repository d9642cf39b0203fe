// What an await that comes last gets is what its function answers: results of every kind, errors, cancellations; by calls, pointers, tasks,
// gathers, timeouts; by functions that have suspended before, and by a great many, one after the other, in hardly any memory.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct big {
	long at[5];
	char name[12];
};

static async struct big make(long n, const char *name)
{
	struct big b = {{n, n + 1, n + 2}, ""};
	if (n % 2)
		await async_sleep(0.001);
	snprintf(b.name, sizeof b.name, "%s", name);
	return b;
}
static async struct big passed(const char *name, long n)
{
	return await make(n + 10, name);
}
async struct big twice_passed(int n)
{
	if (n > 2)
		await async_sleep(0);
	return await passed("deep", n);
}

static int steps;
static async void tick(int n)
{
	if (n & 1)
		await async_sleep(0);
	steps += n;
}
static async int ticked(int n)
{
	await tick(n);
	return n;
}
/* Without a result of its own: nobody wants the callee's. */
async void drops(int n)
{
	if (n > 1)
		await ticked(n);
	else
		await tick(n);
}

async int later(int n); /* begins when it is needed: its frame is not known here */
static async int by_prototype(int n)
{
	return await later(n * 2);
}
async int later(int n)
{
	if (n > 10)
		await async_sleep(0);
	if (n == 14)
		async_raise(EIO, "no such luck");
	return n + 1;
}
static async int mixed(int n)
{
	int first = await by_prototype(n);
	return await later(first);
}

/* The parameters change places on the way. */
static async long gcd(long a, long b)
{
	if (b == 0)
		return a;
	await async_sleep(0);
	return await gcd(b, a % b);
}
async long count(long n, long total)
{
	if (n == 0)
		return total;
	if (n % 3 == 0)
		await async_sleep(0);
	return await count(n - 1, total + 1);
}
async int odd(long n);
async int even(long n)
{
	if (n == 0)
		return 1;
	return await odd(n - 1);
}
async int odd(long n)
{
	if (n == 0)
		return 0;
	return await even(n - 1);
}

static async void for_ever(void)
{
	await async_sleep(3600);
}
static async void waits(int n)
{
	steps = n;
	await for_ever();
}
async int waits_long(int n)
{
	await waits(n);
	return 0;
}

static void show(const char *what, struct big b)
{
	printf("%s: %ld %ld %ld %s\n", what, b.at[0], b.at[1], b.at[2], b.name);
}

async int main(void)
{
	struct big (*pointer)(int) = twice_passed;
	int (*number)(int) = mixed;
	struct big a, b;
	int x, y;

	show("call", await twice_passed(1));
	show("call that suspends", await twice_passed(4));
	show("pointer", await pointer(2));
	show("pointer that suspends", await pointer(5));
	async_task(struct big) task = async_create_task(twice_passed(3));
	show("task", await *task);
	async_coro(struct big) coroutine = async_coroutine(passed("kept", 7));
	show("coroutine", await *coroutine);
	await async_gather(a = twice_passed(1), b = passed("beside", 2), x = by_prototype(2), y = mixed(6));
	show("gathered", a);
	show("gathered", b);
	printf("%d %d, by pointer %d\n", x, y, await number(1));
	await drops(1);
	await drops(2);
	await drops(3);
	printf("steps %d\n", steps);
	printf("gcd %ld\n", await gcd(1071, 462));
	printf("count %ld\n", await count(100000, 0));
	printf("even %d\n", await even(100001));
	async_error error = await async_catch(by_prototype(7));
	printf("%s\n", error.message);
	error = await async_catch(async_wait_for(waits_long(5), 0.01));
	printf("steps %d, %s\n", steps, error.code == ASYNC_TIMEOUT ? "late" : "?");
	async_task(int) sleeper = async_create_task(waits_long(8));
	await async_sleep(0);
	async_cancel(sleeper);
	error = await async_catch(*sleeper);
	printf("steps %d, %s\n", steps, error.code == ASYNC_CANCELLED ? "cancelled" : "?");
	return 0;
}
// CHECK: call: 11 12 13 deep
// CHECK-NEXT: call that suspends: 14 15 16 deep
// CHECK-NEXT: pointer: 12 13 14 deep
// CHECK-NEXT: pointer that suspends: 15 16 17 deep
// CHECK-NEXT: task: 13 14 15 deep
// CHECK-NEXT: coroutine: 17 18 19 kept
// CHECK-NEXT: gathered: 11 12 13 deep
// CHECK-NEXT: gathered: 12 13 14 beside
// CHECK-NEXT: 5 14, by pointer 4
// CHECK-NEXT: steps 6
// CHECK-NEXT: gcd 21
// CHECK-NEXT: count 100000
// CHECK-NEXT: even 0
// CHECK-NEXT: no such luck
// CHECK-NEXT: steps 5, late
// CHECK-NEXT: steps 8, cancelled
