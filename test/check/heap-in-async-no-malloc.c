// A function that promises not to need the heap is refused when a call of it may, and the notes lead to the place.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s --implicit-check-not=error:
// CHECK: error: 'chain' is async_no_malloc, but may need memory from the heap
// CHECK: note: 'chain' awaits 'between', which needs it
// CHECK: note: awaited in 'between': it is async_noinline_frame
// CHECK: error: 'other_file' is async_no_malloc
// CHECK: note: awaited in 'other_file': it is defined in another file
// CHECK: error: 'itself' is async_no_malloc
// CHECK: note: awaited in 'itself': it is defined further down or calls itself
// CHECK: error: 'pointer' is async_no_malloc
// CHECK: note: awaited in 'pointer': a frame for a call through a pointer
// CHECK: error: 'spawns' is async_no_malloc
// CHECK: note: in 'spawns': a task is made here
// CHECK: error: 'gathers' is async_no_malloc
// CHECK: note: in 'gathers': what is gathered or shielded runs as a task
// CHECK: error: 'in_a_job' is async_no_malloc
// CHECK: note: in 'in_a_job': a job is made here
// CHECK: error: 'sized' is async_no_malloc
// CHECK: note: in 'sized': an array of a run-time size
#include <async.h>

int plain(int);
void use(void *);
async int elsewhere(int n);
static async int small(int n) { await async_sleep(0.1); return n; }
async_noinline_frame static async int apart(int n) { await async_sleep(0.1); return n; }
static async int between(int n) { return await apart(n) + 1; }

async_no_malloc async int chain(int n) { return await small(n) + await between(n); }
async_no_malloc async int other_file(int n) { return await elsewhere(n); }
async_no_malloc async int itself(int n) { return n ? await itself(n - 1) : 0; }
async_no_malloc async int pointer(int (*f)(int)) { return await f(1); }
async_no_malloc async void spawns(void) { async_create_task(small(1)); }
async_no_malloc async void gathers(void) { await async_gather(small(1), small(2)); }
async_no_malloc async int in_a_job(void) { return await async_run_in_executor(NULL, plain(1)); }
async_no_malloc async void sized(int n) { char a[n]; use(a); await small(1); use(a); }

/* None of these does. */
async_no_malloc async int fine(int n, async_task(int) t)
{
	char small_buffer[100];
	use(small_buffer);
	async_try {
		n += await small(n) + await *t;
		n += await async_wait_for(small(n), 1);
	} async_except (err) {
		n = err.code;
	}
	return n;
}
async_no_malloc async int runs_through(int n) { char a[n]; use(a); return n; }
