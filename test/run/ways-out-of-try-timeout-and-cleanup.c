// return, break, continue, goto and errors run cleanups, async_finally and async_timeout's end, innermost first.
// RUN: %exec %s | FileCheck %s
// CHECK: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 12
// CHECK-NEXT: close x
// CHECK-NEXT: bye 13
// CHECK-NEXT: close x
// CHECK-NEXT: bye 1
// CHECK-NEXT: cleanups 0: -1 13
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: after
// CHECK-NEXT: bye 101
// CHECK-NEXT: cleanups 1: 101 0
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 1
// CHECK-NEXT: cleanups 2: 11 0
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 101
// CHECK-NEXT: cleanups 3: 101 0
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 12
// CHECK-NEXT: close x
// CHECK-NEXT: bye 13
// CHECK-NEXT: close x
// CHECK-NEXT: bye 1
// CHECK-NEXT: cleanups 4: -1 13
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 1
// CHECK-NEXT: cleanups 5: -1 13
// CHECK-NEXT: bye 10
// CHECK-NEXT: close x
// CHECK-NEXT: bye 11
// CHECK-NEXT: close x
// CHECK-NEXT: bye 1
// CHECK-NEXT: cleanups 6: 11 0
// CHECK-NEXT: finally 0 100
// CHECK-NEXT: finally 1 201
// CHECK-NEXT: finally 2 303
// CHECK-NEXT: end
// CHECK-NEXT: tries 0: 303 0
// CHECK-NEXT: finally 0 100
// CHECK-NEXT: finally 1 101
// CHECK-NEXT: end
// CHECK-NEXT: tries 1: 101 0
// CHECK-NEXT: finally 0 0
// CHECK-NEXT: finally 1 101
// CHECK-NEXT: finally 2 203
// CHECK-NEXT: end
// CHECK-NEXT: tries 2: 203 0
// CHECK-NEXT: finally 0 100
// CHECK-NEXT: finally 1 101
// CHECK-NEXT: tries 3: 101 0
// CHECK-NEXT: finally 0 100
// CHECK-NEXT: finally 1 101
// CHECK-NEXT: tries 4: 101 0
// CHECK-NEXT: finally 0 100
// CHECK-NEXT: except 13 thirteen
// CHECK-NEXT: finally 1 1101
// CHECK-NEXT: finally 2 1203
// CHECK-NEXT: end
// CHECK-NEXT: tries 5: 1203 0
// CHECK-NEXT: except 6 six 0
// CHECK-NEXT: finally 0 1000
// CHECK-NEXT: except 6 six 1
// CHECK-NEXT: finally 1 2001
// CHECK-NEXT: tries 6: 2001 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 0: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 1: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 2: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 3: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 4: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 5: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 6: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 7: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 8: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 9: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 10: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 11: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 12: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle 13
// CHECK-NEXT: middle finally
// CHECK-NEXT: outer 14 again
// CHECK-NEXT: nested 13: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle 140
// CHECK-NEXT: middle finally
// CHECK-NEXT: outer 141 again
// CHECK-NEXT: nested 14: 1 0
// CHECK-NEXT: inner finally
// CHECK-NEXT: middle finally
// CHECK-NEXT: nested 15: 1 0
// CHECK-NEXT: in time
// CHECK-NEXT: in time
// CHECK-NEXT: in time
// CHECK-NEXT: timeouts 0: 3 0
// CHECK-NEXT: timeouts 1: 1 0
// CHECK-NEXT: timeouts 2: 3 0
// CHECK-NEXT: timeouts 3: 33 0
// CHECK-NEXT: timeouts 4: 1 0
// CHECK-NEXT: except -2
// CHECK-NEXT: except -2
// CHECK-NEXT: except -2
// CHECK-NEXT: timeouts 5: 3 0
// CHECK-NEXT: except 13
// CHECK-NEXT: except 13
// CHECK-NEXT: except 13
// CHECK-NEXT: timeouts 6: 3 0
// try/except/finally + cleanup: expected output by reasoning
#include <async.h>
#include <stdio.h>

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	if (n == 13)
		async_raise(13, "thirteen");
	return n;
}
static void bye(int *p) { printf("bye %d\n", *p); }
typedef struct { const char *name; } file;
static void close_file(file *p) { printf("close %s\n", p->name); }

static async int cleanups(int how)
{
	int a __attribute__((cleanup(bye))) = await step(1);
	for (int i = 0; i < 4; i++) {
		__attribute__((cleanup(close_file))) file x = { "x" };
		int b __attribute__((cleanup(bye))) = 10 + i;
		b = await step(b);
		if (how == 1 && i == 1)
			break;
		if (how == 2 && i == 1)
			return await step(b);
		if (how == 3 && i == 1)
			goto out;
		if (how == 4 && i < 2)
			continue;
		if (how == 5 && i == 1)
			await step(13);
		if (how == 6 && i == 1)
			return b;
		await step(3);
	}
	printf("after\n");
out:
	a += 100;
	return a;
}

static async int tries(int how)
{
	int n = 0;
	for (int i = 0; i < 3; i++) {
		async_try {
			n += await step(i);
			if (how == 1 && i == 1)
				break;
			if (how == 2 && i == 0)
				continue;
			if (how == 3 && i == 1)
				return n;
			if (how == 4 && i == 1)
				goto out;
			if (how == 5 && i == 1)
				await step(13);
			if (how == 6)
				async_raise(6, "six %d", i);
			n += 100;
		} async_except (err) {
			printf("except %d %s\n", err.code, err.message);
			n += await step(1000);
			if (how == 6 && i == 1)
				return n;
		} async_finally {
			await step(1);
			printf("finally %d %d\n", i, n);
		}
	}
	printf("end\n");
out:
	return n;
}

static async int nested(int how)
{
	int n = 0;
	async_try {
		async_try {
			async_try {
				n++;
				await step(how);
			} async_finally {
				printf("inner finally\n");
				if (how == 14) async_raise(140, "from finally");
				await step(3);
			}
			if (how == 7) return n;
		} async_except (e) {
			printf("middle %d\n", e.code);
			async_raise(e.code + 1, "again");
		} async_finally {
			printf("middle finally\n");
			await step(5);
		}
	} async_except (e) {
		printf("outer %d %s\n", e.code, e.message);
		if (how == 15) async_reraise();
	} 
	return n;
}

static async int timeouts(int how)
{
	int n = 0;
	for (int i = 0; i < 3; i++) {
		async_try {
			async_timeout (0.01) {
				n++;
				if (how == 1) break;
				if (how == 2) continue;
				if (how == 3) return 33;
				if (how == 4) goto out;
				if (how == 5) await async_sleep(5);
				await step(13 * (how == 6));
			}
			printf("in time\n");
		} async_except (e) {
			printf("except %d\n", e.code);
		}
	}
out:
	return n;
}

async int main(void)
{
	for (int i = 0; i < 7; i++) {
		int r = -1;
		async_error e = await async_catch(r = cleanups(i));
		printf("cleanups %d: %d %d\n", i, r, e.code);
	}
	for (int i = 0; i < 7; i++) {
		int r = -1;
		async_error e = await async_catch(r = tries(i));
		printf("tries %d: %d %d\n", i, r, e.code);
	}
	for (int i = 0; i < 16; i++) {
		int r = -1;
		async_error e = await async_catch(r = nested(i));
		printf("nested %d: %d %d\n", i, r, e.code);
	}
	for (int i = 0; i < 7; i++) {
		int r = -1;
		async_error e = await async_catch(r = timeouts(i));
		printf("timeouts %d: %d %d\n", i, r, e.code);
	}
	return 0;
}
