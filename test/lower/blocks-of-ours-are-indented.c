// What stands in a block that asyncc makes is indented, and a return has a line of its own.
// RUN: %asyncc --no-line %s -o - | FileCheck %s --match-full-lines --strict-whitespace
//CHECK:	if (n) {
//CHECK-NEXT:		step_1 = step__start(1);
//CHECK:	await_1:
//CHECK:		result_1 = step_1.result;
//CHECK-NEXT:		chosen_1 = result_1;
//CHECK-NEXT:	} else {
//CHECK-NEXT:		chosen_1 = 2;
//CHECK-NEXT:	}
//CHECK-NEXT:	if ((chosen_1)) {
//CHECK:	await_2:
//CHECK:		truth_1 = !!(result_2);
//CHECK-NEXT:	} else {
//CHECK-NEXT:		truth_1 = 0;
//CHECK-NEXT:	}
//CHECK-NEXT:	n = truth_1;
//CHECK-NEXT:	for (;;) {
//CHECK-NEXT:		step_3 = step__start(n);
//CHECK:		if (!(result_3)) break;
//CHECK-NEXT:		n--;
//CHECK-NEXT:	}
//CHECK:	result_4 = step_4.result;
//CHECK-NEXT:	f->result = result_4; return ASYNC_DONE;
#include <async.h>

async int step(int n);

async int blocks(int n)
{
	n = (n ? await step(1) : 2) && await step(3);
	while (await step(n))
		n--;
	return await step(4);
}
