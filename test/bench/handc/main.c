// Hand-written state machines over a tiny loop: what a perfect lowering could reach.
// Frames are intrusive; a callee frame is embedded in its caller where its size is known;
// a child is started by a direct call, a suspended leaf is resumed directly by the loop.
#include "../common/bench.h"
#include "../common/heap.h"
#include "leaf.h"
#include <errno.h>
#include <sys/epoll.h>
typedef struct co co;
struct co {
	void (*resume)(co *);
	co *next;
	co *cont;
	int state;
};
static co *rq_head, *rq_last;
static theap timers;
static int stop;
static uint64_t loop_now;
static inline void ready(co *c)
{
	c->next = 0;
	if (rq_last)
		rq_last->next = c;
	else
		rq_head = c;
	rq_last = c;
}
static void run(void)
{
	while (!stop) {
		co *b = rq_head;
		rq_head = rq_last = 0;
		while (b) {
			co *n = b->next;
			b->resume(b);
			b = n;
		}
		if (timers.n) {
			loop_now = now_ns();
			while (timers.n && timers.v[0].at <= loop_now)
				ready((co *)heap_pop(&timers));
			if (!rq_head && timers.n) {
				uint64_t at = timers.v[0].at;
				struct timespec t = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)};
				clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0);
			}
		} else if (!rq_head)
			return;
	}
}
static uint64_t N, result;
// ---- Awaits that complete at once
static int leaf_step(leaf_t *f)
{
	switch (f->state) {
	case 0:
		f->ret = mix(f->x);
		f->state = -1;
		return 1;
	}
	return 1;
}
typedef struct {
	co c;
	uint64_t s, i;
	leaf_t l;
} await_t;
#define AWAIT_BODY(name, step)                                                                                         \
	static void name(co *c)                                                                                        \
	{                                                                                                              \
		await_t *f = (await_t *)c;                                                                             \
		uint64_t s, i;                                                                                         \
		switch (c->state) {                                                                                    \
		case 0:                                                                                                \
			s = 0;                                                                                         \
			for (i = 0; i < N; i++) {                                                                      \
				f->l.state = 0;                                                                        \
				f->l.x = s + i;                                                                        \
				if (!step(&f->l)) {                                                                    \
					f->s = s;                                                                      \
					f->i = i;                                                                      \
					c->state = 1;                                                                  \
					return;                                                                        \
				case 1:                                                                                \
					s = f->s;                                                                      \
					i = f->i;                                                                      \
				}                                                                                      \
				s = f->l.ret;                                                                          \
			}                                                                                              \
			result = s;                                                                                    \
			stop = 1;                                                                                      \
		}                                                                                                      \
	}
