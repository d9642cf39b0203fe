/* Back-tracking: queens, a sudoku, permutations, partitions, knapsack, hanoi, life, primes. */
#include "corpus.h"

static async int queens(int n, unsigned columns, unsigned left, unsigned right)
{
	unsigned free_columns = ~(columns | left | right) & ((1u << n) - 1);
	int found = 0;
	if (columns == (1u << n) - 1)
		return 1;
	while (free_columns) {
		unsigned here = free_columns & -free_columns;
		free_columns ^= here;
		if (here & 5)
			await pause_here();
		found += await queens(n, columns | here, (left | here) << 1, (right | here) >> 1);
	}
	return found;
}

static async _Bool fits(char (*board)[10], int row, int column, char digit)
{
	for (int i = 0; i < 9; i++) {
		if (board[row][i] == digit || board[i][column] == digit)
			return 0;
		if (board[row / 3 * 3 + i / 3][column / 3 * 3 + i % 3] == digit)
			return 0;
	}
	await pause_here();
	return 1;
}

static async _Bool sudoku(char (*board)[10])
{
	for (int cell = 0; cell < 81; cell++) {
		char *here = &board[cell / 9][cell % 9];
		if (*here != '.')
			continue;
		for (char digit = '1'; digit <= '9'; digit++)
			if (await fits(board, cell / 9, cell % 9, digit)) {
				*here = digit;
				if (await sudoku(board))
					return 1;
			}
		*here = '.';
		return 0;
	}
	return 1;
}

static async void permutations(char *text, int from, int n, void (*visit)(const char *))
{
	if (from == n) {
		await visit(text);
		return;
	}
	for (int i = from; i < n; i++) {
		char saved = text[from];
		text[from] = text[i], text[i] = saved;
		await permutations(text, from + 1, n, visit);
		text[i] = text[from], text[from] = saved;
	}
}

static unsigned sum;
static async void add_up(const char *text)
{
	unsigned here = 0;
	for (; *text; text++)
		here = here * 7 + (unsigned)*text;
	sum ^= here, await pause_here();
	sum = sum << 1 | sum >> 31;
}

static async long long partitions(int n, int largest)
{
	long long total = 0;
	if (!n)
		return 1;
	for (int part = n < largest ? n : largest; part; part--)
		total += await partitions(n - part, part);
	if (n == 7)
		await pause_here();
	return total;
}

static async int hanoi(int n, int from, int to, int (*pegs)[3])
{
	if (!n)
		return 0;
	int other = 3 - from - to;
	int moves = await hanoi(n - 1, from, other, pegs);
	(*pegs)[from]--, (*pegs)[to]++;
	await pause_here();
	return moves + 1 + await hanoi(n - 1, other, to, pegs);
}

static async int knapsack(const int *weights, const int *values, int n, int room)
{
	int best[room + 1];
	memset(best, 0, sizeof best);
	for (int i = 0; i < n; i++)
		for (int w = room; w >= weights[i]; w--) {
			int with = best[w - weights[i]] + values[i];
			await pause_here();
			if (with > best[w])
				best[w] = with;
		}
	return best[room];
}

static async void life(unsigned char world[8][8], int turns)
{
	unsigned char next[8][8];
	for (; turns--; memcpy(world, next, sizeof next))
		for (int y = 0; y < 8; y++)
			for (int x = 0; x < 8; x++) {
				int n = -world[y][x];
				for (int dy = 7; dy < 10; dy++)
					for (int dx = 7; dx < 10; dx++)
						n += world[(y + dy) & 7][(x + dx) & 7];
				await pause_here();
				next[y][x] = n == 3 || (n == 2 && world[y][x]);
			}
}

static void free_text(char **text)
{
	free(*text);
}

static async int primes(int limit)
{
	char *composite = calloc(limit, 1);
	__attribute__((cleanup(free_text))) char *owned = composite;
	int n = 0;
	for (int i = 2; i < limit; i++) {
		if (composite[i])
			continue;
		n++;
		for (long j = (long)i * i; j < limit; j += i)
			composite[j] = 1;
		await pause_here();
	}
	(void)owned;
	return n;
}

async int main(void)
{
	printf("%d queens\n", await queens(7, 0, 0, 0));
	char board[9][10] = {"53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1", "7...2...6", ".6....28.", "...419..5",
			     "....8..79"};
	printf("%s\n", await sudoku(board) ? "solved" : "unsolved");
	for (int i = 0; i < 9; i++)
		puts(board[i]);
	char letters[] = "abcde";
	await permutations(letters, 0, 5, add_up);
	printf("%u %s\n", sum, letters);
	printf("%lld partitions\n", await partitions(20, 20));
	int pegs[3] = {6, 0, 0}, moves = await hanoi(6, 0, 2, &pegs);
	printf("%d moves %d %d %d\n", moves, pegs[0], pegs[1], pegs[2]);
	printf("%d\n", await knapsack((const int[]){3, 4, 5, 9, 4}, (const int[]){3, 4, 4, 10, 4}, 5, 11));
	unsigned char world[8][8] = {{0, 1}, {0, 0, 1}, {1, 1, 1}};
	await life(world, 11);
	for (int y = 0; y < 8; y++, puts(""))
		for (int x = 0; x < 8; x++)
			putchar(world[y][x] ? '#' : '.');
	printf("%d primes\n", await primes(2000));
	return 0;
}
