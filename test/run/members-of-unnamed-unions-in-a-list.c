// Designated members of unnamed unions and structs, in any order, each with an await: they belong to different places.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 6 3 2 1 9
#include <async.h>
#include <stdio.h>

struct mixed {
	int first;
	union {
		int number;
		float real;
	};
	struct {
		int u;
		union {
			struct {
				int v, w;
			};
			long both;
		};
	};
};

static async int t(int v)
{
	await async_sleep(0);
	return v;
}

async int main(void)
{
	struct mixed m = {.number = await t(6), .w = await t(2), .u = await t(3), .first = await t(1)};
	struct mixed n = {.v = 8, .w = await t(9)};
	printf("%d %d %d %d %d\n", m.number, m.u, m.w, m.first, n.w);
	return 0;
}
