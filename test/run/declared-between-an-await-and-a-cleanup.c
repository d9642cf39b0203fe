// An error jumps from the await to the cleanup at the block's end; what is declared between them is not in its way:
// variables with an initialiser (no warning), arrays of a run-time size.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: array 8 12 7
// CHECK-NEXT: arrays 2 2 6
// CHECK-NEXT: alloca 3 3 9
// CHECK-NEXT: dropped 4
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static async void pause(int n)
{
	if (n)
		await async_sleep(0);
}

static async void array(int n)
{
	char a[n * 2];
	memset(a, n + 3, sizeof a);
	await pause(n);
	int size = (int)sizeof a, three[] = {n, size, n + size};
	const int seven = a[0];
	printf("array %d %d %d\n", size, three[2], seven);
}

static async void arrays(int n)
{
	int a[n];
	a[n - 1] = n;
	await pause(n);
	int b[n + 1];
	b[0] = a[n - 1];
	int c[2][n + 1];
	c[1][0] = (int)(sizeof c / sizeof *c);
	printf("arrays %d %d %d\n", b[0], c[1][0], (int)(sizeof b / sizeof *b) * n);
}

static void drop(int *n)
{
	printf("dropped %d\n", *n);
}

static async void allocated(int n)
{
	char *p = __builtin_alloca(n);
	p[0] = (char)n;
	await pause(n);
	__attribute__((cleanup(drop))) int kept = 4;
	int twice[n * 3], other = p[0];
	printf("alloca %d %d %d\n", n, other, (int)(sizeof twice / sizeof *twice));
}

int main(void)
{
	array(4);
	arrays(2);
	allocated(3);
	return 0;
}
