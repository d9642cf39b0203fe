// What a parameter list or a result declares by itself, no caller could name, nor could the frame.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
#include <async.h>

// CHECK: [[@LINE+1]]:15: error: the type of this parameter has no name that the frame could use: declare it at file scope
async int get(struct { int a; } s)
{
	await async_sleep(1);
	return s.a;
}

// CHECK: [[@LINE+1]]:1: error: the type of the result has no name that the frame could use: declare it at file scope
async struct { int a; } make(void)
{
	await async_sleep(1);
}
