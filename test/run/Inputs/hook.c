#include "hook.h"

async int hook(int n)
{
	await async_sleep(0);
	return n * 10;
}
