/* Matrices whose sizes are known at run time, in functions of both parameters and locals; complex numbers; a transform. */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static unsigned state = 7;

static int draw(int n)
{
	state = state * 1103515245 + 12345;
	return (int)(state >> 16) % n;
}

static void fill(int n, int m, double a[n][m])
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++)
			a[i][j] = draw(19) - 9;
}

static void multiply(int n, int k, int m, double a[n][k], double b[k][m], double to[n][m])
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++) {
			to[i][j] = 0;
			for (int l = 0; l < k; l++)
				to[i][j] += a[i][l] * b[l][j];
		}
}

static double determinant(int n, double a[n][n])
{
	if (n == 1)
		return a[0][0];
	double sum = 0;
	for (int column = 0; column < n; column++) {
		double rest[n - 1][n - 1];
		for (int i = 1; i < n; i++)
			for (int j = 0, k = 0; j < n; j++)
				if (j != column)
					rest[i - 1][k++] = a[i][j];
		sum += (column % 2 ? -1 : 1) * a[0][column] * determinant(n - 1, rest);
	}
	return sum;
}

static int solve(int n, double a[n][n], double b[n])
{
	double m[n][n + 1];
	for (int i = 0; i < n; i++) {
		memcpy(m[i], a[i], sizeof a[i]);
		m[i][n] = b[i];
	}
	for (int i = 0; i < n; i++) {
		int best = i;
		for (int j = i + 1; j < n; j++)
			if (fabs(m[j][i]) > fabs(m[best][i]))
				best = j;
		if (m[best][i] == 0)
			return 0;
		double row[n + 1];
		memcpy(row, m[i], sizeof row);
		memcpy(m[i], m[best], sizeof row);
		memcpy(m[best], row, sizeof row);
		for (int j = 0; j < n; j++)
			if (j != i)
				for (int k = n; k >= i; k--)
					m[j][k] -= m[i][k] * (m[j][i] / m[i][i]);
	}
	for (int i = 0; i < n; i++)
		b[i] = m[i][n] / m[i][i];
	return 1;
}

static void show(const char *name, int n, int m, double a[n][m])
{
	printf("%s %zu:", name, sizeof a[0] / sizeof a[0][0]);
	for (int i = 0; i < n; i++, printf(";"))
		for (int j = 0; j < m; j++)
			printf(" %g", a[i][j] + 0.0);
	printf("\n");
}

static double complex root(int n, int k)
{
	static const double cosines[] = {1, 0.70710678118654752, 0, -0.70710678118654752, -1, -0.70710678118654752, 0, 0.70710678118654752};
	int at = k * (8 / n) & 7;
	return cosines[at] + cosines[(at + 6) & 7] * I;
}

static void transform(int n, double complex v[n], int direction)
{
	if (n == 1)
		return;
	double complex even[n / 2], odd[n / 2];
	for (int i = 0; i < n; i++)
		(i % 2 ? odd : even)[i / 2] = v[i];
	transform(n / 2, even, direction);
	transform(n / 2, odd, direction);
	for (int i = 0; i < n / 2; i++) {
		double complex w = root(n, direction * i) * odd[i];
		v[i] = even[i] + w;
		v[i + n / 2] = even[i] - w;
	}
}

int main(void)
{
	for (int n = 1; n < 5; n++) {
		double a[n][n + 1], b[n + 1][2], c[n][2], square[n][n], right[n];
		fill(n, n + 1, a);
		fill(n + 1, 2, b);
		multiply(n, n + 1, 2, a, b, c);
		show("product", n, 2, c);
		fill(n, n, square);
		printf("determinant %g\n", determinant(n, square));
		for (int i = 0; i < n; i++) {
			right[i] = 0;
			for (int j = 0; j < n; j++)
				right[i] += square[i][j] * (j + 1);
		}
		if (solve(n, square, right))
			for (int i = 0; i < n; i++)
				printf("%.6f ", right[i]);
		printf("solved\n");
	}
	double complex v[8];
	for (int i = 0; i < 8; i++) {
		v[i] = draw(10);
		v[i] += draw(10) * I;
	}
	transform(8, v, 1);
	printf("%.3f%+.3fi\n", creal(v[3]), cimag(v[3]));
	transform(8, v, -1);
	for (int i = 0; i < 8; i++)
		printf("%.2f%+.2fi ", creal(v[i]) / 8, cimag(v[i]) / 8 + 0.0);
	printf("\n");
	return 0;
}
