// A cleanup attribute that a macro gives runs on every way out, innermost first.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: free in
// CHECK-NEXT: free c
// CHECK-NEXT: free b
// CHECK-NEXT: free a
// CHECK-NEXT: free in
// CHECK-NEXT: free in
// CHECK-NEXT: free c
// CHECK-NEXT: free b
// CHECK-NEXT: free a
// CHECK-NEXT: 3
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
#define AUTO(f) __attribute__((cleanup(f)))
#define auto_text AUTO(free_text) char *
static void free_text(char **p) { printf("free %s\n", *p); free(*p); }
static async int f(int n)
{
	auto_text a = strdup("a");
	AUTO(free_text) char *b = strdup("b"), *c = strdup("c");
	for (int i = 0; i < n; i++) {
		auto_text in = strdup("in");
		if (await step(i) == 1)
			return await step(3);
	}
	await step(1);
	return 0;
}
async int main(void) { printf("%d\n", await f(1) + await f(3)); return 0; }
