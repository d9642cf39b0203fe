// Locals of one name in sibling blocks have a place each in the frame, whatever their types; also beside arrays of a run-time size.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 2.5 abc 4
// CHECK-NEXT: 3 4 3 2
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

static async void arrays(int n)
{
	{
		int v[n];
		v[1] = await pause(3);
		printf("%d", v[1]);
	}
	{
		char v[n + 1];
		v[2] = (char)await pause(4);
		printf(" %d", v[2]);
	}
	int v = await pause(1);
	{
		long v = await pause(2);
		printf(" %ld", v + await pause(1));
	}
	printf(" %d\n", v + await pause(1));
}

int main(void)
{
	blocks();
	arrays(2);
	return 0;
}
