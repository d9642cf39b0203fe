// Prototypes may come before and after a definition, with async on any of them.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 2 3 121
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int later(int n);
int async_only_on_prototype(int);
async int async_only_on_prototype(int);
static async int fwd(int, const char *);
async int main(void);
int async_only_on_prototype(int n) { return n + await step(1); }
async int main(void) { printf("%d %d %d\n", await later(1), await async_only_on_prototype(2), await fwd(1, "x")); return 0; }
async int later(int n) { return await step(n) + 1; }
static async int fwd(int n, const char *s) { return n + await step(s[0]); }
async int later(int n);
