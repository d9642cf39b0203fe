// Keywords and markers may be pasted together by macros.
// RUN: %exec %s | FileCheck %s
// CHECK: 3 11 5 7
#include <async.h>
#include <stdio.h>
#define CAT(a, b) a##b
#define PASTE(a, b) CAT(a, b)
#define FIRST a
#define AWAIT(x) PASTE(FIRST, wait) x
CAT(as, ync) int step(int n) { CAT(aw, ait) async_sleep(0); return n; }
static async int both(int n)
{
	int a, b;
	CAT(a, wait) CAT(async_, gather)(a = step(n), b = CAT(st, ep)(1));
	CAT(async_, try) {
		a += CAT(a, wait) CAT(async_, wait_for)(step(n), 10);
		CAT(async_, raise)(4, "four");
	} CAT(async_, except)(e) {
		a += e.code;
	}
	return a + b + AWAIT(step(2));
}
async int main(void)
{
	CAT(async_, task)(int) t = CAT(async_, create_task)(step(5));
	printf("%d %d", AWAIT(step(1)) + CAT(a, wait) step(2), AWAIT(both(2)));
	printf(" %d", PASTE(a, wait) *t);
	printf(" %d\n", CAT(a, wait) CAT(async_, run_in_executor)(NULL, CAT(put, char)(' ')) - 25);
	return 0;
}
