/* Errors reach the awaiting caller; those of tasks that nobody awaits reach the loop's exception handler. */
#include <async.h>
#include <errno.h>
#include <stdio.h>

async void faulty(const char *what)
{
	await async_sleep(0.05);
	async_raise(EINVAL, "%s", what);
}

async void middle(void)
{
	await faulty("deep");
}

/* An ordinary C function. */
static void handler(const async_error_context *context, void *arg)
{
	printf("%s: %s / %s\n", (const char *)arg, context->message, context->error.message);
}

async int main(void)
{
	async_set_exception_handler(handler, "handler");
	async_try {
		await middle();
	} async_except(err) {
		if (err.code != EINVAL)
			async_reraise();
		printf("caught %s\n", err.message);
	} async_finally {
		puts("cleaned up");
	}

	async_create_task(faulty("nobody awaits me"));
	await async_sleep(0.1);
	puts("still running");
	return 0;
}
