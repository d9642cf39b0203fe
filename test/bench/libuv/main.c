// libuv callbacks (Debian libuv1-dev). libuv has no coroutines and no task queue, so only what it
// does natively is measured: yield_two is two uv_idle handles taking turns (each round also polls epoll);
// sleepers and timers are a uv_timer each (malloc'd), echo is uv_tcp.
#include "../common/bench.h"
#include <stdbool.h>
#include <unistd.h>
#include <uv.h>
static uint64_t N, result, pending, turns;
static uv_loop_t *lp;
static void on_idle(uv_idle_t *h)
{
	if (++turns >= 2 * N) {
		uv_idle_stop(h);
		if (!--pending)
			uv_stop(lp);
	}
}
static void on_closed(uv_handle_t *h)
{
	free(h);
	if (!--pending)
		uv_stop(lp);
}
static void on_timer(uv_timer_t *h)
{
	result++;
	uv_close((uv_handle_t *)h, on_closed);
}
typedef struct {
	uv_tcp_t h;
	uv_write_t w;
	uv_buf_t wb;
	char buf[512];
} conn;
static void conn_closed(uv_handle_t *h)
{
	free(h);
}
static void on_alloc(uv_handle_t *h, size_t n, uv_buf_t *b)
{
	(void)n;
	*b = uv_buf_init(((conn *)h)->buf, 512);
}
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b);
static void on_written(uv_write_t *w, int st)
{
	conn *c = w->data;
	if (st < 0)
		uv_close((uv_handle_t *)c, conn_closed);
	else
		uv_read_start((uv_stream_t *)c, on_alloc, on_read);
}
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	conn *c = (conn *)s;
	if (n < 0) {
		uv_close((uv_handle_t *)s, conn_closed);
		return;
	}
	if (!n)
		return;
	uv_buf_t o = uv_buf_init(b->base, (unsigned)n);
	int w = uv_try_write(s, &o, 1);
	if (w == n)
		return;
	if (w < 0)
		w = 0;
	uv_read_stop(s);
	c->w.data = c;
	c->wb = uv_buf_init(b->base + w, (unsigned)(n - w));
	uv_write(&c->w, s, &c->wb, 1, on_written);
}
// HTTP: the same words to each request.
typedef struct {
	uv_tcp_t h;
	uv_write_t w;
	size_t length;
	char input[4096];
} http_conn;
static void on_http_alloc(uv_handle_t *h, size_t n, uv_buf_t *b)
{
	http_conn *c = (http_conn *)h;
	(void)n;
	*b = uv_buf_init(c->input + c->length, (unsigned)(sizeof c->input - 1 - c->length));
}
static void on_reply_written(uv_write_t *w, int st)
{
	(void)st;
	free(w);
}
static void reply(uv_stream_t *s)
{
	static char text[] = HTTP_REPLY;
	uv_buf_t o = uv_buf_init(text, sizeof text - 1);
	int w = uv_try_write(s, &o, 1);
	if (w == (int)o.len)
		return;
	uv_write_t *rest = malloc(sizeof *rest);
	o.base += w > 0 ? w : 0;
	o.len -= (size_t)(w > 0 ? w : 0);
	uv_write(rest, s, &o, 1, on_reply_written);
}
static void on_http_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	http_conn *c = (http_conn *)s;
	char *at = c->input, *end;
	(void)b;
	if (n < 0) {
		uv_close((uv_handle_t *)s, conn_closed);
		return;
	}
	c->length += (size_t)n;
	c->input[c->length] = 0;
	for (; (end = strstr(at, "\r\n\r\n")); at = end + 4)
		reply(s);
	c->length -= (size_t)(at - c->input);
	memmove(c->input, at, c->length);
}
static bool http;
static void on_conn(uv_stream_t *srv, int st)
{
	if (st < 0)
		return;
	uv_tcp_t *h = calloc(1, http ? sizeof(http_conn) : sizeof(conn));
	uv_tcp_init(lp, h);
	if (uv_accept(srv, (uv_stream_t *)h)) {
		uv_close((uv_handle_t *)h, conn_closed);
		return;
	}
	uv_tcp_nodelay(h, 1);
	uv_read_start((uv_stream_t *)h, http ? on_http_alloc : on_alloc, http ? on_http_read : on_read);
}
/* A timeout that is armed and taken back, among a thousand others. */
static void never(uv_timer_t *h)
{
	(void)h;
	abort();
}
static uint64_t timer_cancel(uint64_t n)
{
	static uv_timer_t others[1000], one;
	for (int i = 0; i < 1000; i++) {
		uv_timer_init(lp, &others[i]);
		uv_timer_start(&others[i], never, (3600 + (uint64_t)i) * 1000, 0);
	}
	uv_timer_init(lp, &one);
	for (uint64_t i = 0; i < n; i++) {
		uv_timer_start(&one, never, 1000000, 0);
		uv_timer_stop(&one);
	}
	return n;
}
/* To a thread of the pool and back, one at a time. */
static void on_a_thread(uv_work_t *w)
{
	w->data = (void *)((uintptr_t)w->data ^ 1);
}
static void on_back(uv_work_t *w, int status)
{
	(void)status;
	result += (uintptr_t)w->data;
	if (++turns == N)
		return;
	w->data = (void *)(uintptr_t)turns;
	uv_queue_work(lp, w, on_a_thread, on_back);
}
int main(int argc, char **argv)
{
	const char *b = argc > 1 ? argv[1] : "";
	lp = uv_default_loop();
	http = !strcmp(b, "http");
	if (http || !strcmp(b, "echo")) {
		static uv_tcp_t srv;
		struct sockaddr_in a;
		alarm(60);
		uv_ip4_addr("127.0.0.1", (int)arg_n(argc, argv, 0), &a);
		uv_tcp_init(lp, &srv);
		if (uv_tcp_bind(&srv, (struct sockaddr *)&a, 0) || uv_listen((uv_stream_t *)&srv, 1024, on_conn))
			return 1;
		return uv_run(lp, UV_RUN_DEFAULT);
	}
	if (!strcmp(b, "yield_two")) {
		static uv_idle_t h[2];
		N = arg_n(argc, argv, 1000000);
		pending = 2;
		for (int i = 0; i < 2; i++) {
			uv_idle_init(lp, &h[i]);
			uv_idle_start(&h[i], on_idle);
		}
		uint64_t t = busy_ns();
		uv_run(lp, UV_RUN_DEFAULT);
		report(b, (double)(busy_ns() - t) / (double)turns, "ns/switch", N * 2);
	} else if (!strcmp(b, "timer_cancel")) {
		N = arg_n(argc, argv, 3000000);
		uint64_t t = busy_ns();
		result = timer_cancel(N);
		report(b, (double)(busy_ns() - t) / (double)N, "ns/timer", result);
	} else if (!strcmp(b, "executor")) {
		static uv_work_t w;
		N = arg_n(argc, argv, 50000);
		uint64_t t = now_ns();
		uv_queue_work(lp, &w, on_a_thread, on_back);
		uv_run(lp, UV_RUN_DEFAULT);
		report(b, (double)(now_ns() - t) / (double)N, "ns/roundtrip", result);
	} else if (!strcmp(b, "sleepers") || !strcmp(b, "timers")) {
		bool sleeping = !strcmp(b, "sleepers");
		uint64_t ms = argc > 3 ? strtoull(argv[3], 0, 10) : 3000, x = SEED, t = now_ns();
		N = pending = arg_n(argc, argv, 1000000);
		for (uint64_t i = 0; i < N; i++) {
			x = xs64(x);
			uv_timer_t *h = malloc(sizeof *h);
			uv_timer_init(lp, h);
			uv_timer_start(h, on_timer, sleeping ? ms : x % 1000000 / 1000, 0);
		}
		uv_run(lp, UV_RUN_DEFAULT);
		double v = (double)(now_ns() - t) / 1e6 - (sleeping ? (double)ms : 0);
		report(b, v, sleeping ? "ms-beyond" : "ms-wall", result);
	} else
		return 2;
	return 0;
}
