// A goto to a label in the scope of an array of a run-time size does not free it, but those whose scope it leaves.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// CHECK-LABEL: async_status walk__resume(
// CHECK: if (n) {
// CHECK-NEXT: __builtin_free(f->inner_1);
// CHECK-NEXT: goto end;
// CHECK: end:
// CHECK-NOT: __builtin_free
// CHECK: goto end;
#include <async.h>
async int next(void);
async int walk(int n)
{
	int outer[n];
	{
		int inner[n];
		inner[0] = await next();
		if (n)
			goto end;
		outer[0] = inner[0];
	}
end:
	outer[0] = await next();
	if (outer[0])
		goto end;
	return outer[n - 1];
}
