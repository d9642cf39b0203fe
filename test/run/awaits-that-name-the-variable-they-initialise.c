// An initialiser with an await in it may name its own variable: its size, its type, its address; a bound comes before it.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 5 1180 247 15 14 11
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
	struct item *me;
	long n;
	char text[40];
};
typedef struct { const int k; int j; } fixed;

static async void *get(size_t size)
{
	if (size & 8)
		await async_sleep(0);
	return calloc(1, size);
}
static async int same(int v)
{
	await async_sleep(0);
	return v;
}
static async int plain(int v)
{
	return v;
}

static void free_it(struct item **p)
{
	free(*p);
}

static async struct item *pointer(int n)
{
	struct item *new = await get(sizeof *new);
	new->n = n;
	return new;
}

static async long several(int n)
{
	const struct item *const a = await get(sizeof *a), *b = await get(sizeof *a + sizeof *b);
	struct item c = {&c, await same(n), "c"}, d = {.me = &d, .n = await same((int)sizeof d.text)};
	long volatile v = await same((int)sizeof v);
	_Atomic long w = await same((int)sizeof w);
	int e[] = {await same(1), await same((int)sizeof *e), (int)sizeof *e};
	fixed f = {await same((int)sizeof f), await same(2)};
	_Bool fine = !a->n && !b->n && c.me == &c && d.me == &d;
	free((void *)a);
	free((void *)b);
	return fine * 1000 + c.n + d.n + v + w + e[1] + (long)sizeof e + f.k;
}

static async long run_time(int n)
{
	int (*rows)[n] = await get(3 * sizeof *rows);
	rows[2][n - 1] = await same(7);
	long size = sizeof *rows, last = rows[2][n - 1];
	free(rows);
	return size * 10 + last;
}

static async long shadowed(int n)
{
	struct item *new = await get(sizeof *new);
	long sum = 0;
	{
		char *new = await get(sizeof *new * 3), *other = await get(sizeof *other + sizeof(__typeof__(new)));
		sum += strlen(strcpy(new, "no")) + (other[0] == 0);
		free(new), free(other);
	}
	for (struct item *p = await get(sizeof *p * 2), *end = p + await same(2); p < end; p++)
		if ((sum += p->n + 1) == 4) {
			free(p);
			break;
		}
	switch (n) {
		long before;
	case 1:
		before = 3;
		long after = await same((int)sizeof after);
		sum += before + after;
	}
	new->n = sum;
	sum = new->n;
	free(new);
	return sum;
}

static async int never(void)
{
	struct item x = {&x, await plain((int)sizeof x.n), "x"};
	int own = await plain((int)sizeof own) + ({ __typeof__(own) k = await plain(2); k; });
	return x.me == &x ? (int)x.n + own : -1;
}

static async int guarded(void)
{
	int value = 5;
	__auto_type last = await same(value + 1);
	{
		__attribute__((cleanup(free_it))) struct item *mine = await get(sizeof *mine);
		mine->n = last;
		value += await same((int)mine->n);
	}
	return value;
}

async int main(void)
{
	struct item *one = await pointer(5);
	printf("%ld %ld %ld %ld %d %d\n", one->n, await several(100), await run_time(6), await shadowed(1), await never(), await guarded());
	free(one);
	return 0;
}
