// Unused parameters and functions without an await draw no warning.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 0
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int u(int used, int unused, __attribute__((unused)) int attr) { (void)unused; return await step(used); }
static async void empty(void) {}
static async int noawait(int n) { int x = n; x++; return x; }
static async int behind_a_return(int n) { return n; await step(n); return 2; }
static async int behind_a_loop(int n) { for (;;) if (n++ > 3) return n; return await step(1); }
async int main(int argc, char **argv) { (void)argc; (void)argv; await empty(); printf("%d\n", await u(0, 1, 2) + await noawait(-1) + await behind_a_return(2) + await behind_a_loop(-3) - 7); return 0; }
