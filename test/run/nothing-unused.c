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
async int main(int argc, char **argv) { (void)argc; (void)argv; await empty(); printf("%d\n", await u(0, 1, 2) + await noawait(-1)); return 0; }
