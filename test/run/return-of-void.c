// return with a void expression, and falling off the end.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 3
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async void v(int n) { if (n) return (void)await step(n); await step(1); }
static async void w(int n) { return await v(n); }
static async int off(int n) { if (n) return await step(n); await step(1); return 0; }
static async void many(int n) { for (;;) { if (n > 3) return; if (n == 2) { n += await step(5); continue; } n++; await w(n); } }
async int main(void) { await v(0); await w(1); await many(0); printf("%d\n", await off(3)); await off(0); }
