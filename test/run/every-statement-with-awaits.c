// Loops, switch, Duff's device, goto, computed goto and recursion with awaits anywhere behave as without.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: while 21
// CHECK-NEXT: for 26
// CHECK-NEXT: do 34 5
// CHECK-NEXT: nested 43
// CHECK-NEXT: no braces 106
// CHECK-NEXT: 106
// CHECK-NEXT: choose 0: 11
// CHECK-NEXT: choose 1: 10
// CHECK-NEXT: choose 2: 4
// CHECK-NEXT: choose 3: 11
// CHECK-NEXT: choose 4: 8
// CHECK-NEXT: choose 5: 2
// CHECK-NEXT: choose 6: 2
// CHECK-NEXT: choose 7: 5
// CHECK-NEXT: choose 8: 2
// CHECK-NEXT: duff 1: 1000
// CHECK-NEXT: duff 2: 1101
// CHECK-NEXT: duff 3: 1111
// CHECK-NEXT: duff 4: 1112
// CHECK-NEXT: duff 5: 2112
// CHECK-NEXT: duff 6: 2213
// CHECK-NEXT: duff 7: 2223
// CHECK-NEXT: duff 8: 2224
// CHECK-NEXT: goto 0: 12
// CHECK-NEXT: goto 1: 13
// CHECK-NEXT: goto 2: 10
// CHECK-NEXT: goto 3: 13
// CHECK-NEXT: goto 4: 29
// CHECK-NEXT: 11 1
// CHECK-NEXT: 13
// CHECK-NEXT: not early
// CHECK-NEXT: 5 12
// CHECK-NEXT: die 2
// CHECK-NEXT: [exit status 3]
#include <async.h>
#include <stdlib.h>
#include <stdio.h>

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n;
}

static async int loops(int n)
{
	int sum = 0;
	while (await step(sum) < n)
		sum += 3;
	printf("while %d\n", sum);
	for (int i = await step(0); await step(i) < 5; i += await step(1)) {
		if (i == 1)
			continue;
		if (i == 4)
			break;
		sum += i;
	}
	printf("for %d\n", sum);
	int k = 0;
	do {
		k++;
		if (k == 2)
			continue;
		if (k == 5)
			break;
		sum += k;
	} while (await step(k) < 7);
	printf("do %d %d\n", sum, k);
	for (;;) {
		if (await step(sum) > 40)
			break;
		sum++;
		for (int j = 0; ; j++) {
			if (j > await step(2))
				break;
			if (j == 1)
				continue;
			sum++;
		}
	}
	printf("nested %d\n", sum);
	do if (await step(1)) break; while (1);
	do while (await step(3) == 4) ; while (await step(0));
	for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) if (await step(i) == j) sum++; else sum += 10;
	printf("no braces %d\n", sum);
	return sum;
}

static async int choose(int n)
{
	int r = 0;
	switch (await step(n)) {
		int declared;
	case 0:
		r = 1;
		/* fall through */
	case 1:
		r += await step(10);
		break;
	case 2 ... 4:
		declared = await step(n);
		r = declared * 2;
		if (n == 3) {
	case 7:
			r += await step(5);
		}
		break;
	default:
		for (int i = 0; i < 3; i++) {
			if (i == 1)
				continue;
			r += await step(i);
		}
		break;
	}
	return r;
}

static async int duff(int count)
{
	int n = (count + 3) / 4, total = 0;
	switch (count % 4) {
	case 0: do {	total += await step(1);
		/* fall through */
	case 3:		total += await step(10);
		/* fall through */
	case 2:		total += await step(101);
		/* fall through */
	case 1:		total += await step(1000);
		} while (--n > 0);
	}
	return total;
}

static async int gotos(int n)
{
	int i = 0, sum = 0;
again:
	if (i++ < n) {
		sum += await step(i);
		if (i == 2)
			goto inside;
		goto again;
	}
	if (n == 3)
		goto out;
	{
		int x = 5;
		sum += x;
inside:
		x = await step(7);
		sum += x;
		if (i < n)
			goto again;
	}
out:
	return sum;
}

static async int computed(const char *program)
{
	static const void *table[] = { &&add, &&mul, &&end };
	int value = 1;
	goto *table[*program++ - 'a'];
add:
	value += await step(3);
	goto *table[*program++ - 'a'];
mul:
	value *= await step(2);
	goto *table[*program++ - 'a'];
end:
	return value;
}

static async int local_label(int n)
{
	__label__ done;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			if (await step(i * j) == 6)
				goto done;
	return 0;
done:
	return 1;
}

static async int mutual_b(int n);
static async int mutual_a(int n) { return n ? 1 + await mutual_b(n - 1) : 0; }
static async int mutual_b(int n) { return n ? await step(2) + await mutual_a(n - 1) : await step(0); }

static async void nothing(void) { }
static async void early(int n)
{
	if (n)
		return;
	await nothing();
	printf("not early\n");
}
_Noreturn static void die(int n) { printf("die %d\n", n); fflush(stdout); _Exit(3); }
#include <stdlib.h>
static async int never(int n)
{
	if (await step(n) == 1)
		return 5;
	die(n);
}
static async int forever(int n)
{
	for (;;)
		if (await step(n++) > 10)
			return n;
}

async int main(void)
{
	printf("%d\n", await loops(20));
	for (int i = 0; i < 9; i++)
		printf("choose %d: %d\n", i, await choose(i));
	for (int i = 1; i < 9; i++)
		printf("duff %d: %d\n", i, await duff(i));
	for (int i = 0; i < 5; i++)
		printf("goto %d: %d\n", i, await gotos(i));
	printf("%d %d\n", await computed("abac"), await local_label(5));
	printf("%d\n", await mutual_a(9));
	await early(0);
	await early(1);
	printf("%d %d\n", await never(1), await forever(2));
	await never(2);
}
