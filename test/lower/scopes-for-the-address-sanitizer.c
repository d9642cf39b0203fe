// With -fsanitize=address a variable of a block that lives in the frame is poisoned behind its block, and has storage of its own.  One that a
// jump can reach without its declaration is left alone.
// RUN: %asyncc --no-line -fsanitize=address %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only -fsanitize=address %t.c
// RUN: %asyncc --no-line -fsanitize=undefined,address -fno-sanitize=address %s -o %t.plain.c
// RUN: FileCheck --check-prefix=PLAIN %s < %t.plain.c
// PLAIN: union {
// PLAIN-NOT: _scope
#include <async.h>

async void fill(char *at, int size)
{
	await async_sleep(size);
	at[0] = 'x';
}

// CHECK: struct __attribute__((may_alias)) blocks__frame {
// CHECK-NOT: union
// CHECK: async__granule(char first[100]);
// CHECK-NOT: union
// CHECK: async__granule(char second[50]);
// CHECK-NOT: union
// CHECK-LABEL: async_status blocks__resume(
// CHECK: async__guard_scopes(f);
// CHECK-NEXT: switch (async__at->state) {
async void blocks(int n)
{
	char outer[8];

	await fill(outer, 8);
	// CHECK: for (
	// CHECK-NEXT: async__in_scope(f->first);
	// CHECK: async__keep_scopes();
	// CHECK-NEXT: return ASYNC_SUSPENDED;
	// CHECK: async__out_of_scope(f->first);
	// CHECK-NEXT: }
	for (int i = 0; i < n; i++) {
		char first[100];
		await fill(first, i);
	}
	// CHECK: async__in_scope(f->second);
	// CHECK: async__out_of_scope(f->second);
	{
		char second[50];
		await fill(second, 1);
		if (n > 3)
			return;
	}
	// CHECK-NOT: async__
	// CHECK: again:
	// CHECK-NOT: _scope(f->third)
	// CHECK: return ASYNC_DONE;
	while (n--) {
		char third[10];
again:
		await fill(third, 2);
	}
	if (n-- > -3)
		goto again;
}
