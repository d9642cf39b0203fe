/* A future turns callback code into something that can be awaited. */
#include <async.h>
#include <errno.h>
#include <stdio.h>

static void on_data(void *arg)
{
	async_future(const char *) *fut = arg;
	async_set_result(*fut, "data");
}

static void on_failure(void *arg)
{
	async_future(const char *) *fut = arg;
	async_set_exception(*fut, ENODATA, "no data");
}

static void on_done(async_handle h, void *arg)
{
	async_future(const char *) fut = h;
	printf("%s saw %s\n", (const char *)arg, async_result(fut));
}

async int main(void)
{
	async_future(const char *) fut = async_create_future(const char *);
	async_add_done_callback(fut, on_done, "callback");
	async_call_later(0.1, on_data, &fut);
	printf("waiting %s\n", async_done(fut) ? "True" : "False");
	printf("got %s\n", await *fut);

	async_future(const char *) failed = async_create_future(const char *);
	async_call_soon(on_failure, &failed);
	async_try {
		await *failed;
	} async_except(err) {
		printf("failed: %s\n", err.message);
	}
	return 0;
}
