// An initialiser may name its own variable; strings fill their arrays.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 5 8 1
// CHECK-NEXT: abc xyz q hi 4
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __clang__ /* from 21 on it has something to say of a string without its zero */
#if __has_warning("-Wunterminated-string-initialization")
#pragma clang diagnostic ignored "-Wunterminated-string-initialization"
#endif
#endif
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
