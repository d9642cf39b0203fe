// Identifiers may have letters beyond ASCII.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: ü 5
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int grün(int é) { int größe = é + await step(1); return größe; }
async int main(void) { printf("ü %d\n", await grün(4)); return 0; }
