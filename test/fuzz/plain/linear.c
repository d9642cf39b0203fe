/* Linear algebra over arrays of run-time sizes: LU with pivots in doubles and in complex numbers, a Fourier transform, least
 * squares, powers of a matrix, polynomials; every function takes its sizes as parameters. */
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double complex number;

static unsigned state = 12345;

static double roll(void)
{
	state = state * 1103515245u + 12345u;
	return (double)(state >> 16 & 0x7fff) / 1024 - 16;
}

static double size_of(double x)
{
	return x < 0 ? -x : x;
}

static double size_of_complex(number z)
{
	return size_of(creal(z)) + size_of(cimag(z));
}

static double root(double x)
{
	double guess = x > 1 ? x : 1;
	for (int i = 0; i < 60; i++)
		guess = (guess + x / guess) / 2;
	return guess;
}

/* ---- doubles ---- */

static void fill(int m, int n, double a[m][n])
{
	for (double *p = &a[0][0]; p < &a[0][0] + (size_t)m * n; p++)
		*p = roll();
}

static void show(const char *name, int m, int n, double a[m][n])
{
	printf("%s (%d by %d, %zu bytes)\n", name, m, n, sizeof(double[m][n]));
	for (int i = 0; i < m; i++) {
		for (int j = 0; j < n; j++)
			printf(" %10.4f", size_of(a[i][j]) < 5e-5 ? 0 : a[i][j]);
		putchar('\n');
	}
}

static void multiply(int m, int n, int k, double a[m][n], double b[n][k], double c[m][k])
{
	for (int i = 0; i < m; i++)
		for (int j = 0; j < k; j++) {
			double sum = 0;
			for (int l = 0; l < n; l++)
				sum += a[i][l] * b[l][j];
			c[i][j] = sum;
		}
}

static void swap_rows(int n, double (*one)[n], double (*other)[n])
{
	double kept[n];
	memcpy(kept, *one, sizeof kept);
	memcpy(*one, *other, sizeof *one);
	memcpy(*other, kept, sizeof *other);
}

/* Its sign is that of the permutation; 0: singular. */
static int decompose(int n, double a[n][n], int order[n])
{
	int sign = 1;
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int k = 0; k < n; k++) {
		int best = k;
		for (int i = k + 1; i < n; i++)
			if (size_of(a[i][k]) > size_of(a[best][k]))
				best = i;
		if (size_of(a[best][k]) < 1e-9)
			return 0;
		if (best != k) {
			swap_rows(n, &a[best], &a[k]);
			int kept = order[k];
			order[k] = order[best], order[best] = kept;
			sign = -sign;
		}
		for (int i = k + 1; i < n; i++) {
			double factor = a[i][k] /= a[k][k];
			for (int j = k + 1; j < n; j++)
				a[i][j] -= factor * a[k][j];
		}
	}
	return sign;
}

static void substitute(int n, double lu[n][n], const int order[n], const double b[n], double x[n])
{
	for (int i = 0; i < n; i++) {
		x[i] = b[order[i]];
		for (int j = 0; j < i; j++)
			x[i] -= lu[i][j] * x[j];
	}
	for (int i = n; i-- > 0;) {
		for (int j = i + 1; j < n; j++)
			x[i] -= lu[i][j] * x[j];
		x[i] /= lu[i][i];
	}
}

static double determinant(int n, double a[n][n])
{
	double lu[n][n];
	int order[n];
	memcpy(lu, a, sizeof lu);
	double product = decompose(n, lu, order);
	for (int i = 0; product != 0 && i < n; i++)
		product *= lu[i][i];
	return product;
}

static _Bool invert(int n, double a[n][n], double inverse[n][n])
{
	double lu[n][n], unit[n], column[n];
	int order[n];
	memcpy(lu, a, sizeof lu);
	if (!decompose(n, lu, order))
		return 0;
	for (int j = 0; j < n; j++) {
		for (int i = 0; i < n; i++)
			unit[i] = i == j;
		substitute(n, lu, order, unit, column);
		for (int i = 0; i < n; i++)
			inverse[i][j] = column[i];
	}
	return 1;
}

