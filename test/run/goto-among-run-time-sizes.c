// A goto frees the arrays of a run-time size whose scope it leaves, and no other.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 1 5 3 0 1 2 44
// CHECK-NEXT: 0 1 2 3 33
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf("%d ", v); if (v & 1) await async_sleep(0); return v; }

static async int forwards(int n)
{
	int v[n], r = 0;
	v[0] = 7;
	{
		int w[n + 1];
		w[n] = await t(1);
		if (w[n])
			goto in;
		v[0] = 0;
in:
		r += w[n];
		if (r < 3)
			goto in;
	}
	{
		int w[n + 1];
		w[n] = await t(1);
		if (w[n])
			goto end;
		r = 99;
	}
end:;
	int u[v[0]];
	u[6] = await t(5);
again:
	r += u[6] + v[0];
	if (r < 30)
		goto again;
	switch (await t(n)) {
	case 1:
two:
		r += v[0];
		break;
	case 3:
		goto two;
	}
	for (int x[n], i = await t(0); i < 3; i++) {
		x[i % n] = i;
		if (await t(i + 1) == 1)
			goto next;
		if (x[i % n] == 1)
			goto done;
next:;
	}
done:
	return r - v[0] + u[6];
}
static async int backwards(int n)
{
	int i = 0;
again:;
	int v[n + i];
	v[n + i - 1] = await t(i);
	if (i++ < 3)
		goto again;
	return (int)sizeof v / 4 * 6 + v[n + 2];
}

async int main(void)
{
	printf("%d\n", await forwards(3));
	printf("%d\n", await backwards(2));
	return 0;
}
