// Parameters of run-time sizes in an async function that awaits nothing: each bound keeps a place of its own.  (They shared one, as no await
// needed two of them.)
// RUN: %exec_twin %s | FileCheck %s
#include <async.h>
#include <stdio.h>

async void multiply(int n, int k, int m, double a[n][k], double b[k][m], double to[n][m])
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++) {
			to[i][j] = 0;
			for (int l = 0; l < k; l++)
				to[i][j] += a[i][l] * b[l][j];
		}
}

async int last(int n, int m, int a[n][m], int b[m][n])
{
	int (*p)[m] = a, (*q)[n] = b;
	int copy[n + m];
	for (int i = 0; i < n + m; i++)
		copy[i] = p[i % n][i % m] * 100 + q[i % m][i % n];
	return copy[n + m - 1];
}

async int main(void)
{
	double a[2][3] = {{1, 2, 3}, {4, 5, 6}}, b[3][4] = {{1, 0, 2, 0}, {0, 1, 0, 2}, {3, 0, 1, 0}}, to[2][4];
	int c[2][3] = {{1, 2, 3}, {4, 5, 6}}, d[3][2] = {{7, 8}, {9, 10}, {11, 12}};

	await multiply(2, 3, 4, a, b, to);
	for (int i = 0; i < 2; i++)
		printf("%g %g %g %g\n", to[i][0], to[i][1], to[i][2], to[i][3]);
	// CHECK: 10 2 5 4
	// CHECK-NEXT: 22 5 14 10
	printf("%d\n", await last(2, 3, c, d));
	// CHECK-NEXT: 209
	return 0;
}
