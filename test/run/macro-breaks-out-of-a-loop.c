// break and continue that come out of a macro belong to the loop around it, as does a case label to the switch.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 3 5 end 7
// CHECK-NEXT: two two other
#include <async.h>
#include <stdio.h>

#define STOP_AT(x) if (await same(i, x)) break
#define SKIP_EVEN if (i % 2 == 0) continue
#define CASE(x) break; case x:
#define UNTIL_3(n) for (;;) { if (++n == 3) break; else continue; }

static async int same(int a, int b)
{
	await async_sleep(0);
	return a == b;
}

static async void name(int n)
{
	switch (n) {
	CASE(1) printf("one ");
	CASE(2) await async_sleep(0); printf("two ");
	break; default: printf("other");
	}
}

async int main(void)
{
	int i, n = 0;
	for (i = 0; i < 100; i++) {
		STOP_AT(7);
		SKIP_EVEN;
		printf("%d ", i);
	}
	UNTIL_3(n);
	printf("end %d\n", i);
	await name(2);
	await name(n - 1);
	await name(n);
	printf("\n");
	return n - 3;
}
