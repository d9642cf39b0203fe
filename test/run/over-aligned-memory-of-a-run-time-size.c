// Arrays of a run-time size, and what alloca gives, are aligned as they ask for, across awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: done
#include <async.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef float v8 __attribute__((vector_size(32)));
struct wide { _Alignas(128) char c; };
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static void check(const char *name, int n, const void *at, uintptr_t align) { if ((uintptr_t)at % align) printf("%s %d misaligned\n", name, n); }
static async void all(int n)
{
	char *byhand = __builtin_alloca_with_align(40, 1024), *plain = __builtin_alloca(n);
	alignas(64) char first[n];
	char second[n + 1] __attribute__((aligned(256)));
	v8 vectors[n];
	struct wide wides[await step(2)][n];
	typedef struct wide row[n];
	row rows[2];
	typedef char line[n] __attribute__((aligned(512)));
	line text;
	memset(byhand, n, 40);
	memset(plain, n + 1, n);
	vectors[n - 1] = (v8){1, 2};
	wides[1][n - 1].c = rows[1][n - 1].c = first[n - 1] = second[n] = text[n - 1] = 'x';
	await step(1);
	for (int k = 0; k < 40; k++) if (byhand[k] != n) puts("lost");
	for (int k = 0; k < n; k++) if (plain[k] != n + 1) puts("lost");
	if (vectors[n - 1][1] != 2 || wides[1][n - 1].c + rows[1][n - 1].c + first[n - 1] + second[n] + text[n - 1] != 5 * 'x') puts("wrong");
	check("alloca", n, byhand, 128);
	check("_Alignas", n, first, 64);
	check("aligned", n, second, 256);
	check("vectors", n, vectors, _Alignof(v8));
	check("wides", n, wides, 128);
	check("rows", n, rows, 128);
	check("line", n, text, 512);
}
async int main(void)
{
	for (int n = 1; n < 40; n++) {
		char *shift = malloc(n * 24);
		await all(n);
		free(shift);
	}
	puts("done");
	return 0;
}
