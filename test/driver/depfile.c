// -MD writes a rule for make: the output needs the source and every header; -MMD leaves out the system's, -MT names the
// target, -MP adds an empty rule per header.
// RUN: mkdir -p %t && echo 'int from_header;' > %t/'my header.h'
// RUN: %asyncc %s -I%t -o %t/out.c -MD
// RUN: FileCheck %s < %t/out.d
// CHECK: {{.*}}out.c:
// CHECK-NEXT: {{^}}  depfile.c
// CHECK-DAG: my\ header.h
// CHECK-DAG: async.h
// CHECK-DAG: stdio.h
// RUN: %asyncc %s -I%t -o %t/out.c -MMD -MP -MF %t/rule.d -MT 'one two' -MQ 'three$'
// RUN: FileCheck %s --check-prefix=USER < %t/rule.d
// USER: one two three$$:
// USER-NOT: /usr/include
// USER: {{^}}/{{.*}}/my\ header.h:
#include <async.h>
#include <stdio.h>
#include "my header.h"

async int f(void)
{
	return 1;
}
