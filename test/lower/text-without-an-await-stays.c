// Statements without an await stay as written, a variable that no await outlives where it is declared.
// RUN: %asyncc --no-line %s -o - | FileCheck %s --match-full-lines --strict-whitespace
//CHECK:	for (i = 0; i < n; i++) {
//CHECK-NEXT:		if (i > 2) {
//CHECK-NEXT:			int square = i * i; /* a comment */
//CHECK-NEXT:			total += square;
//CHECK-NEXT:		}
//CHECK-NEXT:		if (!f) {
//CHECK:		return async__yield(&f->base, &sum__points[sum_at_await_1]);
//CHECK:	await_1:
//CHECK:		total++;
//CHECK-NEXT:	}
//CHECK-NEXT:	*async__result = total; return ASYNC_DONE;
//CHECK-NEXT:}
#include <async.h>

async int sum(int n)
{
	int total = 0;
	for (int i = 0; i < n; i++) {
		if (i > 2) {
			int square = i * i; /* a comment */
			total += square;
		}
		await async_sleep(0);
		total++;
	}
	return total;
}
