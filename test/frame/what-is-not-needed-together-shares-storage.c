// Fields that no await needs at the same time are one piece of storage: two blocks cost what the larger one costs, and a value
// that is dead during a call shares with the callee's frame.
// RUN: %asyncc %s -o - --no-line | FileCheck %s
// RUN: %exec %s | FileCheck %s --check-prefix=OUT
#include <async.h>
#include <stdio.h>
#include <string.h>

static async int fill(char *buffer, size_t size, int c)
{
	memset(buffer, c, size);
	await async_sleep(0);
	return buffer[size - 1];
}

// CHECK: struct {{.*}}both__frame {
// CHECK: union { /* never in use at the same await */
// CHECK-DAG: char one[1000];
// CHECK-DAG: char two[900];
// CHECK: };
static async int both(void)
{
	int sum = 0;
	{
		char one[1000];
		sum += await fill(one, sizeof one, 'a');
		await async_sleep(0);
		sum += one[0] + one[999];
	}
	{
		char two[900];
		sum += await fill(two, sizeof two, 'b');
		await async_sleep(0);
		sum += two[0] + two[899];
	}
	return sum;
}

// OUT: 585
async int main(void)
{
	printf("%d\n", await both());
	return 0;
}
