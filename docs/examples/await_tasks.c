/* Tasks run concurrently: the shorter wait prints first. */
#include <async.h>
#include <stdio.h>

async void say_after(double delay, const char *what)
{
	await async_sleep(delay);
	puts(what);
}

async int main(void)
{
	async_task(void) task1 = async_create_task(say_after(0.2, "hello"));
	async_task(void) task2 = async_create_task(say_after(0.1, "world"));
	puts("started");
	await *task1;
	await *task2;
	puts("finished");
	return 0;
}
