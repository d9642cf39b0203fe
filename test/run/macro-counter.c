// __COUNTER__ gives every name of its own, also where some of them are expanded earlier than others.
// RUN: %exec %s | FileCheck %s
// CHECK: 1 2 3 4 10
#include <async.h>
#include <stdio.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define ONCE(value) ONCE_(value, JOIN(once_, __COUNTER__))
#define ONCE_(value, name) ({ int name = (value); sum += name; name; })

static async int get(int n)
{
	await async_sleep(0);
	return n;
}

async int main(void)
{
	int sum = 0;
	printf("%d ", ONCE(1));
	printf("%d ", ONCE(await get(2)));
	printf("%d ", ONCE(ONCE(await get(3)) * 0 + 3) - 0);
	sum -= 3;
	printf("%d ", ONCE(4));
	printf("%d\n", sum);
	return 0;
}
