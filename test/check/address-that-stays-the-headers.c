// Where asyncc cannot make a reference mean the lowered function, it warns: in the header itself, in a macro's words, or if a macro
// makes a string of it.
// RUN: %asyncc -iquote%S %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:17:49: warning: 'ops' has the address of 'read_one' as its header defines it: an await through it does not suspend
// CHECK: c:14:60: warning: what comes out of this macro has the address of 'read_two' as its header defines it
// CHECK: c:19:58: warning: what comes out of this macro has the address of 'read_two' as its header defines it
// CHECK-NOT: warning:
#include <async.h>
#include <stdlib.h>
#include "Inputs/table-of-async.h"

struct named { const char *name; int (*read)(int); };
#define NAMED(f) { #f, f }
static const struct named table[] = { { "one", read_one }, NAMED(read_two) };

#define LATER read_two
async int f(struct named *named) { return await ops.read(1) + await named->read(2); }

static int (*choose(int n))(int) { return n ? read_one : LATER; }
async int g(int n) { return await choose(n)(n) + await table[0].read(1); }
