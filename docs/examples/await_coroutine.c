/* Awaiting a coroutine runs it to its end before going on. */
#include <async.h>
#include <stdio.h>

async void say_after(double delay, const char *what)
{
	await async_sleep(delay);
	puts(what);
}

async int main(void)
{
	puts("started");
	await say_after(0.1, "hello");
	await say_after(0.2, "world");
	puts("finished");
	return 0;
}
