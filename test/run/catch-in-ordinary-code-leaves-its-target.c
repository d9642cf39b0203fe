// What async_catch is to assign in ordinary C stays as it was if there is an error, and is not looked for, as in async functions.
// RUN: %exec %s | FileCheck %s
// CHECK: 5 1 0 0
// CHECK-NEXT: 9 1 1 1
// CHECK-NEXT: 3 4 7 2 1
// CHECK-NEXT: 6 0 8 12 0 12 12
#include <async.h>
#include <stdbool.h>
#include <stdio.h>
struct pair { int x, y; };
static async int number(int n) { await async_sleep(0); if (n > 9) async_raise(n, "large"); return n; }
static async bool flag(int n) { if (n > 9) async_raise(n, "large"); return await number(n); }
static async struct pair pair(int n) { await number(n); return (struct pair){n, n + 1}; }
static async double half(int n) { return await number(n) / 2.0; }
static int looked;
static int *look(int *at) { looked++; return at; }
static int plain(void)
{
	int n = 5, list[3] = {0}, *p = list;
	bool b = true;
	async_error e = async_catch(*look(&n) = number(12));
	if (async_catch(b = flag(12)).code)
		async_catch(*p++ = number(10));
	printf("%d %d %d %d\n", n, b, looked, (int)(p - list));
	async_catch(*look(&n) = number(9)), async_catch(b = flag(3)), async_catch(*p++ = number(1));
	printf("%d %d %d %d\n", n, b, looked, (int)(p - list));
	struct { unsigned bits : 4; struct pair pair; long number; } s = {1, {0, 0}, 0};
	e = (async_catch(s.pair = pair(3)), async_catch(s.bits = number(7)));
	struct pair *pointer = &s.pair;
	async_catch((*pointer) = pair(20));
	async_catch(s.number = half(4));
	printf("%d %d %u %ld %d\n", s.pair.x, s.pair.y, s.bits, s.number, e.code == 0);
	async_error inner = {.code = 1}, outer = async_catch(n = number(({ inner = async_catch(list[1] = number(8)); list[1] - 2; })));
	printf("%d %d %d", n, inner.code, list[1]);
	outer = async_catch(n = number(({ inner = async_catch(list[1] = number(12)); 12; })));
	return printf(" %d %d", outer.code, outer.code != inner.code) > 0 ? inner.code : 0;
}
int main(void)
{
	int code = plain();
	printf(" %d %d\n", code, code);
	return 0;
}
