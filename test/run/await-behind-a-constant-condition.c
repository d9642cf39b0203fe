// What compilers know never to run is still there to be resumed: they do not warn of what its way there would have set.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 4 4 7 1
#include <async.h>
#include <stdio.h>

#define VERBOSE 0

struct pair { int a, b; };

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async struct pair pair(int n)
{
	return (struct pair){n, await pause(n)};
}

static int (*pointer)(int) = pause;

static async int constant(int n)
{
	int direct = n, called = n, kept[2] = {n, 7};
	if (VERBOSE)
		direct = await pause(9);
	if (VERBOSE)
		called = await pointer(9);
	while (VERBOSE)
		kept[await pointer(1)] += (await pair(2)).b;
	for (; VERBOSE && await pointer(1);)
		return await pointer(2) ? await pointer(3) : await pause(4);
	int chosen = VERBOSE ? await pointer(5) : await pointer(1);
	printf("%d %d %d %d\n", direct, called, kept[1], chosen);
	return 0;
}

int main(void)
{
	return constant(4);
}
