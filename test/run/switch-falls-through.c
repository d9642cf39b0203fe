// Fallthrough that is announced, by attribute or comment, draws no warning in what comes out; ranges, wide values, nested cases.
// RUN: %exec_twin %s -Wimplicit-fallthrough | FileCheck %s
// CHECK: 106 105 105 105 103 3 9 9 5
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	if (v & 1)
		await async_sleep(0);
	return v;
}

static async int pick(long long v)
{
	int r = 0;
	switch (await t(1) + v) {
		int before;
	case 1:
		before = await t(1);
		r += before;
		__attribute__((fallthrough));
	case 2 ... 4:
		r += await t(2);
		__attribute__((fallthrough));
	case 5: {
		r += 100;
		__attribute__((fallthrough));
	case 6:
		r += await t(3);
		break;
	}
	default:
		if (r == 0)
			r = await t(9);
		break;
		if (r) {
	case 1LL << 40:
			r += await t(5);
		}
	}
	return r;
}

async int main(void)
{
	for (int i = 0; i < 8; i++)
		printf(" %d", await pick(i));
	printf(" %d\n", await pick((1LL << 40) - 1));
	return 0;
}
