// An async function that a header defines has to be static: two files would define it otherwise.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: 'shared', which is named here, is an async function defined in an included file: it has to be static
#include <async.h>
#include "Inputs/not-static.h"

async int f(void)
{
	return await shared(1);
}
