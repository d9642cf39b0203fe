/* Linked lists sorted and reversed, a tree with rotations, its iterators, and a tree of tagged unions that is simplified. */
#include "corpus.h"

struct node {
	struct node *next;
	int value;
};

static async struct node *reverse(struct node *list)
{
	struct node *back = NULL;
	for (struct node *next; list; list = next) {
		next = list->next;
		list->next = back;
		back = list;
		await pause_here();
	}
	return back;
}

static async struct node *merge(struct node *a, struct node *b)
{
	struct node *head = NULL, **tail = &head;
	while (a && b) {
		struct node **least = a->value <= b->value ? &a : &b;
		*tail = *least;
		*least = (*least)->next;
		tail = &(*tail)->next;
		await pause_here();
	}
	*tail = a ?: b;
	return head;
}

static async struct node *sort(struct node *list)
{
	if (!list || !list->next)
		return list;
	struct node *slow = list, *fast = list->next;
	while (fast && (fast = fast->next)) {
		slow = slow->next;
		fast = fast->next;
	}
	struct node *second = slow->next;
	slow->next = NULL;
	return await merge(await sort(list), await sort(second));
}

struct tree {
	struct tree *child[2];
	int key;
	unsigned priority;
};

static async struct tree *insert(struct tree *t, int key)
{
	if (!t) {
		t = malloc(sizeof *t);
		*t = (struct tree){.key = key, .priority = next_random()};
		return t;
	}
	int side = key > t->key;
	if (key == t->key)
		return t;
	t->child[side] = await insert(t->child[side], key);
	await pause_here();
	if (t->child[side]->priority > t->priority) {
		struct tree *up = t->child[side];
		t->child[side] = up->child[!side];
		up->child[!side] = t;
		return up;
	}
	return t;
}

static async int height(const struct tree *t)
{
	if (!t)
		return 0;
	int left = await height(t->child[0]), right = await height(t->child[1]);
	return 1 + (left > right ? left : right);
}

static async int walk(const struct tree *t, int (*visit)(int, void *), void *arg)
{
	return t ? await walk(t->child[0], visit, arg) + await visit(t->key, arg) + await walk(t->child[1], visit, arg) : 0;
}

static async int is_next(int key, void *arg)
{
	int *last = arg;
	await pause_here();
	return key > *last ? *last = key, 1 : 0;
}

static async void release(struct tree *t)
{
	if (t)
		await release(t->child[0]), await release(t->child[1]), free(t);
}

struct term {
	enum { NUMBER, NAME, SUM, PRODUCT } kind;
	union {
		long number;
		char name;
		struct {
			struct term *left, *right;
		};
	};
};
static struct term pool[64];
static int used;

static struct term *new_term(struct term t)
{
	pool[used] = t;
	return &pool[used++];
}

static async struct term *simplify(struct term *t)
{
	await pause_here();
	if (t->kind < SUM)
		return t;
	struct term *const left = await simplify(t->left), *const right = await simplify(t->right);
	_Bool is_sum = t->kind == SUM;
	if (left->kind == NUMBER && right->kind == NUMBER)
		return new_term((struct term){NUMBER, .number = is_sum ? left->number + right->number : left->number * right->number});
	for (int turn = 0; turn < 2; turn++) {
		struct term *number = turn ? right : left, *other = turn ? left : right;
		if (number->kind == NUMBER && number->number == !is_sum)
			return other;
		if (!is_sum && number->kind == NUMBER && !number->number)
			return await simplify(number);
	}
	return new_term((struct term){t->kind, .left = left, .right = right});
}

static async int print(const struct term *t, char *out)
{
	switch (t->kind) {
	case NUMBER: return sprintf(out, "%ld", t->number);
	case NAME: return sprintf(out, "%c", t->name);
	case SUM:
	case PRODUCT:;
		int n = sprintf(out, "(");
		n += await print(t->left, out + n);
		n += sprintf(out + n, t->kind == SUM ? " + " : " * ");
		n += await print(t->right, out + n);
		return n + sprintf(out + n, ")");
	}
	return 0;
}

async int main(void)
{
	struct node nodes[30], *list = NULL;
	for (int i = 0; i < 30; i++)
		nodes[i] = (struct node){list, (int)(next_random() % 100)}, list = &nodes[i];
	list = await reverse(await sort(list));
	for (const struct node *n = list; n; n = n->next)
		printf("%d%s", n->value, n->next ? " " : "\n");
	struct tree *tree = NULL;
	for (int i = 0; i < 50; i++)
		tree = await insert(tree, (int)(next_random() % 80));
	int last = -1, n = await walk(tree, is_next, &last);
	printf("%d keys in order, the last %d, height %d\n", n, last, await height(tree));
	await release(tree);
	struct term *x = new_term((struct term){NAME, .name = 'x'});
	struct term *zero = new_term((struct term){NUMBER, .number = 0}), *two = new_term((struct term){NUMBER, .number = 2});
	struct term *t = new_term((struct term){SUM, .left = new_term((struct term){PRODUCT, .left = zero, .right = x}),
		.right = new_term((struct term){PRODUCT, .left = new_term((struct term){SUM, .left = two, .right = two}),
			.right = new_term((struct term){SUM, .left = x, .right = zero})})});
	char before[128], after[128];
	await print(t, before);
	await print(await simplify(t), after);
	printf("%s -> %s\n", before, after);
	return 0;
}