static void power(int n, double a[n][n], unsigned exponent, double result[n][n])
{
	double square[n][n], kept[n][n];
	memcpy(square, a, sizeof square);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			result[i][j] = i == j;
	for (; exponent; exponent >>= 1) {
		if (exponent & 1) {
			multiply(n, n, n, result, square, kept);
			memcpy(result, kept, sizeof kept);
		}
		multiply(n, n, n, square, square, kept);
		memcpy(square, kept, sizeof kept);
	}
}

/* The line, parabola, ... through points, by the normal equations. */
static void least_squares(int points, int terms, const double x[points], const double y[points], double found[terms])
{
	double (*rows)[terms] = malloc(points * sizeof *rows), normal[terms][terms], right[terms];
	int order[terms];
	for (int i = 0; i < points; i++)
		for (int j = 0; j < terms; j++)
			rows[i][j] = j ? rows[i][j - 1] * x[i] : 1;
	for (int i = 0; i < terms; i++) {
		right[i] = 0;
		for (int k = 0; k < points; k++)
			right[i] += rows[k][i] * y[k];
		for (int j = 0; j < terms; j++) {
			normal[i][j] = 0;
			for (int k = 0; k < points; k++)
				normal[i][j] += rows[k][i] * rows[k][j];
		}
	}
	if (decompose(terms, normal, order))
		substitute(terms, normal, order, right, found);
	free(rows);
}

/* ---- complex numbers ---- */

static number turn(int k, int n)
{
	double x = 6.283185307179586 * (k % n) / n;
	double sine = 0, cosine = 0, term = 1;
	for (int i = 0; i < 40; i++) {
		double *sum = i & 1 ? &sine : &cosine;
		*sum += i & 2 ? -term : term;
		term *= x / (i + 1);
	}
	return cosine + sine * I;
}

static void transform(int n, const number in[n], number out[n], int direction)
{
	if (n == 1) {
		out[0] = in[0];
		return;
	}
	number even[n / 2], odd[n / 2], halves[2][n / 2];
	for (int i = 0; i < n / 2; i++)
		even[i] = in[2 * i], odd[i] = in[2 * i + 1];
	transform(n / 2, even, halves[0], direction);
	transform(n / 2, odd, halves[1], direction);
	for (int i = 0; i < n / 2; i++) {
		number w = direction > 0 ? turn(i, n) : conj(turn(i, n));
		w *= halves[1][i];
		out[i] = halves[0][i] + w;
		out[i + n / 2] = halves[0][i] - w;
	}
}

static int decompose_complex(int n, number a[n][n], int order[n])
{
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int k = 0; k < n; k++) {
		int best = k;
		for (int i = k + 1; i < n; i++)
			best = size_of_complex(a[i][k]) > size_of_complex(a[best][k]) ? i : best;
		if (size_of_complex(a[best][k]) < 1e-9)
			return 0;
		for (int j = 0; j < n && best != k; j++) {
			number kept = a[k][j];
			a[k][j] = a[best][j];
			a[best][j] = kept;
		}
		int kept = order[k];
		order[k] = order[best], order[best] = kept;
		for (int i = k + 1; i < n; i++) {
			a[i][k] /= a[k][k];
			for (int j = k + 1; j < n; j++)
				a[i][j] -= a[i][k] * a[k][j];
		}
	}
	return 1;
}

