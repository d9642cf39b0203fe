// -fshort-enums changes the program's own enums, not what asyncc's functions answer, nor what its structs have.
// RUN: %exec %s -fshort-enums -funsigned-char | FileCheck %s
// CHECK: 1 200 200 2 0
#include <async.h>
#include <stdio.h>
enum level { LOW, HIGH = 200 };
static async enum level level(int high)
{
	await async_sleep(0);
	return high ? HIGH : LOW;
}
static async char last(const char *text)
{
	await async_sleep(0);
	return text[1];
}

async int main(void)
{
	enum level a = await level(1), b = await level(0);
	async_task(enum level) task = async_create_task(level(1));
	async_handle handles[] = {task, async_create_task(level(0))};
	size_t n = await async_wait(handles, 2, ASYNC_ALL_COMPLETED, -1);
	printf("%zu %d %d %zu %d\n", sizeof(enum level), a, await last("a\310"), n, b);
	await *task;
}
