// A case that nothing leaves by its end needs no `fall through`, whatever follows its last statement in what comes out.
// RUN: %exec %s -Wimplicit-fallthrough | FileCheck %s
// RUN: %asyncc -fsanitize=address %s -o %t.c
// RUN: %gcc -fsanitize=address -c %t.c -o %t.o
// CHECK: 31 2 7 107 2 121 122 123
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	if (v & 1)
		await async_sleep(0);
	return v;
}

/* Their addresses are taken: with AddressSanitizer they are poisoned behind their blocks, but nothing gets there. */
static void mark(char *name)
{
	name[0] = 'x';
}

static void count(int *kept)
{
	(void)kept;
}

static async int leave(int v)
{
	int r = 0;
	switch (v) {
	case 0:
		async_try {
			if (await t(1))
				async_raise(31, "as told");
			return 1;
		} async_except (e) {
			return e.code;
		}
	case 1: {
		int length[await t(2)];
		return (int)(sizeof length / sizeof *length);
	}
	case 2:
		for (;;)
			if ((r += await t(1)) == 7)
				return r;
	case 3:
		async_try {
			await t(1);
			goto out;
		} async_except (e) {
			(void)e;
			goto out;
		}
	case 4:
		if (await t(1))
			return 2;
		else
			return 3;
	case 5: {
		char name[30];
		mark(name);
		async_timeout (100) {
			await t(1);
			return name[0] + 1;
		}
	}
	case 6: {
		char name[30];
		mark(name);
		async_task_group (g) {
			async_create_task_in(g, t(1));
			return name[0] + await t(2);
		}
	}
	case 7: {
		char name[30];
		mark(name);
		{
			__attribute__((cleanup(count))) int kept = await t(3);
			mark(name);
			r = name[0] + kept;
			break;
		}
	}
	default:
		r = -1;
	}
	return r;
out:
	return 107;
}

async int main(void)
{
	for (int i = 0; i < 8; i++)
		printf(" %d", await leave(i));
	printf("\n");
	return 0;
}
