// What async_run and async_catch are around in ordinary C is a call, which blocks; a combinator, a task or a future needs a loop that runs.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
#include <async.h>
#include <stdlib.h>

async int step(int n);

// CHECK: [[@LINE+3]]:12: error: ordinary C cannot wait for async_gather: put it into an async function and call that
void gathers(int *a, int *b)
{
	async_run(async_gather(*a = step(1), *b = step(2)));
}
// CHECK: [[@LINE+3]]:25: error: ordinary C cannot wait for async_wait_for: put it into an async function and call that
int times_out(int n)
{
	return async_catch(n = async_wait_for(step(1), 2)).code + n;
}
// CHECK: [[@LINE+3]]:20: error: ordinary C cannot wait for async_shield: put it into an async function and call that
int shields(void)
{
	return async_run((async_shield(step(1))));
}
// CHECK: [[@LINE+3]]:28: error: ordinary C cannot wait for async_run_in_executor: put it into an async function and call that
int submits(async_loop *loop)
{
	return async_run_on(loop, async_run_in_executor(NULL, abs(-3)));
}
// CHECK: [[@LINE+3]]:25: error: ordinary C cannot wait for async_queue_get: put it into an async function and call that
int gets(async_queue(int) q, int n)
{
	return async_catch(n = async_queue_get(q)).code + n;
}
// CHECK: [[@LINE+3]]:19: error: ordinary C cannot wait for a task or future: put it into an async function and call that
int awaits(async_task(int) t)
{
	return async_run(*t);
}
// CHECK: [[@LINE+3]]:34: error: ordinary C cannot wait for a task or future: put it into an async function and call that
int reads(async_task(int) t)
{
	return async_run(step(async_run(*t + *t)));
}
