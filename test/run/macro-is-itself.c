// Macros that are themselves, keywords, too (`#define if if`): they stay what they are where they are part of a statement.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 3 3 3 3 3 3 3 3 3 3 21 24 27 30 1 31
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
#define if if
#define else else
#define while while
#define for for
#define do do
#define return return
#define switch switch
#define case case
#define int int
#define static static
#define goto goto
#define break break
#define r r
#define t t
static async int body(int n)
{
	int r = 0;
	if (await t(1)) r++; else r = 9;
	for (int i = 0; i < await t(3); i++) { if (i == 1) goto l; r += i; l:; }
	do r += await t(n); while (r < 20);
	while (await t(r) < 30) { r += 3; if (r == 28) break; }
	switch (r) { case 30: r += await t(1); }
	return r;
}
async int main(void) { printf(" %d\n", await body(3)); return 0; }
