// A case that nothing leaves by its end needs no `fall through`, whatever follows its last statement in what comes out.
// RUN: %exec %s -Wimplicit-fallthrough | FileCheck %s
// CHECK: 31 2 7 107 2
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	if (v & 1)
		await async_sleep(0);
	return v;
}

static async int leave(int v)
{
	int r = 0;
	switch (v) {
	case 0:
		async_try {
			if (await t(1))
				async_raise(31, "as told");
			return 1;
		} async_except (e) {
			return e.code;
		}
	case 1: {
		int length[await t(2)];
		return (int)(sizeof length / sizeof *length);
	}
	case 2:
		for (;;)
			if ((r += await t(1)) == 7)
				return r;
	case 3:
		async_try {
			await t(1);
			goto out;
		} async_except (e) {
			(void)e;
			goto out;
		}
	case 4:
		if (await t(1))
			return 2;
		else
			return 3;
	default:
		r = -1;
	}
	return r;
out:
	return 107;
}

async int main(void)
{
	for (int i = 0; i < 5; i++)
		printf(" %d", await leave(i));
	printf("\n");
	return 0;
}
