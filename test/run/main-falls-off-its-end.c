// A main that ends without a return ends with 0, and its arguments, which lie where that is stored, are there until then.
// RUN: %exec %s --args "one two" | FileCheck %s
// CHECK: 3 two
// CHECK-NEXT: finally 3 one
// CHECK-NEXT: cleanup 4
// CHECK-NOT: exit
#include <async.h>
#include <stdio.h>

static void show(int **p)
{
	printf("cleanup %d\n", **p);
}

async int main(int argc, char **argv)
{
	__attribute__((cleanup(show))) int *p = &argc;
	async_try {
		await async_sleep(0);
		printf("%d %s\n", argc, argv[2]);
	}
	async_finally {
		await async_sleep(0);
		printf("finally %d %s\n", *p, argv[1]);
	}
	++*p;
}
