// An initialiser may name its own variable; strings fill their arrays.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 5 8 1
// CHECK-NEXT: abc xyz q hi 4
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
struct N { struct N *next; int v; };
async int main(void)
{
	struct N n = { .next = &n, .v = await step(5) };
	size_t z = sizeof z;
	void *p = &p;
	await step(1);
	printf("%d %zu %d\n", n.next->v, z, p == (void *)&p);
	char a[3] = "abc", b[] = { "xyz" }, c[8] = "q";
	const char cc[5] = "hi";
	await step(1);
	printf("%.3s %s %s %s %zu\n", a, b, c, cc, sizeof b);
	return 0;
}
