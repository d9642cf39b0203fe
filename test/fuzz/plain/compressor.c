/* A compressor in the manner of LZ77 with hash chains, and its reader; bits are written by macros with state of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1 << 12, HASHES = 1 << 10, LEAST = 3, MOST = 34, CHAIN = 24 };

struct bits {
	unsigned char *at, *end;
	unsigned held, n;
	int failed;
};

#define PUT(b, value, width) \
	do { \
		(b)->held |= (unsigned)(value) << (b)->n; \
		for ((b)->n += (width); (b)->n >= 8; (b)->n -= 8, (b)->held >>= 8) \
			put_byte((b), (unsigned char)(b)->held); \
	} while (0)
#define GET(b, width) \
	({ \
		while ((b)->n < (width)) { \
			(b)->held |= (unsigned)get_byte(b) << (b)->n; \
			(b)->n += 8; \
		} \
		unsigned got = (b)->held & ((1u << (width)) - 1); \
		(b)->held >>= (width); \
		(b)->n -= (width); \
		got; \
	})

static void put_byte(struct bits *b, unsigned char byte)
{
	if (b->at < b->end)
		*b->at++ = byte;
	else
		b->failed = 1;
}

static unsigned char get_byte(struct bits *b)
{
	return b->at < b->end ? *b->at++ : (b->failed = 1, 0);
}

static inline unsigned hash_of(const unsigned char *p)
{
	return (p[0] * 2654435761u ^ p[1] * 40503u ^ p[2] * 2246822519u) >> 7 & (HASHES - 1);
}

struct chains {
	int head[HASHES];
	int next[WINDOW];
};

static int common(const unsigned char *a, const unsigned char *b, int most)
{
	int n = 0;
	while (n < most && a[n] == b[n])
		n++;
	return n;
}

static int longest(const struct chains *c, const unsigned char *data, int at, int size, int *from)
{
	int best = 0, most = size - at < MOST ? size - at : MOST, tries = CHAIN;
	for (int old = most < LEAST ? -1 : c->head[hash_of(data + at)]; old >= 0 && at - old < WINDOW && tries--;
	     old = c->next[old % WINDOW]) {
		int n = common(data + old, data + at, most);
		if (n > best)
			best = n, *from = old;
	}
	return best;
}

static void remember(struct chains *c, const unsigned char *data, int at, int size)
{
	if (at + LEAST > size)
		return;
	unsigned h = hash_of(data + at);
	c->next[at % WINDOW] = c->head[h];
	c->head[h] = at;
}

static int pack(const unsigned char *data, int size, unsigned char *out, int room)
{
	struct chains *chains = malloc(sizeof *chains);
	struct bits b = {out, out + room, 0, 0, 0};
	for (int i = 0; i < HASHES; i++)
		chains->head[i] = -1;
	PUT(&b, size, 16);
	for (int at = 0, from = 0, n; at < size;) {
		if ((n = longest(chains, data, at, size, &from)) >= LEAST) {
			PUT(&b, 1, 1);
			PUT(&b, at - from, 12);
			PUT(&b, n - LEAST, 5);
		} else {
			PUT(&b, 0, 1);
			PUT(&b, data[at], 8);
			n = 1;
		}
		while (n--)
			remember(chains, data, at++, size);
	}
	PUT(&b, 0, 7);
	free(chains);
	return b.failed ? -1 : (int)(b.at - out);
}

static int unpack(unsigned char *data, int size, unsigned char *out, int room)
{
	struct bits b = {data, data + size, 0, 0, 0};
	int length = (int)GET(&b, 16), at = 0;
	while (at < length && at < room && !b.failed) {
		if (!GET(&b, 1)) {
			out[at++] = (unsigned char)GET(&b, 8);
			continue;
		}
		int back = (int)GET(&b, 12), n = (int)GET(&b, 5) + LEAST;
		if (back > at || !back)
			return -1;
		for (; n-- && at < room; at++)
			out[at] = out[at - back];
	}
	return b.failed ? -1 : at;
}

static unsigned checksum(const unsigned char *p, int n)
{
	unsigned a = 1, b = 0;
	for (; n--; p++)
		b = (b + (a = (a + *p) % 65521)) % 65521;
	return b << 16 | a;
}

static void fill(unsigned char *p, int n, int kind)
{
	static const char *const words[] = {"the ", "quick ", "brown ", "fox ", "jumps "};
	unsigned state = 12345 + (unsigned)kind;
	for (int i = 0; i < n;) {
		state = state * 1103515245 + 12345;
		const char *word = words[(state >> 16) % 5];
		switch (kind) {
		case 0: p[i++] = 'a'; break;
		case 1: p[i++] = (unsigned char)(state >> 16); break;
		case 2: p[i] = (unsigned char)(i % 17 + 'a'), i++; break;
		default:
			while (*word && i < n)
				p[i++] = (unsigned char)*word++;
		}
	}
}

int main(void)
{
	static unsigned char data[3000], packed[6000], back[3000];
	for (int kind = 0; kind < 4; kind++)
		for (int size = 1; size <= 3000; size = size * 7 + 2) {
			fill(data, size, kind);
			int n = pack(data, size, packed, sizeof packed), m = unpack(packed, n, back, sizeof back);
			printf("%d: %d to %d, %08x, %s\n", kind, size, n, checksum(packed, n), m == size && !memcmp(data, back, (size_t)m) ? "same" : "differs");
		}
	printf("no room: %d\n", pack(data, 1000, packed, 10));
	printf("cut short: %d\n", unpack(packed, 10, back, sizeof back));
	return 0;
}
