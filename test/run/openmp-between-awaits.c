// An OpenMP region without an await stays as it is, and shares the function's variables, with -fopenmp and without.
// RUN: %exec %s -Wno-unknown-pragmas | FileCheck %s
// RUN: %asyncc -fopenmp %s -o %t.c
// RUN: gcc -O2 -fopenmp -Wall -Wextra -Werror -I%include %t.c -o %t.exe %lib/libasyncc.a -pthread -ldl
// RUN: %t.exe | FileCheck %s
// CHECK: 386 10
#include <async.h>
#include <stdio.h>

async int main(void)
{
	int sum = 0, count = 0, squares[11] = {0};
	await async_sleep(0);
#pragma omp parallel for reduction(+:sum)
	for (int i = 0; i < 11; i++) {
		squares[i] = i * i;
		sum += squares[i];
	}
#pragma omp parallel for
	for (int i = 1; i < 11; i++) {
#pragma omp atomic
		count++;
	}
	await async_sleep(0);
	printf("%d %d\n", sum - squares[10] + squares[1] + count * 10, count);
	return 0;
}
