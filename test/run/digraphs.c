// Digraphs are brackets and braces: of functions, blocks, lists, statement expressions and regions.
// RUN: %exec %s | FileCheck %s
// CHECK: 1 2 9
// CHECK-NEXT: left 6
// CHECK-NEXT: 8 5 19
%:include <async.h>
%:include <stdio.h>
static int counter;
static async int next(void) <% await async_sleep(0); return ++counter; %>
static void leave(int *n) <% printf("left %d\n", *n); %>
static async int f(int n)
<%
	int a<:3:> = <% await next(), await next(), n %>;
	printf("%d %d %d\n", a[0], a<:1:>, a[2]);
	if (n) <%
		__attribute__((cleanup(leave))) int m = await next();
		m += await next() - 1;
	%>
	struct <% int x, y; %> s = <% .y = (<% int k = await next(); k; %>), .x = 8 %>;
	async_try <% a[0] = await next(); %> async_finally <% await next(); %>
	for (;;) <% if (await next() > 5) break; %>
	n += s.x + a[1];
	printf("%d %d %d\n", s.x, s.y, n);
	return n;
%>
async int main(void)
<%
	await f(9);
%>
