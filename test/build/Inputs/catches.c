/* Ordinary C that only catches: an async function's entry is in another file. */
#include <async.h>

async int step(int n);

int attempt(int *n)
{
	return async_catch(*n = step(1)).code;
}
