// Nested switches, declarations before the first case, jumps into an if, continue and break out of them.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1105
// CHECK-NEXT: 21
// CHECK-NEXT: 1010
// CHECK-NEXT: 2006
// CHECK-NEXT: 3003
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int f(int n)
{
	int r = 0;
	for (int k = 0; k < 3; k++) {
		switch (n + k) {
			int x;
			struct { int y; } s;
		case 1: {
			int arr[3] = { await step(1), 2 };
			x = arr[0];
			s.y = await step(5);
			if (k == 1)
				continue;
			r += x + s.y;
			break;
		}
		case 2:
			switch (await step(k)) {
			case 0: r += 1; break;
			case 1: r += 10; goto next;
			default: r += 100;
			}
			/* fall through */
		case 3:
			x = 3;
			r += await step(x);
			if (0) {
		default:
				r += 1000;
			}
next:
			r++;
		}
	}
	while (1) switch (await step(r)) { case 0: return 1; default: if (r > 5) return r; r = 9; }
}
async int main(void) { for (int i = 0; i < 5; i++) printf("%d\n", await f(i)); return 0; }
