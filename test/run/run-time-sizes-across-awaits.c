// Arrays of a run-time size keep their bounds, their contents and their type across awaits, and are freed on every way out.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: way 0: 29 3 21
// CHECK: way 1: 2
// CHECK: way 2: 7
// CHECK: way 3: 104
// CHECK: 11 15 48
// CHECK: hello world
#include <async.h>
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n;
}

static int evaluated;
static int once(int n)
{
	evaluated++;
	return n;
}

static void bye(int *p)
{
	evaluated += *p;
}

static async int ways(int way, int n)
{
	int sum = 0;
	for (int i = 0; i < 3; i++) {
		int rows[n + i][once(3)], *last = rows[n + i - 1];
		__attribute__((cleanup(bye))) int guard = 100;
		memset(rows, 0, sizeof rows);
		rows[await step(1)][2] = await step(i);
		last[0] = 1;
		int (*p)[3] = rows + 1, (*q)[n] = NULL;
		await step(1);
		n += 0 * i;
		sum += (*p)[2] + rows[n + i - 1][0] + (int)(sizeof rows / sizeof rows[0]) + (int)(sizeof *q / sizeof(int));
		if (way == 1 && i == 1)
			break;
		if (way == 2 && i == 0)
			return await step(sum);
		if (way == 3 && i == 1)
			goto out;
		if (way == 0 && i == 1)
			continue;
		{
			char inner[i + 1];
			inner[i] = (char)await step(i);
			sum += inner[i];
		}
	}
	if (way == 0)
		printf("way 0: %d %d %d\n", sum, evaluated % 100 + 3 * (evaluated < 0), n + 18);
	return sum > 10 ? 2 : sum;
out:
	return 100 + n + 1;
}

static async int sum(int n, int m, int grid[n][m], const char (*names)[m])
{
	int total = 0;
	n = m = 2;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++)
			total += await step(grid[i][j]);
	return total + (int)sizeof *grid + names[1][0] - 'b';
}

static async int types(int n)
{
	typedef int row[n];
	typedef row *rows;
	row one;
	n = 100;
	memset(one, 0, sizeof one);
	one[2] = await step(3);
	rows many = malloc(2 * sizeof(row));
	many[1][2] = await step(4);
	row copy;
	memcpy(copy, many[1], sizeof copy);
	int result = one[2] + copy[2] + (int)(sizeof(row) / sizeof(int));
	await step(1);
	free(many);
	return result + (int)(sizeof copy / sizeof *copy);
}

static async char *join(const char *a, const char *b)
{
	char *text = alloca(strlen(a) + strlen(b) + 2);
	strcpy(text, a);
	for (int i = 0; i < 2; i++) {
		char *part = __builtin_alloca(strlen(b) + 2);
		await step(i);
		strcpy(part, i ? b : " ");
		strcat(text, part);
	}
	return await step(1) ? strdup(text) : NULL;
}

int main(void)
{
	for (int way = 0; way < 4; way++) {
		int result = ways(way, 3);
		if (way)
			printf("way %d: %d\n", way, result);
	}
	int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
	char *text = join("hello", "world");
	printf("%d %d %zu\n", types(2 + 1) - 2, sum(2, 3, grid, (const char[2][3]){ "a", "b" }) - 9, sizeof grid * 2);
	printf("%s\n", text);
	free(text);
	return 0;
}