static double residue(int n, number a[n][n], const number b[n])
{
	number lu[n][n], x[n];
	int order[n];
	memcpy(lu, a, sizeof lu);
	if (!decompose_complex(n, lu, order))
		return -1;
	for (int i = 0; i < n; i++) {
		x[i] = b[order[i]];
		for (int j = 0; j < i; j++)
			x[i] -= lu[i][j] * x[j];
	}
	for (int i = n - 1; i >= 0; x[i] /= lu[i][i], i--)
		for (int j = i + 1; j < n; j++)
			x[i] -= lu[i][j] * x[j];
	double worst = 0;
	for (int i = 0; i < n; i++) {
		number sum = -b[i];
		for (int j = 0; j < n; j++)
			sum += a[i][j] * x[j];
		if (size_of_complex(sum) > worst)
			worst = size_of_complex(sum);
	}
	return worst;
}

static number evaluate(int degree, const number c[degree + 1], number z)
{
	number value = 0;
	while (degree >= 0)
		value = value * z + c[degree--];
	return value;
}

/* All roots at once (Durand and Kerner). */
static int find_roots(int degree, const number c[degree + 1], number roots[degree])
{
	number start = 1;
	for (int i = 0; i < degree; i++)
		roots[i] = start *= 0.4 + 0.9 * I;
	for (int round = 1; round < 200; round++) {
		double moved = 0;
		for (int i = 0; i < degree; i++) {
			number below = c[degree];
			for (int j = 0; j < degree; j++)
				if (j != i)
					below *= roots[i] - roots[j];
			number step = evaluate(degree, c, roots[i]) / below;
			roots[i] -= step;
			moved += size_of_complex(step);
		}
		if (moved < 1e-12)
			return round < 199;
	}
	return 0;
}

static void with_doubles(void)
{
	for (int n = 1; n <= 4; n++) {
		double a[n][n], inverse[n][n], product[n][n];
		fill(n, n, a);
		printf("determinant %.3f\n", determinant(n, a));
		if (!invert(n, a, inverse))
			continue;
		multiply(n, n, n, a, inverse, product);
		show("a times its inverse", n, n, product);
	}
	double fibonacci[2][2] = {{1, 1}, {1, 0}}, result[2][2], singular[3][3] = {{1, 2, 3}, {2, 4, 6}, {1, 0, 1}}, none[3][3];
	power(2, fibonacci, 40, result);
	show("fibonacci", 2, 2, result);
	printf("singular: %.1f %d\n", determinant(3, singular), invert(3, singular, none));
	double x[9], y[9], found[3] = {0};
	for (int i = 0; i < 9; i++)
		x[i] = i, y[i] = 2 * i * i - 3 * i + 1 + (i & 1 ? .25 : -.25);
	least_squares(9, 3, x, y, found);
	printf("parabola %.3f %.3f %.3f, root of 2 %.6f\n", found[0], found[1], found[2], root(2));
}

static void with_complex_numbers(void)
{
	enum { N = 8 };
	number signal[N], spectrum[N], back[N], a[3][3], b[3], roots[4];
	for (int i = 0; i < N; i++)
		signal[i] = roll() + roll() * I;
	transform(N, signal, spectrum, 1);
	transform(N, spectrum, back, -1);
	double worst = 0;
	for (int i = 0; i < N; i++) {
		double off = size_of_complex(back[i] / N - signal[i]);
		worst = off > worst ? off : worst;
		printf(" %.3f%+.3fi", creal(spectrum[i]), cimag(spectrum[i]));
	}
	printf("\nback again: %s\n", worst < 1e-9 ? "the same" : "different");
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++)
			__real__ a[i][j] = roll(), __imag__ a[i][j] = roll();
		b[i] = roll() * I;
	}
	printf("solved: %d\n", residue(3, a, b) < 1e-9);
	const number c[] = {24, -50, 35, -10, 1};
	printf("roots found: %d,", find_roots(4, c, roots));
	for (double wanted = 1; wanted <= 4; wanted++) {
		int near = 0;
		for (int i = 0; i < 4; i++)
			near += size_of_complex(roots[i] - wanted) < 1e-6;
		printf(" %.0f: %d", wanted, near);
	}
	putchar('\n');
}

int main(void)
{
	with_doubles();
	with_complex_numbers();
	return 0;
}
