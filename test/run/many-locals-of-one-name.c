// Locals of one name in sibling blocks have a place each in the frame, whatever their types.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 2.5 abc 4
#include <async.h>
#include <stdio.h>

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

struct text {
	char at[4];
};

static void look(const void *p)
{
	(void)p;
}

static async void blocks(void)
{
	{
		int v = 1;
		look(&v);
		await pause(0);
		printf("%d", v);
	}
	{
		double v = 2.5;
		look(&v);
		await pause(0);
		printf(" %g", v);
	}
	{
		struct text v = {"abc"};
		look(&v);
		await pause(0);
		printf(" %s", v.at);
	}
	{
		long v = 4;
		look(&v);
		await pause(0);
		printf(" %ld\n", v);
	}
}

int main(void)
{
	blocks();
	return 0;
}
