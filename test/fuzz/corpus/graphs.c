/* Graphs: breadth first, depth first with cycles, shortest paths with a heap, union-find, topological order, flood fill. */
#include "corpus.h"

enum { NODES = 12 };
struct edge {
	unsigned char from : 4, to : 4;
	short cost;
};
static struct edge edges[40];
static int n_edges;

static async int cost(int from, int to)
{
	int best = -1;
	for (const struct edge *e = edges; e < edges + n_edges; e++) {
		if (e->from != from || e->to != to)
			continue;
		await pause_here();
		best = best < 0 || e->cost < best ? e->cost : best;
	}
	return best;
}

static async int breadth_first(int from, int order[static NODES])
{
	_Bool seen[NODES] = {0};
	int head = 0, tail = 0;
	seen[order[tail++] = from] = 1;
	while (head < tail) {
		int here = order[head++];
		for (int next = 0; next < NODES; next++)
			if (!seen[next] && await cost(here, next) >= 0)
				seen[order[tail++] = next] = 1;
	}
	return tail;
}

struct visit {
	char state[NODES];
	int cycles, finished[NODES], n;
};

static async void depth_first(struct visit *v, int here)
{
	v->state[here] = 'g';
	for (int next = 0; next < NODES; next++) {
		if (await cost(here, next) < 0)
			continue;
		if (v->state[next] == 'g')
			v->cycles++;
		else if (!v->state[next])
			await depth_first(v, next);
	}
	v->state[here] = 'b';
	v->finished[v->n++] = here;
}

struct reached {
	int distance, node;
};
struct heap {
	struct reached at[64];
	int n;
};

static async void heap_push(struct heap *h, int distance, int node)
{
	int i = h->n++;
	for (; i && h->at[(i - 1) / 2].distance > distance; i = (i - 1) / 2) {
		h->at[i] = h->at[(i - 1) / 2];
		await pause_here();
	}
	h->at[i].distance = distance, h->at[i].node = node;
}

static async int heap_pop(struct heap *h, int *distance)
{
	int node = h->at[0].node;
	*distance = h->at[0].distance;
	struct reached last = h->at[--h->n];
	int i = 0;
	for (int child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && h->at[child + 1].distance < h->at[child].distance)
			child++;
		await pause_here();
		if (h->at[child].distance >= last.distance)
			break;
		h->at[i] = h->at[child];
	}
	h->at[i] = last;
	return node;
}

static async void shortest(int from, int distances[NODES])
{
	struct heap heap = {.n = 0};
	for (int i = 0; i < NODES; i++)
		distances[i] = -1;
	for (await heap_push(&heap, 0, from); heap.n;) {
		int far, here = await heap_pop(&heap, &far);
		if (distances[here] >= 0)
			continue;
		distances[here] = far;
		for (int next = 0, step; next < NODES; next++)
			if ((step = await cost(here, next)) >= 0 && distances[next] < 0)
				await heap_push(&heap, far + step, next);
	}
}

static async int root(int *parents, int i)
{
	return parents[i] == i ? i : (parents[i] = await root(parents, parents[i]));
}

static async int components(void)
{
	int parents[NODES], n = NODES;
	for (int i = 0; i < NODES; i++)
		parents[i] = i;
	for (int i = 0; i < n_edges; i++) {
		int a = await root(parents, edges[i].from), b = await root(parents, edges[i].to);
		if (a != b)
			parents[a] = b, n--;
		if (i % 4 == 0)
			await pause_here();
	}
	return n;
}

static async int fill(char (*map)[8], int x, int y, char with)
{
	if (x < 0 || y < 0 || x > 6 || y > 3 || map[y][x] != '.')
		return 0;
	map[y][x] = with;
	await pause_here();
	return 1 + await fill(map, x + 1, y, with) + await fill(map, x - 1, y, with) + await fill(map, x, y + 1, with) +
	       await fill(map, x, y - 1, with);
}

async int main(void)
{
	for (n_edges = 0; n_edges < 22; n_edges++)
		edges[n_edges] = (struct edge){n_edges * 7 % NODES, next_random() % NODES, (short)(n_edges * 11 % 50)};
	int order[NODES], distances[NODES], n = await breadth_first(0, order);
	for (int i = 0; i < n; i++)
		printf("%d ", order[i]);
	struct visit visit = {.cycles = 0};
	for (int i = 0; i < NODES; i++)
		if (!visit.state[i])
			await depth_first(&visit, i);
	printf("\n%d cycles, %d components\n", visit.cycles, await components());
	for (int i = 0; i < NODES; i++)
		printf("%d ", visit.finished[i]);
	await shortest(0, distances);
	for (int i = 0; i < NODES; i++)
		printf("%s%d", i ? " " : "\n", distances[i]);
	char map[4][8] = {"..#....", ".##.#..", "...#...", "##....."};
	printf("\n%d", await fill(map, 0, 0, 'a'));
	printf(" %d\n", await fill(map, 4, 0, 'b'));
	for (int i = 0; i < 4; i++)
		printf("%.7s\n", map[i]);
	return 0;
}
