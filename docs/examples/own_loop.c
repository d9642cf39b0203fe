/* The event loop can be replaced: a loop of one's own that counts the timers it starts. */
#include <async.h>
#include <stdio.h>

static int scheduled;

static void count_and_start(async_loop *loop, void *state, async_timer *timer)
{
	(void)state;
	scheduled++;
	async_timer_start_default(loop, timer);
}

async const char *sleepers(void)
{
	await async_gather(async_sleep(0.01), async_sleep(0.02), async_sleep(0.03));
	return "slept";
}

/* An ordinary main: it brings its own loop. */
int main(void)
{
	async_loop_backend counting = async_loop_epoll;
	counting.name = "counting";
	counting.timer_start = count_and_start;

	async_loop *loop = async_loop_new(&counting);
	puts(async_run_on(loop, sleepers()));
	printf("timers scheduled: %d\n", scheduled);
	async_loop_close(loop);
	return 0;
}
