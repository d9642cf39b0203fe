// What an await's line in the summary quotes neither ends that comment nor begins one.
// RUN: %asyncc %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: * await_1 say("a / b * c")
// CHECK: "a /* b */ c"
#include <async.h>

async void say(const char *text);

async void quote(void)
{
	await say("a /* b */ c");
}
