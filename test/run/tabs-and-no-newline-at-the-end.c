// Tabs anywhere, and no newline at the end of the file.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
	async	int	tabs(int	n)	{	int	x	=	await	step(n);	return	x	;	}
async int main(void) { printf("%d\n", await tabs(1)); return 0; }