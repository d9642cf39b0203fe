// The final compiler sees no call whose format it could check: asyncc tells what clang has found.
// RUN: %asyncc -Wformat %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:11:18: warning: format specifies type 'int' but the argument has type 'double' [-Wformat]
// CHECK-NOT: warning:
#include <async.h>

async __attribute__((format(printf, 1, 2))) int say(const char *format, ...);

async int f(void)
{
	await say("%d", 1.5);
	return await say("%d", 1);
}
