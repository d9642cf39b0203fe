// Macros of the user's may have the names of what asyncc writes: members, parameters of callees, functions.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: released base
// CHECK-NEXT: 243
// CHECK-NEXT: 9
// CHECK-NEXT: 9 f
#include <async.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
struct status { int line; };
static async struct status status_of(int line) { await async_sleep(0); return (struct status){line}; }
static async int step(int base, const char *file) { await async_sleep(0); return base + (int)strlen(file); }
static async int line_of(int n) { return (await status_of(n)).line; }
async int elsewhere(int port, const char *host);
static void release(char **text) { printf("released %s\n", *text); free(*text); }
#define release(text) abort()
#define base 9
#define result (1 + base)
#define status line
#define line (struct status){3}
#define file "f"
#define port 80
#define host "h"
#define state(x) ((x) + 1)
#define f f
#define points list[i]
#define step_1 base
#define twice(text) text text
#define name(text) #text
static async int many(int count, int again)
{
	int sum = base + state(1), list[base], f = 3;
	__attribute__((cleanup(release))) char *text = strdup(name(base));
	for (int i = 0; i < base; i++)
		points = i * count;
	for (int i = 0; i < count; i++)
		sum += await step(result + i, file) * f + points + await line_of(3) + again;
	return sum + await elsewhere(port, host) + (int)strlen(twice(file)) + step_1;
}
#undef line
#undef status
static async struct status after(void)
{
	struct status status = await status_of(base);
	return status.line ? status : (struct status){1};
}
async int elsewhere(int p, const char *h) { return p + (int)strlen(h) + await step(1, "x"); }
async int main(void)
{
	printf("%d\n", await many(3, 4));
	printf("%d\n", (await after()).line);
	printf("%d %s\n", base, file);
	return 0;
}
