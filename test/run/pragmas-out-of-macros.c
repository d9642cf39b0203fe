// _Pragma, also out of macros, between the parts of statements with awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 17
#include <async.h>
#include <stdio.h>
static async int i(int n) { await async_sleep(0); return n; }
#define P(x) _Pragma(#x)
#define PUSH P(GCC diagnostic push)
#define POP P(GCC diagnostic pop)
static async int body(int r)
{
	PUSH
	do { PUSH r += await i(1); POP } while (r < 3);
	POP
	_Pragma("GCC diagnostic push") r += await i(1); _Pragma("GCC diagnostic pop")
	for (int k = 0; k < 2; k++) { PUSH if (k) { PUSH r += await i(k); POP } else { POP r++; } }
	do P(GCC diagnostic push) r += await i(1); while (0); POP
	switch (r) { PUSH case 5: PUSH r++; POP break; POP default: PUSH r += await i(3); POP }
	PUSH int z = await i(r); POP
	while (z-- > 5) { PUSH r++; POP }
	{ PUSH } { PUSH return r + await i(2); POP }
}
async int main(void) { printf("%d\n", await body(1)); return 0; }
