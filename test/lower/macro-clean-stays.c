// A macro that brings nothing that lowering has to see stays as written, also next to an await.
// RUN: %asyncc %s --no-line -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status clean__resume(
// CHECK: assert(n > 0);
// CHECK: errno = 0;
// CHECK: atomic_fetch_add(&f->counter, 1);
// CHECK: LOG("n is %d", n);
// CHECK: if (likely(n > 1))
// CHECK: REPEAT(3, { int twice = 2 * n; n += twice; });
// CHECK: = MAX(MAX(n, 1), (int)ARRAY_SIZE(f->table))
// CHECK: = UINT64_C(1);
// CHECK: f->result = n + m + atomic_load(&f->counter) + (p == NULL) + (int)big; return ASYNC_DONE;
#include <async.h>
#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LOG(...) do { if (errno) fprintf(stderr, __VA_ARGS__); } while (0)
#define MAX(a, b) ({ __typeof__(a) a_ = (a), b_ = (b); a_ > b_ ? a_ : b_; })
#define REPEAT(n, body) for (int i_ = 0; i_ < (n); i_++) body
#define likely(x) __builtin_expect(!!(x), 1)

async int one(int n)
{
	await async_sleep(0);
	return n;
}

async int clean(int n, void *p)
{
	int table[] = {1, 2, 3};
	atomic_int counter = 0;
	assert(n > 0);
	errno = 0;
	atomic_fetch_add(&counter, 1);
	LOG("n is %d", n);
	if (likely(n > 1))
		n--;
	REPEAT(3, { int twice = 2 * n; n += twice; });
	int m = MAX(MAX(n, 1), (int)ARRAY_SIZE(table)) + await one(table[0]);
	uint64_t big = UINT64_C(1);
	return n + m + atomic_load(&counter) + (p == NULL) + (int)big;
}
