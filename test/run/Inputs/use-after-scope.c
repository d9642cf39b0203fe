#include <async.h>
#include <stdio.h>
#include <string.h>

static async void fill(char *at, char with)
{
	await async_sleep(0.001);
	at[3] = with;
}

static async int behind_a_block(int keep)
{
	char safe[8] = "safe", *p = safe;
	{
		char inner[8] = "abc";
		await fill(inner, 'd');
		if (keep)
			p = inner;
	}
	await async_sleep(0);
	return p[3];
}

static async int in_the_next_turn(int keep)
{
	char *last = NULL;
	for (int i = 0; i < 3; i++) {
		if (keep && last)
			printf("%s\n", last);
		char inner[8] = "abc";
		await fill(inner, 'd');
		last = inner;
	}
	return 0;
}

static async int by_a_task(int keep)
{
	async_task(void) filler;
	{
		char inner[4] = "abc";
		filler = async_create_task(fill(inner, 'd'));
		await async_sleep(0);
		if (!keep)
			await *filler;
	}
	if (keep)
		await *filler;
	return 0;
}

async int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	await behind_a_block(!strcmp(what, "block"));
	await in_the_next_turn(!strcmp(what, "loop"));
	await by_a_task(!strcmp(what, "task"));
	return 0;
}
