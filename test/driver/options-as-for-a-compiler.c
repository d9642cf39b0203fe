// -D -U -I -include -std= and all -f -m -W -O -g can be given as to a compiler, also from a response file and after --.
// RUN: mkdir -p %t && echo '#define FROM_HEADER 3' > %t/header.h
// RUN: %asyncc %s -o %t.c -DONE=1 -D TWO=2 -I%t -I %t -include %t/header.h -std=gnu11 -O2 -g3 -march=native -fno-gcse -Wall -Werror -pipe -pthread -UNOT_SET
// RUN: echo '-DONE=1 -D "TWO=2" -include %t/header.h' > %t.args
// RUN: %asyncc %s -o %t.c @%t.args
// RUN: %asyncc %s -o %t.c -- -DONE=1 -DTWO=2 -include %t/header.h
// RUN: not %asyncc %s -o %t.c
#include <async.h>
_Static_assert(ONE == 1 && TWO == 2 && FROM_HEADER == 3, "options");

async int f(void)
{
	return 1;
}
