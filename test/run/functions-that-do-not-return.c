// Noreturn in each spelling: awaited as any other, but not through a pointer, which ends the program: its call site has no way on.
// RUN: %exec %s | FileCheck %s
// RUN: %exec --stderr --args pointer %s | FileCheck %s --check-prefix=POINTER
// RUN: %exec --stderr --args caught %s | FileCheck %s --check-prefix=CAUGHT
// CHECK: 3 [exit status 3]
// POINTER: asyncc: 'gnu' is declared noreturn: it can be neither awaited through a pointer nor caught in ordinary C
// POINTER: [exit status
// CAUGHT: asyncc: 'fails' is declared noreturn
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
static async int t(int v) { if (v & 1) await async_sleep(0); return v; }
__attribute__((noreturn)) static async void gnu(int v) { printf("%d ", await t(v)); fflush(stdout); exit(v); }
static async void later(int v) __attribute__((__noreturn__));
static async void later(int v) { await t(v); await gnu(v); }
_Noreturn static async void standard(int v) { await later(v); }
__attribute__((noreturn)) static async void fails(void) { await t(1); async_raise(EIO, "no"); }
static async int pick(int v)
{
	switch (v) {
	case 1:
		await standard(await t(3));
	default:
		await later(1);
	}
}

async int through_a_pointer(void (*f)(int)) { await f(1); return 2; }
int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "pointer"))
		return through_a_pointer(gnu);
	if (argc > 1 && !strcmp(argv[1], "caught"))
		return async_catch(fails()).code;
	return pick(1);
}
