// Statement expressions with awaits: with and without a value, nested, with loops, and left by return, continue and goto.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 3 2 = 5
#include <async.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }

struct s { int x, y, a[3]; };
static struct s mkp(int v) { printf(" mkp%d", v); return (struct s){v, v + 1, {v, v + 1, v + 2}}; }
static async struct s mk(int v) { if (v & 1) await async_sleep(0); return mkp(v); }

static async int stmts(int n)
{
	int r = ({ int x = await t(n); x + await t(2); }); printf(" = %d\n", r);
	r = ({ int r = await t(3); ({ int q = r + await t(4); q * 2; }) + r; }) + p(1); printf(" = %d\n", r);
	r = p(1) + ({ if (n) p(2); p(3); }) + await t(4); printf(" = %d\n", r);
	r = ({ for (int i = 0; i < 3; i++) { if (i == 2) break; await t(i); } 5; }); printf(" = %d\n", r);
	({ await t(1); }); (void)({ await t(2); p(3); }); ({ p(1); await t(1); (void)0; });
	struct s s = ({ struct s q = await mk(1); q.x = await t(9); q; }); printf(" = %d %d\n", s.x, s.y);
	r = ({ struct s *q = &s; q->y = await t(4); q; })->y + ({ s; }).x + ({ await t(1); s; }).a[await t(1)]; printf(" = %d\n", r);
	r = ({ await t(1) + await t(2) + await t(4); }); printf(" = %d\n", r);
	r = await t(1) + ({ await t(2) + await t(5); }) + await t(3); printf(" = %d\n", r);
	for (int i = 0; i < 3; i++) { r = ({ if (i == 1) continue; if (i == 2 && n > 100) break; await t(i); }); printf(" i%d", i); }
	int *pa = ({ static int arr[3] = {7, 8, 9}; arr; }) + await t(1); printf(" = %d\n", *pa);
	r = ({ if (n == 7) return 70; n; }); printf(" = %d\n", r);
	r = ({ if (n == 8) goto out; n; }) + await t(1); printf(" = %d\n", r);
	while (({ int c = await t(r > 0 ? 1 : 0); r -= 3; c; })) p(r);
	r = n ? ({ await t(1); p(2); }) : ({ p(5); }); printf(" = %d\n", r);
	return 1;
out:
	return 2;
}

int main(void)
{
	printf("%d\n", stmts(3));
	printf("%d\n", stmts(7));
	printf("%d\n", stmts(8));
	return 0;
}
