// An async function cannot run before main, in an interrupt, or without a body of ours; the attribute may come out of a macro.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: an async function cannot be 'constructor': no loop runs before main
// CHECK: error: an async function cannot be 'destructor': no loop runs after main
// CHECK: error: an async function cannot be 'naked'
// CHECK: error: an async function cannot be 'pure'
#include <async.h>
#define AT_START __attribute__((constructor(200)))

AT_START async void a(void) { await async_sleep(0); }
__attribute__((destructor)) async void b(void) { await async_sleep(0); }
__attribute__((__naked__)) async void c(void) { }
__attribute__((pure)) async int d(void) { return 1; }
