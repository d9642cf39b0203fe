// A queue takes values of its type, and is none of another type.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>

struct job {
	int n;
};

async void f(async_queue(struct job) q, async_queue(int) p, async_task(int) t)
{
	await async_queue_put(q, 1);
	p = t;
	struct job *j = await async_queue_get(p);
}
// CHECK: error: assigning to {{.*}} from incompatible type 'int'
// CHECK: :12:{{.*}} error: assigning {{.*}} changes address space
// CHECK: :13:{{.*}} error: incompatible integer to pointer conversion
