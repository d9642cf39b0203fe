/* A B-tree of strings: insertions that split, deletions that borrow and merge, cursors, ranges, a check of all that must hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 3, MOST = 2 * LEAST };

typedef struct entry {
	char key[12];
	unsigned count : 20, dirty : 1;
	long value;
} entry;

struct node {
	unsigned short n;
	_Bool leaf;
	entry at[MOST - 1];
	struct node *kids[MOST];
};

struct tree {
	struct node *root;
	long entries, nodes, splits, merges, borrows;
	int (*compare)(const char *a, const char *b);
};

typedef enum { GO_ON, ENOUGH } verdict;
typedef verdict visitor(const entry *e, int depth, void *context);

static int by_bytes(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

static int by_length(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	return m != n ? (m < n ? -1 : 1) : by_bytes(a, b);
}

static struct node *new_node(struct tree *tree, _Bool leaf)
{
	struct node *node = calloc(1, sizeof *node);
	if (!node)
		exit(3);
	node->leaf = leaf;
	tree->nodes++;
	return node;
}

/* The place of the key, or of the kid that may have it. */
static int find_in(const struct tree *tree, const struct node *node, const char *key, _Bool *found)
{
	int low = 0, high = node->n;
	*found = 0;
	while (low < high) {
		int middle = (low + high) / 2, order = tree->compare(key, node->at[middle].key);
		if (order == 0) {
			*found = 1;
			return middle;
		}
		*(order < 0 ? &high : &low) = order < 0 ? middle : middle + 1;
	}
	return low;
}

static entry *look_up(const struct tree *tree, const char *key)
{
	struct node *node = tree->root;
	for (;;) {
		_Bool found;
		int i = find_in(tree, node, key, &found);
		if (found)
			return &node->at[i];
		if (node->leaf)
			return NULL;
		node = node->kids[i];
	}
}

static void open_gap(struct node *node, int i)
{
	memmove(&node->at[i + 1], &node->at[i], (node->n - i) * sizeof *node->at);
	if (!node->leaf)
		memmove(&node->kids[i + 2], &node->kids[i + 1], (node->n - i) * sizeof *node->kids);
	node->n++;
}

static void close_gap(struct node *node, int i)
{
	node->n--;
	memmove(&node->at[i], &node->at[i + 1], (node->n - i) * sizeof *node->at);
	if (!node->leaf)
		memmove(&node->kids[i + 1], &node->kids[i + 2], (node->n - i) * sizeof *node->kids);
}

static void split_kid(struct tree *tree, struct node *parent, int i)
{
	struct node *left = parent->kids[i], *right = new_node(tree, left->leaf);
	right->n = left->n - LEAST;
	memcpy(right->at, left->at + LEAST, right->n * sizeof *right->at);
	if (!left->leaf)
		memcpy(right->kids, left->kids + LEAST, (right->n + 1) * sizeof *right->kids);
	left->n = LEAST - 1;
	open_gap(parent, i);
	parent->at[i] = left->at[LEAST - 1];
	parent->kids[i + 1] = right;
	tree->splits++;
}

static entry make_entry(const char *key, long value)
{
	entry made = {.count = 1, .value = value};
	strncpy(made.key, key, sizeof made.key - 1);
	return made;
}

static entry *insert(struct tree *tree, const char *key, long value)
{
	if (tree->root->n == MOST - 1) {
		struct node *old = tree->root;
		(tree->root = new_node(tree, 0))->kids[0] = old;
		split_kid(tree, tree->root, 0);
	}
	struct node *node = tree->root;
again:;
	_Bool found;
	int i = find_in(tree, node, key, &found);
	if (found) {
		entry *e = &node->at[i];
		e->count += 1, e->dirty ^= 1;
		e->value += value;
		return e;
	}
	if (node->leaf) {
		open_gap(node, i);
		node->at[i] = make_entry(key, value);
		tree->entries++;
		return node->at + i;
	}
	if (node->kids[i]->n == MOST - 1)
		split_kid(tree, node, i);
	else
		node = node->kids[i];
	goto again;
}

static void merge_kids(struct tree *tree, struct node *parent, int i)
{
	struct node *left = parent->kids[i], *right = parent->kids[i + 1];
	left->at[left->n++] = parent->at[i];
	memcpy(left->at + left->n, right->at, right->n * sizeof *right->at);
	if (!left->leaf)
		memcpy(left->kids + left->n, right->kids, (right->n + 1) * sizeof *right->kids);
	left->n += right->n;
	close_gap(parent, i);
	free(right);
	tree->nodes--;
	tree->merges++;
}

/* The i-th kid has at least LEAST entries then; its index may be another. */
static int fill_kid(struct tree *tree, struct node *parent, int i)
{
	struct node *kid = parent->kids[i];
	if (kid->n >= LEAST)
		return i;
	if (i > 0 && parent->kids[i - 1]->n >= LEAST) {
		struct node *left = parent->kids[i - 1];
		memmove(kid->at + 1, kid->at, kid->n * sizeof *kid->at);
		if (!kid->leaf) {
			memmove(kid->kids + 1, kid->kids, (kid->n + 1) * sizeof *kid->kids);
			kid->kids[0] = left->kids[left->n];
		}
		kid->at[0] = parent->at[i - 1];
		parent->at[i - 1] = left->at[--left->n];
		kid->n++;
		tree->borrows++;
		return i;
	}
	if (i < parent->n && parent->kids[i + 1]->n >= LEAST) {
		struct node *right = parent->kids[i + 1];
		kid->at[kid->n++] = parent->at[i];
		parent->at[i] = right->at[0];
		if (!kid->leaf)
			kid->kids[kid->n] = right->kids[0];
		memmove(right->at, right->at + 1, (right->n - 1) * sizeof *right->at);
		if (!right->leaf)
			memmove(right->kids, right->kids + 1, right->n * sizeof *right->kids);
		right->n--;
		tree->borrows++;
		return i;
	}
	merge_kids(tree, parent, i < parent->n ? i : i - 1);
	return i <= parent->n ? i : i - 1;
}

