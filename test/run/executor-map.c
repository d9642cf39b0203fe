// async_executor_map: results in their places, so many at a time, types converted as in an assignment; errors and cancellations.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct point { double x, y; };
struct fixed { const int id; };
static atomic_int inside, most, calls, told;

static long square(long n)
{
	int now = atomic_fetch_add(&inside, 1) + 1, top = atomic_load(&most);

	while (now > top && !atomic_compare_exchange_weak(&most, &top, now))
		;
	usleep((useconds_t)(n % 3) * 300);
	atomic_fetch_sub(&inside, 1);
	return n * n;
}
static struct point turn(struct point p) { return (struct point){ -p.y, p.x }; }
static size_t length(const char *text) { return strlen(text); }
static int id_of(struct fixed f) { return f.id; }
static int total(int row[3]) { return row[0] + row[1] + row[2]; }
static int negate(int n) { return -n; }
static int patient(int n)
{
	atomic_fetch_add(&calls, 1);
	while (!async_job_cancelled())
		usleep(1000);
	atomic_fetch_add(&told, 1);
	return n;
}
static int count(int n) { atomic_fetch_add(&calls, 1); return n; }
static int *next_results(int *p) { printf("results "); return p; }
static async int *later(int *p) { await async_sleep(0); printf("arguments "); return p; }

static async void values(async_executor *pool)
{
	int small[50], squares[50];
	struct point points[2] = { { 1, 2 }, { 3, 4 } }, turned[2];
	const char *words[] = { "a", "long", "" };
	unsigned char lengths[3];
	struct fixed fixed[2] = { { 5 }, { 6 } };
	int rows[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }, ids[2], totals[2];
	int (*pointer)(int) = negate;

	for (int i = 0; i < 50; i++)
		small[i] = i;
	atomic_store(&most, 0);
	await async_executor_map(pool, 2, squares, square, small, 50);
	int wrong = 0;
	for (int i = 0; i < 50; i++)
		wrong += squares[i] != i * i;
	printf("wrong %d, at once %s\n", wrong, atomic_load(&most) <= 2 ? "at most 2" : "too many");
	await async_executor_map(pool, 0, turned, turn, points, sizeof points / sizeof *points);
	await async_executor_map(pool, 1, lengths, length, words, 3);
	printf("%g %g %g %g, %d %d %d\n", turned[0].x, turned[0].y, turned[1].x, turned[1].y, lengths[0], lengths[1], lengths[2]);
	await async_executor_map(pool, 7, ids, id_of, fixed, 2);
	await async_executor_map(pool, 7, totals, total, rows, 2);
	await async_executor_map(pool, 7, small + 10, (*pointer), &small[3], 2);
	await async_executor_map(pool, 7, small, negate, small, 0);
	printf("%d %d, %d %d, %d %d %d\n", ids[0], ids[1], totals[0], totals[1], small[10], small[11], small[0]);
}

static async void ends(async_executor *pool)
{
	int in[6] = { 1, 2, 3, 4, 5, 6 }, out[6];
	async_error e;

	e = await async_catch(async_wait_for(async_executor_map(pool, 2, out, patient, in, 6), 0.02));
	printf("%s, %d begun, %d told\n", e.code == ASYNC_TIMEOUT ? "timeout" : "?", atomic_load(&calls), atomic_load(&told));
	atomic_store(&calls, 0);
	async_executor *gone = async_thread_pool_new(1);
	async_executor_shutdown(gone, true);
	e = await async_catch(async_executor_map(gone, 2, out, count, in, 6));
	printf("%s, %d begun\n", e.code == ASYNC_SHUT_DOWN ? "shut down" : "?", atomic_load(&calls));
	await async_executor_map(pool, 0, next_results(out), count, await later(in), 3);
	printf("%d\n", out[2]);
}

static bool elsewhere(int pid) { return getpid() != pid; }

async int main(void)
{
	async_executor *threads = async_thread_pool_new(4), *here = async_inline_executor_new(), *processes = async_process_pool_new(2);
	int pids[4] = { getpid(), getpid(), getpid(), getpid() };
	bool away[4] = { 0 };

	// CHECK: wrong 0, at once at most 2
	// CHECK-NEXT: -2 1 -4 3, 1 4 0
	// CHECK-NEXT: 5 6, 6 15, -3 -4 0
	await values(threads);
	// CHECK: wrong 0
	// CHECK-NEXT: -2 1 -4 3, 1 4 0
	await values(here);
	// CHECK: wrong 0
	await values(NULL);
	// CHECK: timeout, 2 begun, 2 told
	// CHECK-NEXT: shut down, 0 begun
	// CHECK-NEXT: results arguments 3
	await ends(threads);
	await async_executor_map(processes, 2, away, elsewhere, pids, 4);
	// CHECK: away 1 1 1 1
	printf("away %d %d %d %d\n", away[0], away[1], away[2], away[3]);
	async_executor_shutdown(threads, true);
	async_executor_shutdown(here, true);
	async_executor_shutdown(processes, true);
	return 0;
}
