// 4-ary min-heap of (deadline, pointer), shared by the hand-written C and C++ loops.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
typedef struct {
	uint64_t at;
	void *p;
} hent;
typedef struct {
	hent *v;
	size_t n, cap;
} theap;
static inline void heap_push(theap *h, uint64_t at, void *p)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->v = (hent *)realloc(h->v, h->cap * sizeof(hent));
	}
	size_t i = h->n++;
	while (i) {
		size_t up = (i - 1) / 4;
		if (h->v[up].at <= at)
			break;
		h->v[i] = h->v[up];
		i = up;
	}
	h->v[i].at = at;
	h->v[i].p = p;
}
static inline void *heap_pop(theap *h)
{
	void *top = h->v[0].p;
	hent last = h->v[--h->n];
	size_t i = 0, n = h->n;
	for (;;) {
		size_t c = i * 4 + 1, m = c;
		if (c >= n)
			break;
		size_t e = c + 4 < n ? c + 4 : n;
		for (size_t k = c + 1; k < e; k++)
			if (h->v[k].at < h->v[m].at)
				m = k;
		if (h->v[m].at >= last.at)
			break;
		h->v[i] = h->v[m];
		i = m;
	}
	if (n)
		h->v[i] = last;
	return top;
}
