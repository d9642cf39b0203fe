// An error of clang's in text that # has made has a place: the invocation's.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: clangs-error-in-pasted-text.c:12:17: error: incompatible pointer to integer conversion
#include <async.h>
#define NAME(x) #x

async int f(int n);

async int g(int n)
{
	await async_sleep(0);
	return await f(NAME(n));
}
