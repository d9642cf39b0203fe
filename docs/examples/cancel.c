/* async_cancel raises ASYNC_CANCELLED at the await; it can be caught, and cleanup runs. */
#include <async.h>
#include <stdio.h>

async void worker(void)
{
	async_try {
		puts("working");
		await async_sleep(3600);
	} async_except(err) {
		if (err.code == ASYNC_CANCELLED)
			puts("worker: cancelled");
		async_reraise();
	} async_finally {
		puts("worker: cleanup");
	}
}

async const char *stubborn(void)
{
	async_try {
		await async_sleep(3600);
	} async_except(err) {
		if (err.code != ASYNC_CANCELLED)
			async_reraise();
		puts("stubborn: no thanks");
	}
	return "done anyway";
}

static const char *truth(bool b)
{
	return b ? "True" : "False";
}

async int main(void)
{
	async_task(void) task = async_create_task(worker());
	async_retain(task); /* to look at it after the await */
	await async_sleep(0.05);
	async_cancel(task);
	async_try {
		await *task;
	} async_except(err) {
		if (err.code != ASYNC_CANCELLED)
			async_reraise();
		printf("main: worker is cancelled: %s\n", truth(async_cancelled(task)));
	}
	async_release(task);

	async_task(const char *) other = async_create_task(stubborn());
	async_retain(other);
	await async_sleep(0.05);
	async_cancel(other);
	printf("%s %s\n", await *other, truth(async_cancelled(other)));
	async_release(other);
	return 0;
}
