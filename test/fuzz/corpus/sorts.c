/* Six sorts with an awaited comparison. */
#include "corpus.h"

static int compared;

static async int less(const int *a, const int *b)
{
	compared++;
	await pause_here();
	return *a < *b;
}

static async void swap(int *a, int *b)
{
	int t = *a;
	*a = *b;
	await pause_here();
	*b = t;
}

static async void insertion(int *a, int n)
{
	for (int i = 1; i < n; i++) {
		int key = a[i], j = i;
		while (j > 0 && await less(&key, &a[j - 1])) {
			a[j] = a[j - 1];
			j--;
		}
		a[j] = key;
	}
}

static async void selection(int *a, int n)
{
	for (int i = 0; i + 1 < n; i++) {
		int least = i;
		for (int j = i + 1; j < n; j++)
			least = await less(a + j, a + least) ? j : least;
		if (least != i)
			await swap(a + i, a + least);
	}
}

static async void quick(int *a, int n)
{
	if (n < 2)
		return;
	int pivot = a[n / 2], i = 0, j = n - 1;
	for (;; i++, j--) {
		while (await less(&a[i], &pivot))
			i++;
		while (await less(&pivot, &a[j]))
			j--;
		if (i >= j)
			break;
		await swap(&a[i], &a[j]);
	}
	await quick(a, i);
	await quick(a + i, n - i);
}

static async void merge(int *a, int n, int *room)
{
	if (n < 2)
		return;
	int half = n / 2, i = 0, j = half, k = 0;
	await merge(a, half, room);
	await merge(a + half, n - half, room);
	while (i < half && j < n)
		room[k++] = await less(&a[j], &a[i]) ? a[j++] : a[i++];
	while (i < half)
		room[k++] = a[i++];
	while (j < n)
		room[k++] = a[j++];
	memcpy(a, room, n * sizeof *a);
}

static async void merge_sort(int *a, int n)
{
	int room[n];
	await merge(a, n, room);
}

static async void sift(int *a, int at, int n)
{
	for (int child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && await less(&a[child], &a[child + 1]))
			child++;
		if (!await less(&a[at], &a[child]))
			return;
		await swap(&a[at], &a[child]);
	}
}

static async void heap(int *a, int n)
{
	for (int i = n / 2; i-- > 0;)
		await sift(a, i, n);
	while (n > 1) {
		await swap(&a[0], &a[--n]);
		await sift(a, 0, n);
	}
}

static async void shell(int *a, int n)
{
	static const int gaps[] = {23, 10, 4, 1};
	for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
		for (int i = gaps[g]; i < n; i++) {
			int j = i;
			do {
				if (j < gaps[g] || !await less(&a[j], &a[j - gaps[g]]))
					break;
				await swap(&a[j], &a[j - gaps[g]]);
			} while ((j -= gaps[g]) >= 0);
		}
}

static const struct {
	const char *name;
	void (*sort)(int *, int);
} sorts[] = {{"insertion", insertion}, {"selection", selection}, {"quick", quick}, {"merge", merge_sort}, {"heap", heap}, {"shell", shell}};

async int main(void)
{
	for (size_t s = 0; s < sizeof sorts / sizeof *sorts; s++) {
		int a[60];
		for (int i = 0; i < 60; i++)
			a[i] = (int)(next_random() % 1000);
		compared = 0;
		await sorts[s].sort(a, 60);
		int sorted = 1, sum = 0;
		for (int i = 0; i < 60; i++)
			sorted &= !i || a[i - 1] <= a[i], sum = sum * 31 + a[i];
		printf("%s: %s, %d comparisons, %d\n", sorts[s].name, sorted ? "sorted" : "WRONG", compared, sum);
	}
	return 0;
}
