// --frames lists each byte of a frame: what it is for, and which await needs it.
// RUN: %asyncc %s --frames | FileCheck %s --implicit-check-not='short_lived '
// CHECK: total: {{[0-9]+}} bytes, aligned to 8  (frames.c:26)
// CHECK-NEXT: {{^}}      0     8  base {{.*}}where its caller awaits it
// CHECK-NEXT: {{^}}      8     4  result {{.*}}the function's result
// CHECK-NEXT: {{^}}      8     4  n {{ *}}int{{.*}}parameter; lives across await_1 (line 32), await_2 (line 35); kept in a C local between awaits
// CHECK-NEXT: {{^}}     12     4  sum {{ *}}int{{.*}}lives across await_2 (line 35); kept in a C local between awaits
// CHECK-DAG: buffer {{ *}}char[8] {{ *}}lives across await_1 (line 32){{.*}} only in the frame
// CHECK-DAG: next {{ *}}struct next__frame {{ *}}the frame of a callee; callees share this place
// CHECK: reasons: {{[0-9]+}} bytes
// CHECK-DAG: counter {{.*}} atomic, so only in the frame
// CHECK-DAG: fixed {{.*}} it has const members, so only in the frame
// CHECK-DAG: seen {{.*}} volatile, so only in the frame
// CHECK-DAG: list {{.*}} too large to copy, so only in the frame
// CHECK-DAG: shown {{.*}} its address is taken, so only in the frame
// short_lived is not in it: no await outlives it.
#include <async.h>
#include <string.h>

static async int next(int x)
{
	await async_sleep(0);
	return x + 1;
}

async int total(int n)
{
	char buffer[8];
	strcpy(buffer, "text");
	int short_lived = n * 2;
	buffer[7] = (char)short_lived;
	int sum = 1 + await next(n);
	sum += (int)strlen(buffer);
	for (int i = 0; i < n; i++)
		sum += await next(i);
	return sum;
}

struct fixed { const int id; };
struct list { long a, b, c; };
void show(int *shown);

async int reasons(struct fixed fixed, struct list list)
{
	_Atomic int counter = 1;
	volatile int seen = 2;
	int shown = 3;
	show(&shown);
	await async_sleep(0);
	return counter + seen + shown + fixed.id + (int)list.c;
}
