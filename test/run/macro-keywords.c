// Every keyword and marker of async.h may come out of a macro, in ordinary functions too.
// RUN: %exec %s | FileCheck %s
// CHECK: 94567 -7 {{[0-9]+}}
#include <async.h>
#include <stdio.h>

#define TRY async_try
#define CATCH(e) async_except (e)
#define FINALLY async_finally
#define THROW(code) async_raise(code, "thrown %d", code)
#define LIMIT(seconds) async_timeout (seconds)
#define RUN(x) async_run(x)
#define ID(x) x
#define TASK(T) async_task(T)
#define QUIETLY(s) _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wunused-value\"") s; \
	_Pragma("GCC diagnostic pop")

static async int f(int n)
{
	await async_sleep(0);
	if (n < 0)
		THROW(n);
	return n;
}

static async int g(void)
{
	int a = 0, b = 0, c = 0, d = 0, r = 0;
	TRY {
		a = await f(-7);
	} CATCH (e) {
		r = e.code;
	} FINALLY {
		await f(1);
		b = 2;
	}
	LIMIT (1.0) {
		b += await f(2);
	}
	await async_gather(a = ID(f(9)), ID(c = f(5)));
	await ID(async_gather)(r = f(r + 13), d = ID(f(7)));
	QUIETLY(await f(1))
	async_error error = await async_catch(ID(f(-7)));
	TASK(int) t = ID(async_create_task)(f(error.code + 7));
	async_task(int) u = async_create_task(ID(f)(ID(0)));
	return a * 10000 + b * 1000 + c * 100 + r * 10 + d + await *t + await *ID(u);
}

int main(void)
{
	int first = RUN(g());
	printf("%d %d %d\n", first, -7, ID(async_run(g())) == first);
	return 0;
}
