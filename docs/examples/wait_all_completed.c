/* async_wait with ASYNC_ALL_COMPLETED. */
#include <async.h>
#include <errno.h>
#include <stdio.h>

async const char *job(const char *name, double delay, bool fail)
{
	await async_sleep(delay);
	if (fail)
		async_raise(EINVAL, "%s", name);
	return name;
}

static void print_outcome(async_task(const char *) t)
{
	async_error err = async_exception(t);
	if (err.code)
		printf("error %s\n", err.message);
	else
		printf("result %s\n", async_result(t));
}

async int main(void)
{
	async_handle tasks[] = {
	    async_create_task(job("slow", 0.15, false)),
	    async_create_task(job("bad", 0.1, true)),
	    async_create_task(job("fast", 0.05, false)),
	};
	async_handle bad = tasks[1];
	size_t done = await async_wait(tasks, 3, ASYNC_ALL_COMPLETED, ASYNC_FOREVER);
	printf("%zu done %zu pending\n", done, 3 - done);
	for (size_t i = 0; i < done; i++)
		print_outcome(tasks[i]);

	/* The pending ones are now at the end of the array. */
	size_t pending = 3 - done;
	if (pending > 0) {
		size_t more = await async_wait(tasks + done, pending, ASYNC_ALL_COMPLETED, ASYNC_FOREVER);
		printf("%zu done %zu pending\n", more, pending - more);
	}
	async_exception(bad); /* has been looked at: not reported */

	async_task(const char *) late = async_create_task(job("late", 0.1, false));
	done = await async_wait((async_handle[]){late}, 1, ASYNC_ALL_COMPLETED, 0.02);
	printf("%zu done %zu pending, not cancelled: %s\n", done, 1 - done, async_cancelled(late) ? "False" : "True");
	puts(await *late);
	return 0;
}
