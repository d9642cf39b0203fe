/* The tutorial's first program. */
#include <async.h>
#include <stdio.h>

async int main(void)
{
	puts("hello");
	await async_sleep(0.5);
	puts("world");
	return 0;
}
