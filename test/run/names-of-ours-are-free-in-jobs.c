// Functions and types that jobs call, take and give may have any of the names that the generated code around them uses.
// RUN: %exec %s | FileCheck %s
// CHECK: 5 16 7 9 81 11 3
#include <async.h>
#include <stdio.h>

typedef struct fixed { const int n; } fixed;
typedef struct job { int n; } i;
typedef long results, arguments;
static int job(int n) { return n + 1; }
static int j(int n) { return n * n; }
static fixed function(fixed r) { return (fixed){r.n + 1}; }
static i data(i x) { return (i){x.n + 1}; }
static int status(int n) { return n; }
static results square(arguments a) { return a * a; }
static i next(i a) { return (i){a.n + 1}; }

async int main(void)
{
	arguments from[] = {3, 9};
	results to[2];
	i in[] = {{10}}, out[1];
	await async_executor_map(NULL, 0, to, square, from, 2);
	await async_executor_map(NULL, 0, out, next, in, 1);
	int a = await async_run_in_executor(NULL, job(4)), b = await async_run_in_executor(NULL, j(4));
	fixed r = {(await async_run_in_executor(NULL, function((fixed){6}))).n};
	int c = await async_run_in_executor(NULL, status(3));
	printf("%d %d %d %ld %ld %d %d\n", a, b, r.n, to[0], to[1], out[0].n, c);
	return (await async_run_in_executor(NULL, data((i){1}))).n != 2;
}
