// -ansi and -std=c89 are told of in a sentence, which is all: by asyncc, and by a compiler that sees the header itself.
// RUN: not %asyncc -ansi %s -o %t.c 2> %t.said
// RUN: FileCheck %s < %t.said
// RUN: grep -c error: %t.said | grep '^1$'
// RUN: not gcc -std=c90 -fsyntax-only -I%include %s 2>&1 | grep error: | FileCheck %s
// RUN: %asyncc -std=gnu89 %s -o %t.c && gcc -std=gnu89 -fsyntax-only -I%include %t.c
// RUN: %asyncc -std=c99 %s -o %t.c && gcc -std=c99 -fsyntax-only -I%include %t.c
// CHECK: async.h:{{.*}}: error: {{.*}}async C is GNU C11, which -std=c89, -std=c90 and -ansi are not: use -std=gnu11
// CHECK-NOT: error:
#include <async.h>

async int main(void)
{
	await async_sleep(0);
	return 0;
}
