// An array whose size is awaited stays as written if no await follows it, in a function with labels too.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 3 16
// CHECK-NEXT: 2 12
#include <async.h>
#include <stdio.h>

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async void arrays(int turns)
{
again:;
	{
		int n = await pause(turns) + 1;
		int squares[n * 2];
		for (int i = 0; i < n; i++)
			squares[i] = i * n;
		printf("%d %d\n", turns + n - n, n * 4 + squares[0]);
	}
	if (turns-- > 2)
		goto again;
}

int main(void)
{
	arrays(3);
	return 0;
}
