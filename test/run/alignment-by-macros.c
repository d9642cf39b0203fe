// alignas is a macro of stdalign.h, and others may stand for it: locals keep their alignment.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 0 0 0 0 0
#include <async.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdint.h>
#define ALIGNED(n) __attribute__((aligned(n)))
#define CACHELINE alignas(64)
#define A(n) alignas(n)
async int main(void) {
	alignas(64) char a = 1;
	CACHELINE char b = 2;
	ALIGNED(64) char c = 2;
	A(128) char d = 2;
	_Alignas(long double) alignas(int) char e = 1;
	char *p = &a, *q = &b, *r = &c, *s = &d, *t = &e;
	await async_sleep(0);
	printf("%d %d %d %d %d\n", (int)((uintptr_t)p % 64),(int)((uintptr_t)q % 64),(int)((uintptr_t)r % 64),(int)((uintptr_t)s % 128),(int)((uintptr_t)t % 16));
	return 0;
}
