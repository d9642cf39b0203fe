// The braces of an async function's body are its own, also when they are digraphs; the others stay as they are written.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// CHECK-LABEL: async_status f__run(
// CHECK: goto await_1;
// CHECK-NEXT: }
// CHECK-NEXT: if (n) <%
// CHECK: n++; %>
// CHECK-NEXT: *async__result = n; return ASYNC_DONE;
// CHECK-NEXT: {{^}}}
#include <async.h>

async int f(int n)
<%
	if (n) <% await async_sleep(0); n++; %>
	return n;
%>
