// Structs with const members as locals, parameters and results.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 116
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
struct fixed { const int id; const char *const name; };
static async struct fixed make(int id) { await step(1); return (struct fixed){ id, "n" }; }
static async int use(const struct fixed in)
{
	const struct fixed a = { await step(1), "a" }, b = { 2, "b" };
	await step(1);
	const struct fixed c = await make(5);
	struct fixed table[2] = { { 1, "x" }, { await step(4), "y" } };
	await step(1);
	return a.id + b.id + c.id + table[1].id + in.id + a.name[0];
}
async int main(void) { struct fixed in = { 7, "z" }; printf("%d\n", await use(in)); return 0; }
