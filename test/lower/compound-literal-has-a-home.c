// A compound literal whose address outlives an await is in the frame, and initialised each time round.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct s literal_1;
// CHECK-LABEL: async_status homes__resume(
// CHECK: while (n--) {
// CHECK: f->literal_1 = (struct s){n, result_1};
// CHECK-NEXT: s_2 = &f->literal_1;
// CHECK: look(s_2);
#include <async.h>

async int step(int n);
int pure(int n);
struct s { int a, b; };
void look(struct s *s);

async void homes(int n)
{
	while (n--) {
		struct s *s = &(struct s){n, await step(n)};
		await step(1);
		look(s);
	}
}
