#include <async.h>
#include "twice.h"

async int twice(int x)
{
	await async_sleep(0);
	return FACTOR * x;
}
