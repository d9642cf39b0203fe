// Where a function that began without a frame gets one, pointers that nobody needs any more are not stored: they may have been freed.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -O2 -Wall -Wextra -Werror -c %t.c -o %t.o
// CHECK-LABEL: async_status free_list__run(
// CHECK: f = *async__made = async__push_frame(&free_list__async);
// CHECK-NOT: f->list = list;
// CHECK: f->deep = deep;
// CHECK: free_list__start(next, deep + 1);
#include <async.h>
#include <stdlib.h>
struct list {
	struct list *next;
};
async int free_list(struct list *list, int deep)
{
	struct list *next = list ? list->next : NULL;
	if (!list)
		return deep;
	free(list);
	return await free_list(next, deep + 1) - deep;
}
