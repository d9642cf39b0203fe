// An async function that an included file defines for the whole program would not be lowered by anybody, named here or not.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: not-static.h:1:11: error: 'shared' is an async function defined in an included file: it has to be static
#include <async.h>
#include "Inputs/not-static.h"

int f(void)
{
	return shared(1);
}
