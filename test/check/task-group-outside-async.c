// A task group awaits its tasks, which an ordinary function cannot.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>

async void work(void);

void f(void)
{
	async_task_group (g)
		async_create_task_in(g, work());
}
// CHECK: error: 'async_task_group' outside of an async function
