// --dump=ops names each op for what it is.
// RUN: %asyncc %s --dump=ops | FileCheck %s
// CHECK: def n{{$}}
// CHECK: branch else{{$}}
// CHECK: var-decl `int kept = n;`
// CHECK-NEXT: declare kept
// CHECK: await await_1{{$}}
// CHECK: use kept
// CHECK: stop{{$}}
// CHECK: label else{{$}}
#include <async.h>

async int f(int n)
{
	if (n) {
		int kept = n;
		await async_sleep(0);
		return kept;
	}
	await async_sleep(1);
	return 0;
}
