// --graph draws the state machine: which await may follow which.
// RUN: %asyncc %s --graph | FileCheck %s
// CHECK: digraph async {
// CHECK: subgraph cluster_f {
// CHECK-DAG: f__await_1 [label="line 18: await async_sleep(0)"];
// CHECK-DAG: f__await_2 [label="line 20: await async_sleep(1)"];
// CHECK-DAG: f__start -> f__await_1;
// CHECK-DAG: f__start -> f__await_2;
// CHECK-DAG: f__await_1 -> f__await_1;
// CHECK-DAG: f__await_1 -> f__await_2;
// CHECK-DAG: f__await_2 -> f__done;
// CHECK-NOT: f__await_2 -> f__await_1;
#include <async.h>

async void f(int n)
{
	while (n--)
		await async_sleep(0);

	await async_sleep(1);
}
