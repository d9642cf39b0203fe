// In ordinary C an async_run or async_catch stands in a declarator's brackets like any other call.
// RUN: %exec %s | FileCheck %s
// CHECK: 3 2 6 4 5
// CHECK-NEXT: 3 2
// CHECK-NEXT: 3 4 2
// CHECK-NEXT: 2 1
// CHECK-NEXT: 10 calls
#include <async.h>
#include <stdio.h>

static int calls;

static async int number(int n)
{
	await async_sleep(0);
	calls++;
	return n;
}

#define LENGTH(a) ((int)(sizeof(a) / sizeof *(a)))

int main(void)
{
	int one = 1, v[async_run(number(3))], w[2][one + async_run(number(5))], k = async_run(number(4)),
	    last[async_run(number(4)) + one];
	printf("%d %d %d %d %d\n", LENGTH(v), LENGTH(w), LENGTH(*w), k, LENGTH(last));

	typedef char three[async_run(number(3))];
	int pairs[3][2] = {{0}}, (*pair)[async_run(number(2))] = &pairs[async_run(number(1))];
	printf("%d %d\n", (int)sizeof(three), LENGTH(*pair));

	int got = 0;
	char caught[async_catch(got = number(2)).code + 3], statement[({ int n = async_run(number(4)); n; })];
	printf("%d %d %d\n", LENGTH(caught), LENGTH(statement), got);

	for (int i = 0, list[async_run(number(2))]; i < LENGTH(list); i++)
		if ((list[i] = i) == 1)
			printf("%d %d\n", LENGTH(list), list[i]);
	printf("%d calls\n", calls);
	return 0;
}
