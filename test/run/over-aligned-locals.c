// Over-aligned locals keep their alignment in the frame, also in a task's.
// RUN: %exec %s | FileCheck %s
// CHECK: 130 130
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
#include <stdint.h>
typedef float v8 __attribute__((vector_size(32)));
struct __attribute__((aligned(128))) wide { char c; };
static async int f(const v8 *p)
{
	v8 a = { 1, 2, 3, 4, 5, 6, 7, (float)await step(8) };
	struct wide w = { 'a' }, *pw = &w;
	_Alignas(256) char x[3] = "x";
	await step(1);
	a += *p;
	return (int)a[7] + (int)((uintptr_t)pw % 128) + (int)((uintptr_t)x % 256) + x[0];
}
async int main(void) { v8 p = { 0, 0, 0, 0, 0, 0, 0, 2 }; int r = await f(&p); async_task(int) t = async_create_task(f(&p)); printf("%d %d\n", r, await *t); return 0; }