AWAIT_BODY(await_same_file, leaf_step)
AWAIT_BODY(await_other_file, leaf_step_other)
// ---- Yield deep: 64 frames, leaf yields
typedef struct {
	co c;
	int d;
	uint64_t i, ret;
} ch_t;
static ch_t chain[DEPTH];
static void chain_step(co *c)
{
	ch_t *f = (ch_t *)c;
	switch (c->state) {
	case 0:
		if (f->d + 1 < DEPTH) {
			ch_t *k = f + 1;
			k->c.resume = chain_step;
			k->c.cont = c;
			k->c.state = 0;
			k->d = f->d + 1;
			c->state = 1;
			chain_step(&k->c);
			return;
		}
		for (f->i = 0; f->i < N; f->i++) {
			c->state = 2;
			ready(c);
			return;
		case 2:;
		}
		f->ret = f->i;
		break;
	case 1:
		f->ret = f[1].ret + 1;
		break;
	}
	if (c->cont)
		c->cont->resume(c->cont);
	else {
		result = f->ret;
		stop = 1;
	}
}
// ---- Two tasks yield in turn
typedef struct {
	co c;
	uint64_t i;
} y_t;
static int live;
static void y_step(co *c)
{
	y_t *f = (y_t *)c;
	switch (c->state) {
	case 0:
		for (f->i = 0; f->i < N; f->i++) {
			c->state = 1;
			ready(c);
			return;
		case 1:;
		}
	}
	result += f->i;
	if (!--live)
		stop = 1;
}
// ---- Spawn and await: malloc'd child on the ready queue, parent woken through the queue
typedef struct {
	co c;
	uint64_t x, ret;
} kid_t;
static void kid_step(co *c)
{
	kid_t *f = (kid_t *)c;
	f->ret = f->x ^ 1;
	c->state = -1;
	if (c->cont)
		ready(c->cont);
}
typedef struct {
	co c;
	uint64_t i, s;
	kid_t *k;
} spawn_t;
static void spawn_await(co *c)
{
	spawn_t *f = (spawn_t *)c;
	switch (c->state) {
	case 0:
		for (f->i = 0; f->i < N; f->i++) {
			f->k = malloc(sizeof *f->k);
			f->k->c.resume = kid_step;
			f->k->c.state = 0;
			f->k->x = f->i;
			ready(&f->k->c);
			f->k->c.cont = c;
			c->state = 1;
			return;
		case 1:
			f->s += f->k->ret;
			free(f->k);
		}
		result = f->s;
		stop = 1;
	}
}
// ---- Recursion, frames from malloc (fib) or a free list (fib_pool)
typedef struct fib_t {
	co c;
	struct fib_t *k;
	uint64_t a, ret;
	unsigned n;
} fib_t;
static fib_t *fl;
static int pool;
static inline fib_t *fnew(void)
{
	if (pool && fl) {
		fib_t *f = fl;
		fl = f->k;
		return f;
	}
	return malloc(sizeof(fib_t));
}
static inline void fdel(fib_t *f)
{
	if (pool) {
		f->k = fl;
		fl = f;
	} else
		free(f);
}
static __attribute__((noinline)) int fib_step(fib_t *f)
{
	switch (f->c.state) {
	case 0:
		if (f->n < 2) {
			f->ret = f->n;
			return 1;
		}
		f->k = fnew();
		f->k->c.state = 0;
		f->k->n = f->n - 1;
		f->k->c.cont = &f->c;
		if (!fib_step(f->k)) {
			f->c.state = 1;
			return 0;
		case 1:;
		}
		f->a = f->k->ret;
		fdel(f->k);
		f->k = fnew();
		f->k->c.state = 0;
		f->k->n = f->n - 2;
		f->k->c.cont = &f->c;
		if (!fib_step(f->k)) {
			f->c.state = 2;
			return 0;
		case 2:;
		}
		f->ret = f->a + f->k->ret;
		fdel(f->k);
		return 1;
	}
	return 1;
}
// ---- Sleepers and timers: malloc'd task that sleeps once
typedef struct {
	co c;
	uint64_t dur;
} sl_t;
static uint64_t pending;
static void sl_step(co *c)
{
	sl_t *f = (sl_t *)c;
	if (c->state == 0) {
		c->state = 1;
		heap_push(&timers, now_ns() + f->dur, c);
		return;
	}
	free(f);
	result++;
	if (!--pending)
		stop = 1;
}
static void spawn_sleep(uint64_t ns)
{
	sl_t *f = malloc(sizeof *f);
	f->c.resume = sl_step;
	f->c.state = 0;
	f->dur = ns;
	ready(&f->c);
}
// ---- Queue: capacity-1 channels
typedef struct {
	uint64_t v;
	int full;
	co *rd, *wr;
} chan;
static chan c1, c2;
static inline int ch_put(chan *h, uint64_t v, co *me)
{
	if (h->full) {
		h->wr = me;
		return 0;
	}
	h->v = v;
	h->full = 1;
	if (h->rd) {
		ready(h->rd);
		h->rd = 0;
	}
	return 1;
}
static inline int ch_get(chan *h, uint64_t *v, co *me)
{
	if (!h->full) {
		h->rd = me;
		return 0;
	}
	*v = h->v;
	h->full = 0;
	if (h->wr) {
		ready(h->wr);
		h->wr = 0;
	}
	return 1;
}
typedef struct {
	co c;
	uint64_t i, s, v;
} pp_t;
static void ping(co *c)
{
	pp_t *f = (pp_t *)c;
	switch (c->state) {
	case 0:
		for (f->i = 0; f->i < N; f->i++) {
			c->state = 1;
		case 1:
			if (!ch_put(&c1, f->i, c))
				return;
			c->state = 2;
		case 2:
			if (!ch_get(&c2, &f->v, c))
				return;
			f->s += f->v;
		}
		result = f->s;
		stop = 1;
	}
}
static void pong(co *c)
{
	pp_t *f = (pp_t *)c;
	switch (c->state) {
	case 0:
		for (;;) {
			c->state = 1;
		case 1:
			if (!ch_get(&c1, &f->v, c))
				return;
			c->state = 2;
		case 2:
			if (!ch_put(&c2, f->v + 1, c))
				return;
		}
	}
}
// ---- Hot loops
typedef struct {
	co c;
	uint64_t x, s, i, end;
} hot_t;
static void hot_nested(co *c)
{ // nested loops
	hot_t *f = (hot_t *)c;
	uint64_t x, s, i, j;
	switch (c->state) {
	case 0:
		x = SEED;
		s = 0;
		for (i = 0; i < N / 1024; i++) {
			for (j = 0; j < 1024; j++) {
				x = xs64(x);
				s += x;
			}
			f->x = x;
			f->s = s;
			f->i = i;
			c->state = 1;
			ready(c);
			return;
		case 1:
			x = f->x;
			s = f->s;
			i = f->i;
		}
		result = s;
		stop = 1;
	}
}
static void hot_xorshift(co *c)
{ // one flat loop, conditional await
	hot_t *f = (hot_t *)c;
	uint64_t x, s, i;
	switch (c->state) {
	case 0:
		x = SEED;
		s = 0;
		for (i = 0; i < N; i++) {
			x = xs64(x);
			s += x;
			if ((i & 1023) == 1023) {
				f->x = x;
				f->s = s;
				f->i = i;
				c->state = 1;
				ready(c);
				return;
			case 1:
				x = f->x;
				s = f->s;
				i = f->i;
			}
		}
		result = s;
		stop = 1;
	}
}
static void hot_flat(co *c)
{ // flat, 1-cycle chains: frame traffic cannot hide
	hot_t *f = (hot_t *)c;
	uint64_t x, s, i;
	switch (c->state) {
	case 0:
		x = SEED;
		s = 0;
		for (i = 0; i < N; i++) {
			x += STEP;
			s ^= x;
			if ((i & 1023) == 1023) {
				f->x = x;
				f->s = s;
				f->i = i;
				c->state = 1;
				ready(c);
				return;
			case 1:
				x = f->x;
				s = f->s;
				i = f->i;
			}
		}
		result = s;
		stop = 1;
	}
}
static double timed(co *c)
{
	uint64_t t = busy_ns();
	ready(c);
	run();
	return (double)(busy_ns() - t);
}
int main(int argc, char **argv)
{
	const char *b = argc > 1 ? argv[1] : "";
#define IS(s) (!strcmp(b, s))
	if (IS("await_same_file") || IS("await_other_file")) {
		static await_t f;
		N = arg_n(argc, argv, 20000000);
		f.c.resume = IS("await_same_file") ? await_same_file : await_other_file;
		double v = timed(&f.c) / (double)N;
		report(b, v, "ns/await", result);
	} else if (IS("plain_call")) {
		N = arg_n(argc, argv, 20000000);
		uint64_t t = busy_ns(), s = 0;
		for (uint64_t i = 0; i < N; i++)
			s = leaf_plain_other(s + i);
		report(b, (double)(busy_ns() - t) / (double)N, "ns/plain-call", s);
	} else if (IS("yield_deep") || IS("yield_one")) {
		N = arg_n(argc, argv, 20000000);
		chain[0].c.resume = chain_step;
		chain[0].d = IS("yield_one") ? DEPTH - 1 : 0;
		double v = timed(&chain[0].c) / (double)N;
		report(b, v, "ns/yield", result);
	} else if (IS("yield_two")) {
		static y_t a, d;
		N = arg_n(argc, argv, 20000000);
		live = 2;
		a.c.resume = d.c.resume = y_step;
		ready(&d.c);
		double v = timed(&a.c) / (double)N / 2;
		report(b, v, "ns/switch", result);
	} else if (IS("spawn_await")) {
		static spawn_t f;
		N = arg_n(argc, argv, 10000000);
		f.c.resume = spawn_await;
		double v = timed(&f.c) / (double)N;
		report(b, v, "ns/spawn+join", result);
	} else if (IS("fib") || IS("fib_pool")) {
		unsigned n = (unsigned)arg_n(argc, argv, 30);
		pool = IS("fib_pool");
		uint64_t t = busy_ns(), r = 0, calls = 0, reps = 5;
		for (uint64_t k = 0; k < reps; k++) {
			fib_t *f = fnew();
			f->c.state = 0;
			f->n = n;
			f->c.cont = 0;
			fib_step(f);
			r = f->ret;
			fdel(f);
		}
		uint64_t x = 0, y = 1;
		for (unsigned k = 0; k <= n; k++) {
			uint64_t z = x + y;
			x = y;
			y = z;
		}
		calls = 2 * x - 1;
		report(b, (double)(busy_ns() - t) / (double)(calls * reps), "ns/call", r);
	} else if (IS("sleepers") || IS("timers")) {
		N = arg_n(argc, argv, 1000000);
		pending = N;
		uint64_t ms = argc > 3 ? strtoull(argv[3], 0, 10) : 3000;
		uint64_t x = SEED, t = now_ns();
		for (uint64_t i = 0; i < N; i++) {
			x = xs64(x);
			spawn_sleep(IS("sleepers") ? ms * 1000000 : x % 1000000 * 1000);
		}
		run();
		report(b, (double)(now_ns() - t) / 1e6 - (IS("sleepers") ? (double)ms : 0),
		       IS("sleepers") ? "ms-beyond" : "ms-wall", result);
	} else if (IS("queue")) {
		static pp_t p, q;
		N = arg_n(argc, argv, 20000000);
		p.c.resume = ping;
		q.c.resume = pong;
		ready(&q.c);
		double v = timed(&p.c) / (double)N;
		report(b, v, "ns/roundtrip", result);
	} else if (IS("hot_nested") || IS("hot_xorshift") || IS("hot_flat")) {
		static hot_t f;
		N = arg_n(argc, argv, 300u << 20);
		f.c.resume = IS("hot_nested") ? hot_nested : IS("hot_xorshift") ? hot_xorshift : hot_flat;
		double v = timed(&f.c) / (double)N;
		report(b, v, "ns/iter", result);
	} else if (IS("plain_hot_nested")) {
		N = arg_n(argc, argv, 300u << 20);
		uint64_t x = SEED, s = 0, t = busy_ns();
		for (uint64_t i = 0; i < N; i++) {
			x = xs64(x);
			s += x;
			if ((i & 1023) == 1023)
				barrier_other();
		}
		report(b, (double)(busy_ns() - t) / (double)N, "ns/iter", s);
	} else if (IS("plain_hot_flat")) {
		N = arg_n(argc, argv, 300u << 20);
		uint64_t x = SEED, s = 0, t = busy_ns();
		for (uint64_t i = 0; i < N; i++) {
			x += STEP;
			s ^= x;
			if ((i & 1023) == 1023)
				barrier_other();
		}
		report(b, (double)(busy_ns() - t) / (double)N, "ns/iter", s);
	} else
		return 2;
	return 0;
}
