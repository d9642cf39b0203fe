// Cleanups run innermost first on every way out, whether the block they are in has an await or not; a computed goto may stay among them.
// RUN: %exec_twin %s -Wno-implicit-fallthrough | FileCheck %s
// CHECK: 1 ~4 ~2 ~1 = 0
// CHECK: 1 ~2 ~1 = 5
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static void out(int *v) { printf(" ~%d", *v); }
#define GUARD(n, v) __attribute__((cleanup(out))) int n = (v)

static async int returns(int n)
{
	GUARD(o, 1);
	await t(1);
	{
		GUARD(i, 2);
		int j = 3;
		if (n == 1)
			return i + j;
		GUARD(k, 4);
		if (n == 2)
			goto end;
		if (n == 3) {
			GUARD(m, 5);
			return (m = 6) + k;
		}
	}
	return 0;
end:
	return await t(3) + o;
}
static async int loops(int n)
{
	GUARD(o, 1);
	for (int i = await t(1); i < 4; i++) {
		GUARD(p, i * 10);
		{
			GUARD(q, 50);
			if (i == n)
				continue;
			if (i == n + 1)
				break;
			GUARD(r, q + 10);
			if (n == 0) {
				GUARD(s, r + 10);
				if (s)
					goto out;
			}
		}
		p += await t(2);
		for (GUARD(u, 80); u < 83; u++) {
			GUARD(w, u);
			if (w == 81)
				continue;
			if (w == 82)
				goto next;
		}
next:;
	}
	return 5;
out:
	return 6 + o;
}
static async int values(int n)
{
	GUARD(o, 1);
	await t(1);
	int r = ({ GUARD(i, 2); if (n == 1) return 3; if (n == 2) goto out; GUARD(j, 4); i + j; });
	{
		GUARD(g, 6);
		int v[g + n];
		v[0] = 1;
		GUARD(h, v[0]);
		if (n + h == 4)
			goto out;
	}
	return r;
out:
	{
		GUARD(z, 9);
		return z + o;
	}
}
static async int computed(int n)
{
	GUARD(o, 1);
	await t(1);
	void *to[] = {&&one, &&two};
	for (int i = 0; i < 3; i++) {
		GUARD(p, 5);
		if (n == 1 && p)
			break;
	}
	goto *to[n];
one:
	n += o;
two:
	return n + await t(1);
}

int main(void)
{
	for (int i = 0; i < 5; i++) {
		printf(" = %d\n", returns(i));
		printf(" = %d\n", loops(i));
		printf(" = %d\n", values(i));
		printf(" = %d\n", computed(i & 1));
	}
	return 0;
}
