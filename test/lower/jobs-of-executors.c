// A call in an executor becomes a struct of its arguments, as converted for the call, and a function that makes it.
// RUN: %asyncc --no-line %s | FileCheck %s
#include <async.h>
#include <stdio.h>

struct fixed { const int id; };
struct link { int n; struct link *next; };
double area(double w, float h, short s);
struct fixed make(const struct fixed f);
int look(const unsigned char *bytes, const char *name);
struct link follow(struct link l);

async double all(int (*pointer)(int), async_executor *pool, int n)
{
	// CHECK: struct all__job_1 {
	// CHECK-NEXT: double result;
	// CHECK-NEXT: double arg_1;
	// CHECK-NEXT: float arg_2;
	// CHECK-NEXT: short arg_3;
	// CHECK: async__j->result = area(async__j->arg_1, async__j->arg_2, async__j->arg_3);
	// CHECK: .has_pointers = 0,
	// CHECK: struct all__job_2 {
	// CHECK-NEXT: int result;
	// CHECK-NEXT: int (*function)(int);
	// CHECK: async__j->result = async__j->function(async__j->arg_1);
	// CHECK: .has_pointers = 1,
	// CHECK: struct fixed async__result = make(async__j->arg_1);
	// CHECK-NEXT: __builtin_memcpy(&async__j->result, &async__result, sizeof async__result);
	// Bytes are no string: a process pool cannot know where they end.
	// CHECK: size_t all__job_4__strings[] = {__builtin_offsetof(struct all__job_4, arg_2), };
	// CHECK: .has_pointers = 1,
	// CHECK: .name = "follow"
	// CHECK: .has_pointers = 1,
	// CHECK-LABEL: all__resume(
	// CHECK: = async__new_job(pool, &all__job_1__type);
	// CHECK: ->arg_1 = n;
	// CHECK: async__submit(
	double result = await async_run_in_executor(pool, area(n, 2, 3));
	result += await async_run_in_executor(NULL, pointer(n));
	// CHECK: __builtin_memcpy(&job_{{[0-9]+}}->arg_1, (struct fixed[1]){
	result += (await async_run_in_executor(NULL, make((struct fixed){ n }))).id;
	// CHECK: async__submit_abandon(job_{{[0-9]+}}, (void *)0)
	result += await async_run_in_executor_abandon(NULL, look((const unsigned char *)"\0", "name"));
	return result + (await async_run_in_executor(NULL, follow((struct link){ n, NULL }))).n;
}
