// The frame of an async_noinline_frame function is no part of its caller's; the attributes mean nothing to the C compiler.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: struct __attribute__((may_alias)) caller__frame {
// CHECK: struct near__frame near;
// CHECK-NOT: struct apart__frame
// CHECK-LABEL: caller__resume(
// CHECK: apart_1 = apart__start(n);
// CHECK: {{^}}async_no_malloc async_frame_max(300) async int last(int n)
#include <async.h>

static async int near(int n) { await async_sleep(n); return n; }
static async_noinline_frame async int apart(int n) { await async_sleep(n); return n; }
async int caller(int n) { return await near(n) + await apart(n); }
async_no_malloc async_frame_max(300) async int last(int n) { return await near(n); }
