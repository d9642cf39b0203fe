// Locks, events, conditions, semaphores and barriers in async functions, their frames in ours.  (170 to 182)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static async_lock lock;
static async_event go;
static async_condition filled;
static async_semaphore slots;
static async_barrier start;
static int level, inside, most;

static async void unlock_later(async_lock *held)
{
	await async_sleep(0);
	async_lock_release(held);
}

static async int worker(int n)
{
	await async_event_wait(&go);
	size_t place = await async_barrier_wait(&start);
	await async_semaphore_acquire(&slots);
	inside++;
	most = inside > most ? inside : most;
	async_try {
		await async_sleep(1 + n % 3);
		await async_lock_acquire(&lock);
		level += n;
		if (n % 2) {
			await unlock_later(&lock);
			return (int)place;
		}
	}
	async_finally {
		inside--;
		async_semaphore_release(&slots);
		if (n % 2 == 0)
			async_lock_release(&lock);
		await async_lock_acquire(async_condition_lock(&filled));
		async_condition_notify_all(&filled);
		async_lock_release(async_condition_lock(&filled));
	}
	return (int)place;
}

static async void full(int wanted)
{
	await async_lock_acquire(async_condition_lock(&filled));
	while (level < wanted)
		await async_condition_wait(&filled);
	printf("level %d reached\n", wanted);
	async_lock_release(async_condition_lock(&filled));
}

/* From an ordinary function, too. */
static void start_all(async_group *g, async_task(int) *tasks, int n)
{
	for (int i = 0; i < n; i++)
		tasks[i] = async_create_task_in(g, worker(i));
	async_create_task_in(g, full(10));
}

async int main(void)
{
	enum { N = 10 };
	async_task(int) tasks[N];
	async_semaphore_init(&slots, 3);
	async_barrier_init(&start, N);
	async_error late = await async_catch(async_wait_for(async_event_wait(&go), 0.5));
	printf("%s\n", late.message);
	int sum = 0;
	async_task_group (g) {
		start_all(g, tasks, N);
		await async_sleep(1);
		async_event_set(&go);
		for (int i = 0; i < N; i++)
			sum += await *tasks[i];
	}
	printf("sum %d, level %d, at most %d, locked %d\n", sum, level, most, async_lock_locked(&lock));
	await async_gather(async_lock_acquire(&lock), unlock_later(&lock), async_lock_acquire(&lock));
	printf("locked %d\n", async_lock_locked(&lock));
	return 0;
}
// CHECK: timed out
// CHECK-NEXT: level 10 reached
// CHECK-NEXT: sum 45, level 45, at most 3, locked 0
// CHECK-NEXT: locked 1
