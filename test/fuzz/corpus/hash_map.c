/* An open-addressing hash map of strings to structs, that grows, with awaited hashing, equality and visitors. */
#include "corpus.h"

struct value {
	int count;
	double weight;
	char tag[8];
};
struct entry {
	char *key;
	struct value value;
	unsigned hash;
};
struct map {
	struct entry *entries;
	unsigned room, used;
	unsigned (*hash)(const char *);
};

static async unsigned hash_text(const char *text)
{
	unsigned h = 2166136261u;
	for (; *text; text++) {
		h = (h ^ (unsigned char)*text) * 16777619u;
		if (h % 5 == 0)
			await pause_here();
	}
	return h;
}

static async int same(const char *a, const char *b)
{
	await pause_here();
	return !strcmp(a, b);
}

static async struct entry *find(struct map *map, const char *key, unsigned hash)
{
	for (unsigned i = hash & (map->room - 1);; i = (i + 1) & (map->room - 1)) {
		struct entry *entry = &map->entries[i];
		if (!entry->key || (entry->hash == hash && await same(entry->key, key)))
			return entry;
	}
}

static async void grow(struct map *map)
{
	struct map larger = {calloc(map->room * 2, sizeof *larger.entries), map->room * 2, 0, map->hash};
	for (unsigned i = 0; i < map->room; i++)
		if (map->entries[i].key) {
			*await find(&larger, map->entries[i].key, map->entries[i].hash) = map->entries[i];
			larger.used++;
		}
	free(map->entries);
	*map = larger;
}

static async struct value *at(struct map *map, const char *key)
{
	if ((map->used + 1) * 4 > map->room * 3)
		await grow(map);
	unsigned hash = await map->hash(key);
	struct entry *entry = await find(map, key, hash);
	if (!entry->key) {
		*entry = (struct entry){strdup(key), {.tag = "new"}, hash};
		map->used++;
	}
	return &entry->value;
}

static async struct value get(struct map *map, const char *key)
{
	struct entry *entry = await find(map, key, await map->hash(key));
	return entry->key ? entry->value : (struct value){-1, 0, "none"};
}

static async int each(struct map *map, int (*visit)(const char *, struct value *, void *), void *arg)
{
	int n = 0;
	for (unsigned i = 0; i < map->room; i++)
		if (map->entries[i].key && await visit(map->entries[i].key, &map->entries[i].value, arg))
			n++;
	return n;
}

static async int is_heavy(const char *key, struct value *value, void *arg)
{
	double *total = arg;
	*total += value->weight * (await hash_text(key) % 7);
	return value->weight > 20;
}

static int is_rare(const char *key, struct value *value, void *arg)
{
	(void)key, (void)arg;
	return value->count < 3;
}

async int main(void)
{
	static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda"};
	struct map map = {calloc(4, sizeof *map.entries), 4, 0, hash_text};
	for (int i = 0; i < 60; i++) {
		char key[24];
		snprintf(key, sizeof key, "%s%u", words[i * 7 % 11], next_random() % 3);
		(await at(&map, key))->count++;
		struct value *v = await at(&map, key);
		v->weight += (await get(&map, key)).count * 1.5;
		v->tag[(await get(&map, key)).count & 3] = "abcd"[i & 3];
	}
	double total = 0;
	int heavy = await each(&map, is_heavy, &total), rare = await each(&map, is_rare, NULL);
	printf("%u keys in %u, %d heavy, %d rare, %.1f\n", map.used, map.room, heavy, rare, total);
	for (int i = 0; i < 11; i++) {
		char key[24];
		snprintf(key, sizeof key, "%s1", words[i]);
		struct value v = await get(&map, key);
		printf("%s %d %.1f %.7s\n", key, v.count, v.weight, v.tag);
	}
	for (unsigned i = 0; i < map.room; i++)
		free(map.entries[i].key);
	free(map.entries);
	return 0;
}
