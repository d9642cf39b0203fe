// A function may name itself where nothing is evaluated.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 12 2 4 9
#include <async.h>
#include <stdio.h>
typedef struct { int v[3]; } box;
static async box self(int n) { box b = {{n}}; await async_sleep(0); b.v[1] = (int)sizeof(self(0)); return b; }
static async box self2(int n) { box b = {{n}}; await async_sleep(0); __typeof__(self2(0)) c = b; return c; }
static async int self3(int n) { await async_sleep(0); return _Generic(self3(1), int: n, default: 0) + _Generic(&self3, int (*)(int): 1); }
static async int self5(int n) { return n + (int)sizeof(self5(1)); }
async int main(void) { printf("%d %d %d %d\n", (await self(1)).v[1], (await self2(2)).v[0], await self3(3), await self5(5)); return 0; }
