/* bench.h: a benchmark of ours is an async function that does n operations and returns a checksum of its work. */
#ifndef BENCH_H
#define BENCH_H

#include <async.h>

#include "../common/bench.h"

async uint64_t await_same_file(uint64_t n); /* await.c */
async uint64_t await_other_file(uint64_t n);
async uint64_t await_pointer(uint64_t n);
async uint64_t leaf_elsewhere(uint64_t x); /* elsewhere.c */
uint64_t plain_call(uint64_t n);	   /* plain.c */
uint64_t plain_hot_flat(uint64_t n);
uint64_t plain_hot_nested(uint64_t n);
async uint64_t yield_deep(uint64_t n); /* yield.c */
async uint64_t yield_one(uint64_t n);
async uint64_t yield_two(uint64_t n);
async uint64_t spawn_await(uint64_t n); /* task.c */
async uint64_t fib(uint64_t n);
async uint64_t sleepers(uint64_t n, uint64_t ms);
async uint64_t timers(uint64_t n);
async uint64_t timer_cancel(uint64_t n);
async uint64_t queue(uint64_t n);    /* queue.c */
async uint64_t queue_library(uint64_t n);
async uint64_t executor(uint64_t n); /* executor.c */
async uint64_t hot_flat(uint64_t n); /* hot.c */
async uint64_t hot_nested(uint64_t n);
async uint64_t serve_echo(int port); /* echo.c */
async uint64_t serve_http(int port); /* http.c */

#endif
