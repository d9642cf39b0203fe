// A variable is in scope in its own initialiser, under the name it gets.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status self__resume(
// CHECK: f->node_2 = (struct node){&f->node_2, result_1};
// CHECK: int size; size = sizeof size + result_2;
#include <async.h>

async int step(int n);
int pure(int n);
struct node { struct node *next; int n; };

async int self(void)
{
	struct node node = {&node, await step(1)};
	int size = sizeof size + await step(2);
	return node.next->n + size;
}
