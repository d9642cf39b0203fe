/* Matrices: products, elimination, powers; two-dimensional arrays as parameters and structs of doubles by value. */
#include "corpus.h"

enum { N = 5 };
struct matrix {
	double at[N][N];
};
struct pair {
	int row, column;
};

static async double cell(const struct matrix *m, int i, int j)
{
	await pause_here();
	return m->at[i][j];
}

static async struct matrix identity(void)
{
	struct matrix m = {{{0}}};
	for (int i = 0; i < N; i++)
		m.at[i][i] = await cell(&(struct matrix){{{1}}}, 0, 0);
	return m;
}

static async struct matrix product(struct matrix a, struct matrix b)
{
	struct matrix result;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			double sum = 0;
			for (int k = 0; k < N; k++)
				sum += await cell(&a, i, k) * await cell(&b, k, j);
			result.at[i][j] = sum;
		}
	return result;
}

static async struct matrix power(struct matrix m, unsigned n)
{
	struct matrix result = await identity();
	for (; n; n >>= 1, m = await product(m, m))
		if (n & 1)
			result = await product(result, m);
	return result;
}

static async struct pair pivot(double (*a)[N], int from)
{
	struct pair best = {from, from};
	for (int i = from; i < N; i++) {
		double here = a[i][from] < 0 ? -a[i][from] : a[i][from];
		double there = a[best.row][from];
		await pause_here();
		if (here > (there < 0 ? -there : there))
			best.row = i;
	}
	return best;
}

static async double determinant(double a[N][N])
{
	double result = 1;
	for (int c = 0; c < N; c++) {
		int row = (await pivot(a, c)).row;
		if (a[row][c] == 0)
			return 0;
		if (row != c) {
			double saved[N];
			memcpy(saved, a[row], sizeof saved);
			await pause_here();
			memcpy(a[row], a[c], sizeof saved);
			memcpy(a[c], saved, sizeof saved);
			result = -result;
		}
		result *= a[c][c];
		for (int i = c + 1; i < N; i++)
			for (int j = N - 1; j >= c; j--)
				a[i][j] -= a[i][c] / a[c][c] * await cell(&(struct matrix){{{a[c][j]}}}, 0, 0);
	}
	return result;
}

async int main(void)
{
	struct matrix m;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			m.at[i][j] = (double)(next_random() % 9) - 4;
	struct matrix p = await power(m, 5);
	for (int i = 0; i < N; i++)
		printf("%g %g %g %g %g\n", p.at[i][0], p.at[i][1], p.at[i][2], p.at[i][3], p.at[i][4]);
	double trace = 0;
	for (int i = 0; i < N; i++)
		trace += (await product(m, await identity())).at[i][i] - await cell(&m, i, i);
	printf("%g %.6f\n", trace, await determinant(m.at));
	return 0;
}