static entry take_last(struct tree *tree, struct node *node)
{
	while (!node->leaf)
		node = node->kids[fill_kid(tree, node, node->n)];
	return node->at[--node->n];
}

static entry take_first(struct tree *tree, struct node *node)
{
	while (!node->leaf)
		node = node->kids[fill_kid(tree, node, 0)];
	entry first = node->at[0];
	close_gap(node, 0);
	return first;
}

static _Bool delete_from(struct tree *tree, struct node *node, const char *key)
{
	_Bool found;
	int i = find_in(tree, node, key, &found);
	if (found && node->leaf)
		return close_gap(node, i), 1;
	if (found) {
		if (node->kids[i]->n >= LEAST)
			node->at[i] = take_last(tree, node->kids[i]);
		else if (node->kids[i + 1]->n >= LEAST)
			node->at[i] = take_first(tree, node->kids[i + 1]);
		else {
			merge_kids(tree, node, i);
			return delete_from(tree, node->kids[i], key);
		}
		return 1;
	}
	return !node->leaf && delete_from(tree, node->kids[fill_kid(tree, node, i)], key);
}

static _Bool delete_key(struct tree *tree, const char *key)
{
	_Bool deleted = delete_from(tree, tree->root, key);
	if (tree->root->n == 0 && !tree->root->leaf) {
		struct node *old = tree->root;
		tree->root = old->kids[0];
		free(old), tree->nodes--;
	}
	tree->entries -= deleted;
	return deleted;
}

static verdict walk(const struct node *node, int depth, visitor *visit, void *context)
{
	for (int i = 0; i <= node->n; i++) {
		if (!node->leaf && walk(node->kids[i], depth + 1, visit, context) == ENOUGH)
			return ENOUGH;
		if (i < node->n && visit(&node->at[i], depth, context) == ENOUGH)
			return ENOUGH;
	}
	return GO_ON;
}

/* ---- what visits the entries ---- */

struct order {
	const struct tree *tree;
	const char *last;
	long seen, wrong, depths[8];
};

static verdict check_order(const entry *e, int depth, void *context)
{
	struct order *order = context;
	if (order->last && order->tree->compare(order->last, e->key) >= 0)
		order->wrong++;
	order->last = e->key;
	order->depths[depth & 7]++;
	return order->seen++, GO_ON;
}

struct range {
	const struct tree *tree;
	const char *from, *to;
	int most;
	long sum;
};

static verdict sum_range(const entry *e, int depth, void *context)
{
	struct range *range = context;
	(void)depth;
	if (range->tree->compare(e->key, range->from) < 0)
		return GO_ON;
	if (range->tree->compare(e->key, range->to) > 0 || range->most-- == 0)
		return ENOUGH;
	range->sum += e->value * (e->dirty ? -1 : 1) + e->count;
	return GO_ON;
}

static int height_of(const struct node *node)
{
	if (node->leaf)
		return 1;
	int height = height_of(node->kids[0]);
	for (int i = 1; i <= node->n; i++)
		if (height_of(node->kids[i]) != height)
			return -1000;
	return height + 1;
}

static void report(const struct tree *tree, const char *when)
{
	struct order order = {.tree = tree};
	walk(tree->root, 0, check_order, &order);
	printf("%s: %ld entries (%ld seen, %ld wrong), %ld nodes, height %d, %ld splits, %ld merges, %ld borrows, depths", when,
	       tree->entries, order.seen, order.wrong, tree->nodes, height_of(tree->root), tree->splits, tree->merges, tree->borrows);
	for (size_t i = 0; i < sizeof order.depths / sizeof *order.depths && order.depths[i]; i++)
		printf(" %ld", order.depths[i]);
	putchar('\n');
}

static unsigned roll(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static const char *name_of(unsigned n, char name[static 12])
{
	static const char *const parts[] = {"ba", "ko", "ri", "tu", "en", "os", "la", "mi"};
	char *to = name;
	do
		to = strcpy(to, parts[n % 8]) + 2;
	while ((n /= 8) && to < name + 9);
	return name;
}

static void free_nodes(struct node *node)
{
	for (int i = 0; !node->leaf && i <= node->n; i++)
		free_nodes(node->kids[i]);
	free(node);
}

static void use(const char *title, int (*compare)(const char *, const char *), unsigned seed)
{
	struct tree tree = {.compare = compare};
	unsigned state = seed;
	char name[12];
	long deleted = 0, found = 0;
	tree.root = new_node(&tree, 1);
	for (int i = 0; i < 220; i++)
		insert(&tree, name_of(roll(&state) % 400, name), i);
	report(&tree, title);
	for (int i = 0; i < 150; i++)
		deleted += delete_key(&tree, name_of(roll(&state) % 400, name));
	report(&tree, "after deletions");
	for (unsigned i = 0; i < 400; i += 7) {
		entry *e = look_up(&tree, name_of(i, name));
		found += e ? e->value % 10 + 1 : 0;
	}
	struct range range = {&tree, "ba", "miri", 40, 0};
	walk(tree.root, 0, sum_range, &range);
	printf("deleted %ld, found %ld, range %ld with %d to spare\n", deleted, found, range.sum, range.most);
	for (unsigned i = 0; i < 400; i++)
		while (delete_key(&tree, name_of(i, name)))
			;
	report(&tree, "emptied");
	free_nodes(tree.root);
}

int main(void)
{
	use("by bytes", by_bytes, 42);
	use("by length", by_length, 7);
	return 0;
}
