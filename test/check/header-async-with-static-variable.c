// A static variable in an async function of a header would be another one for ordinary C that calls the header's own.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: static-variable.h:3:{{[0-9]+}}: error: a static variable in an async function of a header: ordinary C that calls 'next_number' would have another one
#include <async.h>
#include "Inputs/static-variable.h"

async int f(void)
{
	return await next_number();
}
