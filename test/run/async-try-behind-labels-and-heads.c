// An async_try is a statement like any other: behind a label or a case, in a branch, a loop, a timeout or another async_try without braces.
// RUN: %exec %s | FileCheck %s
// CHECK: 3 0 10 6 16 9 9 4 4 72 73 5
// RUN: not %asyncc -DWITHOUT_END %s 2>&1 | FileCheck --check-prefix=ENDS %s
// ENDS-DAG: :84:3: error: async_try without async_except or async_finally after it
// ENDS-DAG: :86:2: error: async_try without async_except or async_finally after it
// ENDS-DAG: :92:2: error: async_except without async_try before it
#include <async.h>
#include <stdio.h>

static async int fail(int v)
{
	await async_sleep(0);
	async_raise(v, "failed");
	return 0;
}

static async int in_a_branch(int n)
{
	if (n)
		async_try { await fail(n); }
		async_except (e) { return e.code; }
	return 0;
}

static async int in_a_loop(int n)
{
	while (n--)
		async_try { await fail(n); }
		async_except (e) { if (e.code == 1) return 10; }
	return 0;
}

static async int in_a_do(int n)
{
	do
		async_try { n = await fail(n); }
		async_except (e) { return e.code * 3; }
	while (n);
	return 0;
}

static async int behind_cases(int n)
{
	int left = 0;
	switch (n) {
	case 3:
	case 5:
		async_try { await fail(n); }
		async_except (e) { left += e.code * 2; if (n == 5) goto again; }
		async_finally { await async_sleep(0); left += n == 5; }
		break;
again: __attribute__((unused));
	default:
		async_try { left += 5; }
		async_finally { await async_sleep(0); }
	}
	return left;
}

static async int in_one_another(int n)
{
	async_timeout (100)
		async_try
			async_try { await fail(n); }
			async_except (e) { async_raise(n + 1, "again"); }
		async_except (e) { return e.code; }
	return 0;
}

static async int before_a_finally(int n)
{
	goto entry;
entry:
	async_try { if (n) return n; }
	async_finally { await async_sleep(0); printf("%d ", n + 1); }
	return 0;
}

#ifdef WITHOUT_END
static async void ends(int n)
{
	if (n)
		async_try { await async_sleep(0); }
again:
	async_try { await async_sleep(0); }
	if (n)
		goto again;
	async_try
		if (n)
			await async_sleep(0);
	async_except (e)
		n = 2;
	async_finally
		n = 3;
}
#endif

async int main(void)
{
	printf("%d %d %d ", await in_a_branch(3), await in_a_branch(0), await in_a_loop(3));
	printf("%d %d %d %d ", await behind_cases(3), await behind_cases(5), await in_a_do(3), await in_a_do(3));
	printf("%d %d ", await in_one_another(3), await in_one_another(3));
	int n = await before_a_finally(71);
	printf("%d ", n + 2);
	printf("%d\n", await behind_cases(1));
	return 0;
}
