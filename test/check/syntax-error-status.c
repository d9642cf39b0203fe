// Errors in a source give status 1, and leave an output of an earlier run as it was.
// RUN: echo before > %t.c
// RUN: %asyncc %s -o %t.c 2> %t.err; test $? -eq 1
// RUN: grep before %t.c
#include <async.h>

async int f(int x)
{
	return y;
}
