// A construct that a plain compiler cannot run is an error there that says what to do.
// RUN: not gcc -I%include -O0 -c %s -o %t.o 2>&1 | FileCheck %s
// RUN: not %clang_bin -I%include -O0 -c %s -o %t.o 2>&1 | FileCheck %s
// CHECK: this is async C: lower the file with asyncc first
#include <async.h>

async int f(void);

async int g(void)
{
	async_task(int) t = async_create_task(f());
	return await *t;
}
