// An asm goto may go to any label: the regions it would leave are not known.
// REQUIRES: x86_64
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: an asm goto cannot leave an async_try, an async_timeout or a variable with a cleanup
#include <async.h>

async int step(int n);

async int f(int n)
{
	async_try {
		await step(n);
		__asm__ volatile goto("testl %0, %0\n\tjne %l1" :: "r"(n) : "cc" : out);
		n++;
	}
	async_finally {
		await step(1);
	}
out:
	return n;
}
