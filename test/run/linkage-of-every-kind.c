// static, extern, inline and pointers to async functions.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 7 5
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static inline async int a(int n) { return await step(n); }
inline async int b(int n);
extern inline async int b(int n);
inline async int b(int n) { return n; }
extern async int c(int n);
extern async int c(int n) { return await step(n); }
async inline static int d(int n) { return await a(n); }
int async e(int n) { return await d(n); }
async int (*fp)(int) = e;
static async int (*get(int n))(int) { await step(1); return n ? a : d; }
async int main(void) { printf("%d %d\n", await b(1) + await c(3) + await e(3), await (await get(1))(5)); return await fp(0); }
