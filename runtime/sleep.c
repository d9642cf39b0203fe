/* sleep.c: async_sleep.
 * Completes: its timer, which wakes the task, one turn later than the timer is due, as asyncio does it.  The timer is the
 * task's own, so an await takes no frame.  Cancel: stops the timer.  Sleeping for ever is a timer too: whoever sleeps so waits for a
 * signal or to be cancelled, and is not stuck.  Loop's thread. */
#include "runtime.h"

#include <errno.h>

/* The task's wake entry is its timer meanwhile. */
static void run_timer(struct async__entry *entry)
{
	struct async__task *task = async__container_of(entry, struct async__task, wake);

	task->wake.run = 0;
	async__wake(task);
}

void async__sleep_stop(struct async__task *task)
{
	async__timer_stop(async__loop_of(&task->future.object), &task->timer);
	task->wake.run = 0;
}

static async_status sleep_until(async_frame *self, const async_point *at, int64_t deadline)
{
	struct async__task *task = async__self.task;

	task->future.waits = ASYNC__SLEEP;
	task->wake.run = async__runs(run_timer);
	async__timer_start(async__self.loop, &task->timer, deadline == INT64_MAX ? INT64_MAX - 1 : deadline);
	return async__park_as_set(task, self, at);
}

/* Apart from the yield, which is to be quick. */
__attribute__((noinline)) static async_status sleep_for(async_frame *self, const async_point *at, double seconds)
{
	if (seconds != seconds)
		return async__raise(EINVAL, "the time to sleep is not a number");
	return sleep_until(self, at, async__deadline(async__self.loop, seconds));
}

async_status async_sleep__await(async_frame *self, const async_point *at, double seconds)
{
	return seconds <= 0 ? async__yield(self, at) : sleep_for(self, at, seconds);
}

static async_status async_sleep__resume(async_frame *frame, async_status status, const async_point *at)
{
	if (at->state == 1)
		return status;
	return async_sleep__await(frame, &async_sleep__points[1], ((struct async_sleep__frame *)frame)->seconds);
}

const async_point async_sleep__points[] = {
	ASYNC_POINT(async_sleep__async, async_sleep__resume, 0, NULL), ASYNC_POINT(async_sleep__async, async_sleep__resume, 1, NULL),
};

const async_function async_sleep__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_sleep__frame),
	.frame_align = _Alignof(struct async_sleep__frame),
	.result_offset = sizeof(async_frame),
	.points = async_sleep__points,
	.name = "async_sleep",
	.file = "runtime/sleep.c",
};

void async_sleep(double seconds)
{
	struct async_sleep__frame *f = async__entry(&async_sleep__async, (void (*)(void))async_sleep);

	if (f)
		f->seconds = seconds;
	async__entry_run(f, NULL, 0);
}
