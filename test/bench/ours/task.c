/* task.c: making tasks, recursion, many sleepers, many timers. */
#include "bench.h"

static async uint64_t flip(uint64_t x)
{
	return x ^ 1;
}

async uint64_t spawn_await(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		async_task(uint64_t) task = async_create_task(flip(i));

		sum += await *task;
	}
	return sum;
}

async uint64_t fib(uint64_t n)
{
	if (n < 2)
		return n;
	uint64_t a = await fib(n - 1);

	return a + await fib(n - 2);
}

static uint64_t asleep, awake;
static async_future(void) all_awake;

static async void sleeper(double seconds)
{
	await async_sleep(seconds);
	awake++;
	if (!--asleep)
		async_set_done(all_awake);
}

async uint64_t sleepers(uint64_t n, uint64_t ms)
{
	asleep = n;
	all_awake = async_create_future(void);
	for (uint64_t i = 0; i < n; i++)
		async_create_task(sleeper((double)ms * 1e-3));
	await *all_awake;
	return awake;
}

async uint64_t timers(uint64_t n)
{
	uint64_t x = SEED;

	asleep = n;
	all_awake = async_create_future(void);
	for (uint64_t i = 0; i < n; i++) {
		x = xs64(x);
		async_create_task(sleeper((double)(x % 1000000) * 1e-6));
	}
	await *all_awake;
	return awake;
}

static void never(void *arg)
{
	(void)arg;
	abort();
}

/* A timeout that is armed and taken back, as around each request of a server, among a thousand others. */
async uint64_t timer_cancel(uint64_t n)
{
	async_call others[1000];
	uint64_t cancelled = 0;

	for (int i = 0; i < 1000; i++)
		others[i] = async_call_later(3600 + i, never, NULL);
	for (uint64_t i = 0; i < n; i++)
		cancelled += async_cancel_call(async_call_later(1000, never, NULL));
	for (int i = 0; i < 1000; i++)
		async_cancel_call(others[i]);
	return cancelled;
}
