// async int main is the real main.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status main__resume(
// CHECK: {{^}}async int main(int argc, char **argv)
// CHECK: async__entry_main(&main__async);
// CHECK: async__f->argv = argv;
// CHECK: return async__entry_main_run(async__f);
#include <async.h>

async int step(int n);
int pure(int n);
async int main(int argc, char **argv)
{
	return await step(argc) + !argv;
}
