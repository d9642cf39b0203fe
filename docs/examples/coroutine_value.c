/* async_coroutine(f()) does not run f: the value can be kept, awaited later, or made a task. */
#include <async.h>
#include <stdio.h>

async int answer(void)
{
	puts("running");
	return 42;
}

async int main(void)
{
	async_coro(int) c = async_coroutine(answer());
	puts("not yet running");
	printf("%d\n", await *c);

	async_coro(int) d = async_coroutine(answer());
	async_task(int) t = async_create_task(*d);
	puts("task made");
	printf("%d\n", await *t);
	return 0;
}
