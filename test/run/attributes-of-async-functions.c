// Attributes go to the entry, to the resume function, or to both, and draw no warning.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 135
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
__attribute__((noinline, hot)) static async int a(int n) { return await step(n); }
__attribute__((visibility("hidden"))) async int b(int n) { return await step(n); }
async __attribute__((weak)) int c(int n) { return await step(n); }
static async int d(int n) __attribute__((unused));
static async int d(int n) { return await step(n); }
async int e(const char *fmt, int n) __attribute__((nonnull(1), warn_unused_result));
async int e(const char *fmt, int n) { return await step(n) + fmt[0]; }
__attribute__((target("avx2"))) static async int g(int n) { return await step(n); }
__attribute__((section(".text.mine"))) async int h(int n) { return await step(n); }
__attribute__((no_sanitize("address"))) async int i(int n) { return await step(n); }
static async int j(int n) { return await step(n); }
_Noreturn async void k(int n) { await step(n); exit(0); }
__attribute__((always_inline)) static inline async int m(int n) { return await step(n); }
__attribute__((aligned(64))) static async int q(int n) { return await step(n); }
__attribute__((malloc)) static async void *r(int n) { await step(n); return malloc(n); }
__attribute__((returns_nonnull)) static async void *s(int n) { await step(n); return "x"; }
async int main(void) { void *p = await r(3); free(p); printf("%d\n", await a(1) + await b(1) + await c(1) + await d(2) + await e("x", 3) + await g(1) + await h(1) + await i(1) + await j(1) + await m(1) + await q(1) + !!*(char *)await s(1)); await k(1); }
