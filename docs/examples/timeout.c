/* async_wait_for cancels what takes too long; ASYNC_FOREVER waits for ever; async_shield avoids the cancellation. */
#include <async.h>
#include <stdio.h>

async void eternity(void)
{
	async_try {
		await async_sleep(3600);
	} async_except(err) {
		if (err.code == ASYNC_CANCELLED)
			puts("eternity was cancelled");
		async_reraise();
	}
}

async const char *quick(void)
{
	await async_sleep(0.01);
	return "quick";
}

async const char *say_later(double delay, const char *what)
{
	await async_sleep(delay);
	return what;
}

async int main(void)
{
	async_try {
		await async_wait_for(eternity(), 0.05);
	} async_except(err) {
		if (err.code != ASYNC_TIMEOUT)
			async_reraise();
		puts("timeout!");
	}
	puts(await async_wait_for(quick(), ASYNC_FOREVER));

	async_task(const char *) task = async_create_task(say_later(0.1, "kept going"));
	async_try {
		await async_wait_for(async_shield(*task), 0.02);
	} async_except(err) {
		if (err.code != ASYNC_TIMEOUT)
			async_reraise();
		printf("timeout, but shielded: %s\n", async_done(task) ? "True" : "False");
	}
	puts(await *task);
	return 0;
}
