/* async_shield protects a task from the cancellation of whoever awaits it. */
#include <async.h>
#include <stdio.h>

async const char *precious(void)
{
	await async_sleep(0.1);
	puts("precious work finished");
	return "saved";
}

async void guarded(async_task(const char *) task)
{
	await async_shield(*task);
}

async int main(void)
{
	async_task(const char *) inner = async_create_task(precious());
	async_task(void) outer = async_create_task(guarded(inner));
	await async_sleep(0.02);
	async_cancel(outer);
	async_try {
		await *outer;
	} async_except(err) {
		if (err.code != ASYNC_CANCELLED)
			async_reraise();
		printf("outer cancelled, inner done: %s\n", async_done(inner) ? "True" : "False");
	}
	puts(await *inner);
	return 0;
}
