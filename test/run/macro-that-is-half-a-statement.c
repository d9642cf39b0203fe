// A macro may be the head of a loop, a brace, an operator: what is written around it is lowered with it.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: a b c
// CHECK-NEXT: 0 1 2 sum 13
// CHECK-NEXT: locked 1 unlocked
// CHECK-NEXT: yes no 12 9
// CHECK-NEXT: 8
#include <async.h>
#include <stdio.h>

struct item { const char *name; struct item *next; };
#define FOREACH(var, list) for (struct item *var = (list); var; var = var->next)
#define RANGE(i, from, to) int i = from; i < to; i++
#define IF if (
#define THEN )
#define ELSE else
#define BEGIN {
#define END }
#define FIVE_PLUS 5 +
#define PAIR 3, 4
#define FOREVER while (1)
#define WITH_LOCK for (int held = lock(1), once = 1; once; once = 0, held = lock(0), (void)held)
#define AND &&
#define DONE_PRINT ); printf

static int lock(int on)
{
	printf(on ? "locked " : "unlocked\n");
	return on;
}

static async int twice(int n)
{
	await async_sleep(0);
	return 2 * n;
}

static async int add(int a, int b)
{
	await async_sleep(0);
	return a + b;
}

async int main(void)
{
	struct item c = {"c", NULL}, b = {"b", &c}, a = {"a", &b};
	FOREACH(item, &a) {
		await async_sleep(0);
		printf("%s ", item->name);
	}
	printf("\n");
	int sum = 0;
	for (RANGE(i, 0, 3)) {
		sum += FIVE_PLUS await twice(i) - 2 * i;
		printf("%d ", i);
	}
	int rounds = 0;
	FOREVER {
		if (await add(rounds++, 0) == 2)
			break;
	}
	printf("sum %d\n", sum - 5 + rounds);
	WITH_LOCK
		printf("%d ", await add(0, 1));
	IF sum THEN BEGIN
		await async_sleep(0);
		printf("yes ");
	END
	IF await twice(0) THEN
		printf("yes ");
	ELSE
		printf("no ");
	int value = FIVE_PLUS await add(PAIR);
	printf("%d %d\n", value, 1 AND await twice(1) ? 9 : 8);
	int last = await twice(4 DONE_PRINT("%d\n", last);
	return 0;
}
