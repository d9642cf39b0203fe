// An async_gather as a task of its own starts what is in it; a task of the library's waits for that.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: async__children[2]; async__children[0] = step__create_task(1); async__children[1] = step__create_task(2); async__gather_task(async__children, 2, (void *)0); })
// CHECK: async__gather_task(async__children, 1, (const _Bool[]){1}); })
// CHECK: async__shield(async__catch_task(step__create_task(4)))
// CHECK: async__requested_coroutine(async__outer, &async__value, sizeof async__value); })
#include <async.h>

async int step(int n);
async int use(int (*pointer)(int))
{
	async_task(void) both = async_create_task(async_gather(step(1), step(2)));
	await *both;
	both = async_create_task(async_gather(async_catch(step(3))));
	async_error error = await async_shield(async_catch(step(4)));
	async_coro(int) later = async_coroutine(pointer(5));
	return error.code + await *later;
}
