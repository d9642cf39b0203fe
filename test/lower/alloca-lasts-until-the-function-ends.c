// alloca before an await takes from the task; where no await can follow, it stays.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status kept__resume(
// CHECK: text = async__alloca(&f->blocks_1, n);
// CHECK: returned_1 = text[n - 1];
// CHECK-NEXT: async__free_blocks(&f->blocks_1);
// CHECK-NEXT: f->result = returned_1;
// CHECK-NEXT: return ASYNC_DONE;
#include <async.h>

async int step(int n);
int pure(int n);
#include <alloca.h>
#include <string.h>

async int kept(int n)
{
	char *text = alloca(n);
	memset(text, 1, n);
	await step(1);
	return text[n - 1];
}
async int plain(int n)
{
	await step(1);
	char *text = alloca(n);
	memset(text, 1, n);
	return text[n - 1];
}
