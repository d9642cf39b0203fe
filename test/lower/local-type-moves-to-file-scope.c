// A type declared in a block with an await moves to file scope under a mangled name; one in a block without stays.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK: struct shape__point { int x, y; };
// CHECK: shape__frame {
// CHECK: struct shape__point p;
// CHECK-LABEL: async_status shape__resume(
// CHECK: struct point { char c; } q = { 1 };
// CHECK: f->result = p.x + (int)sizeof(struct shape__point);
#include <async.h>

async int shape(void)
{
	struct point { int x, y; } p = { 1, 2 };
	{
		struct point { char c; } q = { 1 };
		p.x += q.c;
	}
	await async_sleep(0);
	return p.x + (int)sizeof(struct point);
}
