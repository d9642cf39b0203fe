/* Open addressing with tombstones, growing; keys are words of a text; hash and equality are functions in a struct. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct methods {
	unsigned (*hash)(const void *key);
	int (*equal)(const void *a, const void *b);
	void (*visit)(const void *key, long value, void *arg);
};
struct table {
	const struct methods *methods;
	struct slot { const void *key; long value; enum { FREE, USED, GONE } state; } *slots;
	size_t capacity, used, gone;
};

static unsigned hash_text(const void *key)
{
	unsigned h = 5381;
	for (const unsigned char *s = key; *s; s++)
		h = h * 33 ^ *s;
	return h;
}

static int equal_text(const void *a, const void *b)
{
	return strcmp(a, b) == 0;
}

static unsigned hash_length(const void *key)
{
	return (unsigned)strlen(key);
}

static int equal_length(const void *a, const void *b)
{
	return strlen(a) == strlen(b);
}

static void sum_values(const void *key, long value, void *arg)
{
	*(long *)arg += value * hash_length(key);
}

static struct slot *probe(struct table *t, const void *key)
{
	struct slot *grave = NULL;
	for (size_t i = t->methods->hash(key), step = 1;; i += step++) {
		struct slot *s = &t->slots[i & (t->capacity - 1)];
		if (s->state == FREE)
			return grave ? grave : s;
		if (s->state == USED && t->methods->equal(s->key, key))
			return s;
		if (s->state == GONE && !grave)
			grave = s;
	}
}

static void put(struct table *t, const void *key, long value);

static void grow(struct table *t)
{
	struct table old = *t;
	t->capacity = old.capacity ? old.capacity * 2 : 8;
	t->slots = calloc(t->capacity, sizeof *t->slots);
	t->used = t->gone = 0;
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].state == USED)
			put(t, old.slots[i].key, old.slots[i].value);
	free(old.slots);
}

static void put(struct table *t, const void *key, long value)
{
	if ((t->used + t->gone + 1) * 4 > t->capacity * 3)
		grow(t);
	struct slot *s = probe(t, key);
	if (s->state != USED) {
		t->gone -= s->state == GONE;
		t->used++;
		*s = (struct slot){key, 0, USED};
	}
	s->value += value;
}

static long get(struct table *t, const void *key, long otherwise)
{
	struct slot *s = t->capacity ? probe(t, key) : NULL;
	return s && s->state == USED ? s->value : otherwise;
}

static int take(struct table *t, const void *key)
{
	struct slot *s = probe(t, key);
	if (s->state != USED)
		return 0;
	s->state = GONE;
	t->used--, t->gone++;
	return 1;
}

static void each(struct table *t, void *arg)
{
	for (struct slot *s = t->slots; s < t->slots + t->capacity; s++)
		if (s->state == USED)
			t->methods->visit(s->key, s->value, arg);
}

static char text[] = "the quick brown fox jumps over the lazy dog and the dog bites the fox while the other dog sleeps over there and then "
	"the fox of the forest runs off to the end of the world where no dog has ever been seen by any fox at all";

static void count(const struct methods *methods, char **words, int n)
{
	struct table t = {.methods = methods};
	long sum = 0;
	for (int i = 0; i < n; i++)
		put(&t, words[i], 1);
	for (int i = 0; i < n; i += 3)
		printf("%s %ld%s", words[i], get(&t, words[i], -1), i % 4 ? ", " : "\n");
	for (int i = 0; i < n; i += 2)
		sum += take(&t, words[i]);
	each(&t, &sum);
	printf("\n%ld: %zu of %zu, sum %ld\n", get(&t, "nothing of that", -1), t.used, t.capacity, sum);
	free(t.slots);
}

int main(void)
{
	static const struct methods by_text = {hash_text, equal_text, sum_values};
	char *words[80];
	int n = 0;
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		words[n++] = w;
	count(&by_text, words, n);
	count(&(struct methods){.hash = hash_length, .equal = equal_length, .visit = sum_values}, words, n);
	return 0;
}
