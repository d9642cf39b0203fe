/* An object with its own await protocol. */
#include <async.h>
#include <stdio.h>

struct countdown {
	async_awaitable_t awaitable;
	int n;
};

static async_status count_down(struct async_awaitable *self, void *result)
{
	struct countdown *countdown = (struct countdown *)self;
	if (countdown->n == 0) {
		*(const char **)result = "lift-off";
		return ASYNC_DONE;
	}
	printf("countdown %d\n", countdown->n--);
	async_wake_soon(); /* Python's bare `yield` */
	return ASYNC_SUSPENDED;
}

async int main(void)
{
	struct countdown three = {{.step = count_down}, 3};
	puts(await async_awaitable(const char *, &three));

	struct countdown one = {{.step = count_down}, 1};
	puts(await async_wait_for(async_awaitable(const char *, &one), 1));
	return 0;
}
