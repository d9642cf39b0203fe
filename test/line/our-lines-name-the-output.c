// A line directive goes to the source for its text and back to the output for ours, with the number the line really has.
// RUN: %asyncc %s -o %t.c
// RUN: awk '/^#line [0-9]+ ".*\.tmp\.c"$/ && $2 != NR + 1 { print FILENAME ": line " NR " says " $2; bad = 1 } END { exit bad }' %t.c
// RUN: FileCheck %s < %t.c
// CHECK: #line {{[0-9]+}} "our-lines-name-the-output.c.tmp.c"
// CHECK: #line 1{{[789]}} "our-lines-name-the-output.c"
// CHECK: puts("after");
// RUN: %asyncc %s --no-line | FileCheck %s --check-prefix=NOLINE
// NOLINE-NOT: #line
// NOLINE: puts("after");
#include <async.h>
#include <stdio.h>

async int f(void)
{
	puts("before");
	await async_sleep(0);

	puts("after");
	return 0;
}
