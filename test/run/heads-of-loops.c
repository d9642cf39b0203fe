// Every part of a loop's head may await or be missing; continue goes to the increment or the condition, and the twin agrees.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 5121
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	if (v & 1)
		await async_sleep(0);
	return v;
}

static async int loops(void)
{
	int i = 0, n = 0;
	for (;;) {
		if (await t(i++) > 2)
			break;
		n++;
	}
	for (await t(1);;) {
		if (i++ > 5)
			break;
		n++;
	}
	for (; await t(i++) < 10;)
		n++;
	for (;; i += await t(1)) {
		if (i > 14)
			break;
		n++;
	}
	for (i = await t(1); await t(i) < 5;) {
		i++;
		n++;
	}
	for (i = await t(1);; i += await t(2)) {
		if (i > 9)
			break;
		if (i & 2)
			continue;
		n++;
	}
	for (; await t(i) < 20; i += await t(2)) {
		if (i & 2)
			continue;
		n++;
	}
	for (int k = await t(0), *p = &k; await t(*p) < 20; *p += await t(2)) {
		if (k & 2)
			continue;
		n++;
	}
	do {
		if (n & 1)
			continue;
		n++;
	} while (await t(n++) < 40);
	while (({ int z = await t(n++); z; }) < 50)
		;
	return n * 100 + i;
}

async int main(void)
{
	printf("%d\n", await loops());
	return 0;
}
