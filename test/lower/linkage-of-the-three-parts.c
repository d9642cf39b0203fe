// The entry and the descriptor have the linkage of the function; the resume function is static.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: static const async_function internal__async;
// CHECK: static async_status internal__resume(
// CHECK: {{^}}static async int internal(int n)
// CHECK: {{^}}extern const async_function external__async;
// CHECK: {{^}}const async_function external__async = {
// CHECK: {{^}}async int external(int n)
// CHECK: {{^}}static const async_function small__async;
// CHECK: {{^}}__attribute__((visibility("hidden"))) async int hidden(int n)
#include <async.h>

async int step(int n);
int pure(int n);
static async int internal(int n) { return await step(n); }
async int external(int n) { return await internal(n); }
static inline async int small(int n) { return await step(n); }
__attribute__((visibility("hidden"))) async int hidden(int n) { return await small(n); }
