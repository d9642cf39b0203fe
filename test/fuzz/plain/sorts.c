/* Sorting by comparison functions: quick, merge, heap, shell, insertion; and the library's, which calls back.
 * asyncify: plain by_key_for_qsort */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
	short key;
	char name[6];
};
typedef int order(const struct item *, const struct item *);
#define SWAP(a, b) do { struct item swapped = (a); (a) = (b); (b) = swapped; } while (0)

static int by_key(const struct item *a, const struct item *b)
{
	return (a->key > b->key) - (a->key < b->key);
}

static int by_name(const struct item *a, const struct item *b)
{
	return strcmp(a->name, b->name);
}

static int by_both(const struct item *a, const struct item *b)
{
	return -by_key(a, b) ?: by_name(a, b);
}

static int by_key_for_qsort(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return x->key != y->key ? x->key - y->key : strcmp(x->name, y->name);
}

static void insertion(struct item *a, int n, order *less)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j && less(&a[j], &a[j - 1]) < 0; j--)
			SWAP(a[j], a[j - 1]);
}

static void quick(struct item *a, int n, order *less)
{
	while (n > 4) {
		struct item pivot = a[n / 2];
		int i = -1, j = n;
		for (;;) {
			do i++; while (less(&a[i], &pivot) < 0);
			do j--; while (less(&a[j], &pivot) > 0);
			if (i >= j)
				break;
			SWAP(a[i], a[j]);
		}
		quick(a, j + 1, less);
		a += j + 1, n -= j + 1;
	}
	insertion(a, n, less);
}

static void merge(struct item *a, int n, order *less)
{
	if (n < 2)
		return;
	int half = n / 2, i = 0, j = half;
	struct item copy[n];
	merge(a, half, less), merge(a + half, n - half, less);
	for (int k = 0; k < n; k++)
		copy[k] = j == n || (i < half && less(&a[i], &a[j]) <= 0) ? a[i++] : a[j++];
	memcpy(a, copy, sizeof copy);
}

static void sift(struct item *a, int root, int n, order *less)
{
	for (int child; (child = 2 * root + 1) < n; root = child) {
		child += child + 1 < n && less(&a[child], &a[child + 1]) < 0;
		if (less(&a[root], &a[child]) >= 0)
			return;
		SWAP(a[root], a[child]);
	}
}

static void heap(struct item *a, int n, order *less)
{
	for (int i = n / 2; i-- > 0;)
		sift(a, i, n, less);
	while (n-- > 1) {
		SWAP(a[0], a[n]);
		sift(a, 0, n, less);
	}
}

static void shell(struct item *a, int n, order *less)
{
	for (int gap = n / 2; gap; gap /= 2)
		for (int i = gap; i < n; i++)
			for (int j = i - gap; j >= 0 && less(&a[j], &a[j + gap]) > 0; j -= gap)
				SWAP(a[j], a[j + gap]);
}

static unsigned fill(struct item *a, int n, unsigned seed)
{
	for (int i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		a[i].key = (short)((int)(seed >> 16 & 63) - 32);
		snprintf(a[i].name, sizeof a[i].name, "%c%u", 'a' + (int)(seed >> 20) % 26, seed >> 27);
	}
	return seed;
}

static long checksum(const struct item *a, int n, order *less)
{
	long sum = 0;
	for (int i = 0; i < n; i++)
		sum = sum * 31 + a[i].key + a[i].name[0] + (i && less(&a[i - 1], &a[i]) > 0 ? 1000 : 0);
	return sum & 0xffffff;
}

int main(void)
{
	static const struct { const char *name; void (*sort)(struct item *, int, order *); } sorts[] = {
		{"insertion", insertion}, {"quick", quick}, {"merge", merge}, {"heap", heap}, {"shell", shell},
	};
	order *const orders[] = {by_key, by_name, by_both};
	struct item a[60];
	unsigned seed = 1;
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 3; j++) {
			int n = (int)(sizeof a / sizeof *a) - 7 * j;
			seed = fill(a, n, seed);
			sorts[i].sort(a, n, orders[j]);
			printf("%s %d: %ld\n", sorts[i].name, j, orders[j] == by_both || i == 2 ? checksum(a, n, orders[j]) : a[0].key + a[n - 1].key);
		}
	fill(a, 60, 99);
	qsort(a, 60, sizeof *a, by_key_for_qsort);
	printf("qsort: %ld\n", checksum(a, 60, by_key));
	return 0;
}
