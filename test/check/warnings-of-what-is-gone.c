// The final compiler does not see a function as it was written: what it would have warned of, asyncc does; -Wno- and -w silence it.
// RUN: %asyncc %s -o %t.c 2>&1 | FileCheck %s
// RUN: %asyncc -w %s -o %t.c 2>&1 | count 0
// RUN: %asyncc -Wno-return-type -Wno-unused-result -Wno-unsequenced %s -o %t.c 2>&1 | FileCheck %s --check-prefix=NO
// CHECK: warnings-of-what-is-gone.c:22:1: warning: non-void function does not return a value in all control paths [-Wreturn-type]
// CHECK: c:25:8: warning: ignoring return value of function declared with 'warn_unused_result' attribute [-Wunused-result]
// CHECK: c:26:7: warning: multiple unsequenced modifications to 'n' [-Wunsequenced]
// CHECK: c:27:12: warning: '__builtin_return_address' in an async function tells of its resume function
// CHECK: c:30:2: warning: this loop neither ends nor awaits: nothing else runs on this thread from here on
// CHECK-NOT: warning:
// NO-NOT: [-W
#include <async.h>

__attribute__((warn_unused_result)) async int f(int n);
void plain(void);

async int falls(int n)
{
	if (n)
		return await f(n);
	(void)await f(n);
}
async int misuses(int n)
{
	await f(1);
	n = n++ + await f(n++);
	void *p = __builtin_return_address(0);
	if (n > 7)
		return !p;
	for (;;)
		n++;
}
async int fine(int n)
{
	int i = n++;
	for (;;) {
		if (n++ > i)
			break;
	}
	while (1)
		plain();
}

/* clang's own view of these is not the language's: what async.h's blocks hold is left only by what is in them. */
async int returns_in_blocks(int n)
{
	if (n == 1) {
		async_timeout (1) {
			return await f(n);
		}
	} else if (n == 2) {
		async_try {
			return await f(n);
		} async_finally {
			plain();
		}
	} else {
		async_task_group (g) {
			async_try {
				async_raise(1, "no");
			} async_except (e) {
				async_reraise();
			}
		}
	}
}

/* What a loop, a switch or a call never comes back from needs no return behind it; what may come back does. */
void quits(void) __attribute__((noreturn));
async int ends_in_a_call(int n)
{
	n = await f(n);
	quits();
}
async int ends_in_a_switch(int n)
{
	switch (await f(n)) {
	case 1:
		return 1;
	default:
		do
			n = await f(n);
		while (1);
	}
}
// CHECK: c:[[@LINE+11]]:1: warning: non-void function does not return a value in all control paths [-Wreturn-type]
async int breaks_out_of_a_switch(int n)
{
	switch (await f(n)) {
	case 1:
		return 1;
	default:
		if (n)
			break;
		quits();
	}
}
// CHECK: c:[[@LINE+9]]:1: warning: non-void function does not return a value in all control paths [-Wreturn-type]
async int may_match_no_case(int n)
{
	switch (await f(n)) {
	case 1:
		return 1;
	case 2:
		quits();
	}
}
// CHECK: c:[[@LINE+5]]:1: warning: non-void function does not return a value [-Wreturn-type]
async int may_end_its_loop(int n)
{
	while (n)
		n = await f(n);
}
// CHECK-NOT: warning:
