// An output that would be the same is left alone, so that nothing is built again; a changed one is replaced.
// RUN: %asyncc %s -o %t.c
// RUN: touch -d 2001-01-01 %t.c
// RUN: %asyncc %s -o %t.c
// RUN: find %t.c -newermt 2002-01-01 | count 0
// RUN: %asyncc %s -o %t.c --no-line
// RUN: find %t.c -newermt 2002-01-01 | count 1
#include <async.h>

async int f(void)
{
	return 1;
}
