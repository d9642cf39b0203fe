// Empty statements and blocks, with awaits around them.
// RUN: %exec_twin %s -Wno-empty-body -Wno-misleading-indentation | FileCheck %s
// CHECK: 8 8
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int f(int n)
{
	;;
	while (await step(0)) ;
	for (;await step(0);) ;
	{ }
	{ ; }
	do ; while (await step(0));
	switch (await step(n)) { }
	switch (await step(n)) case 1: n += await step(1);
	if (n) { } else { await step(1); }
	if (await step(n)) n++;
	else if (await step(1)) n += 2;
	else n += await step(3);
lab: ;
	if (n < 8) { n += await step(1); goto lab; }
end:
	return n;
	goto end;
}
async int main(void) { printf("%d %d\n", await f(0), await f(1)); return 0; }
