/* uv.c: a loop over libuv.  Descriptors are looked after by an epoll back end inside, whose own descriptor libuv watches: so
 * libuv meets only one, which is open as long as it is watched (libuv aborts over others).
 * Either we run libuv (wait), or libuv runs us (attached: a turn before each time it waits).  Completes: what the inner back
 * end reports; libuv's handles, which call their owners.  Owner: the loop, of the uv_loop_t it made; else the caller.
 * Loop's thread, but for wake. */
#include "../runtime.h"
#include "library.h"

#include <async/uv.h>
#include <errno.h>

/* ---- libuv's functions ---- */

#define UV_FUNCTIONS(X)                                                                                                     \
	X(uv_loop_init) X(uv_loop_close) X(uv_run) X(uv_stop) X(uv_walk) X(uv_update_time) X(uv_ref) X(uv_unref)            \
	X(uv_close) X(uv_is_closing) X(uv_poll_init) X(uv_poll_start) X(uv_timer_init) X(uv_timer_start) X(uv_timer_stop)   \
	X(uv_prepare_init) X(uv_prepare_start) X(uv_check_init) X(uv_check_start) X(uv_check_stop)                          \
	X(uv_idle_init) X(uv_idle_start) X(uv_idle_stop) X(uv_translate_sys_error)

static union {
#define POINTER(name) __typeof__(name) *name;
	struct {
		UV_FUNCTIONS(POINTER)
	};
#define WORD(name) void *name##_word;
	void *words[sizeof(struct { UV_FUNCTIONS(WORD) }) / sizeof(void *)];
} uv;

static int load_uv(void)
{
#define NAME(name) #name,
	static const char *const names[] = { UV_FUNCTIONS(NAME) };

	return async__load("libuv.so.1", names, uv.words, sizeof names / sizeof *names);
}

/* ---- State ---- */

static const async_loop_backend *const inner = &async_loop_epoll;

/* What libuv refers to until it has closed it; then freed, when the last has been. */
struct handles {
	struct uv_state *state; /* NULL once the loop is closed */
	unsigned open;
	uv_poll_t poll;         /* the inner back end's descriptor */
	uv_timer_t timer;       /* the end of a wait, or the next deadline */
	uv_prepare_t prepare;   /* just before libuv waits */
	uv_check_t check;       /* these while attached */
	uv_idle_t idle;         /* active: there is something to run, do not wait */
};

struct uv_state {
	async_loop *loop;
	void *inner; /* the inner back end's state */
	uv_loop_t *uv;
	uv_loop_t own;
	struct handles *handles;
	bool attached;
	bool late;     /* the timer has fired since uv_run began */
	bool as_guest; /* this turn was begun by libuv: it must not be run from inside itself */
	bool counted;  /* in loop->external: others use uv, and may wake us */
};

static __thread uv_loop_t *given; /* for the next open_uv */

static struct uv_state *state_of(async_loop *loop)
{
	return loop->backend == &async_loop_libuv ? loop->state : NULL;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)poll, (void)status, (void)events; /* that libuv has woken is what counts */
}

static void on_time(uv_timer_t *timer)
{
	struct handles *h = timer->data;

	if (h->state)
		h->state->late = true;
}

static void on_prepare(uv_prepare_t *prepare);

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

static void *handle(uv_handle_t *which)
{
	return which;
}

/* The poll handle keeps uv_run from returning, or not; the others never do. */
static void keep_running(struct uv_state *s, bool keep)
{
	(keep ? uv.uv_ref : uv.uv_unref)((uv_handle_t *)&s->handles->poll);
}

static void init_handle(struct handles *h, void *which)
{
	h->open++;
	((uv_handle_t *)handle(which))->data = h;
	uv.uv_unref(which);
}

static int open_handles(struct uv_state *s)
{
	struct handles *h = async__alloc_zeroed(sizeof *h);
	int err;

	if (!h)
		return ENOMEM;
	err = uv.uv_poll_init(s->uv, &h->poll, inner->descriptor(s->loop, s->inner));
	if (err) {
		async__free(h);
		return -err;
	}
	s->handles = h;
	h->state = s;
	init_handle(h, &h->poll);
	uv.uv_timer_init(s->uv, &h->timer);
	init_handle(h, &h->timer);
	uv.uv_prepare_init(s->uv, &h->prepare);
	init_handle(h, &h->prepare);
	uv.uv_check_init(s->uv, &h->check);
	init_handle(h, &h->check);
	uv.uv_idle_init(s->uv, &h->idle);
	init_handle(h, &h->idle);
	uv.uv_prepare_start(&h->prepare, on_prepare);
	return -uv.uv_poll_start(&h->poll, UV_READABLE, on_ready);
}

static void on_closed(uv_handle_t *which)
{
	struct handles *h = which->data;

	if (--h->open == 0)
		async__free(h);
}

static void close_handles(struct uv_state *s)
{
	struct handles *h = s->handles;

	if (!h)
		return;
	h->state = NULL;
	uv.uv_close((uv_handle_t *)&h->poll, on_closed);
	uv.uv_close((uv_handle_t *)&h->timer, on_closed);
	uv.uv_close((uv_handle_t *)&h->prepare, on_closed);
	uv.uv_close((uv_handle_t *)&h->check, on_closed);
	uv.uv_close((uv_handle_t *)&h->idle, on_closed);
	s->handles = NULL;
}

/* ---- Life ---- */

static void close_one(uv_handle_t *which, void *arg)
{
	(void)arg;
	if (!uv.uv_is_closing(which))
		uv.uv_close(which, NULL);
}

static void close_own(struct uv_state *s)
{
	if (s->uv != &s->own)
		return;
	uv.uv_walk(s->uv, close_one, NULL);
	while (uv.uv_run(s->uv, UV_RUN_NOWAIT))
		;
	uv.uv_loop_close(s->uv);
}

static void count(struct uv_state *s)
{
	if (!s->counted)
		s->loop->external++;
	s->counted = true;
}

static int open_inside(struct uv_state *s)
{
	int err = open_handles(s);

	if (!err) {
		if (s->uv != &s->own)
			count(s);
		return 0;
	}
	close_handles(s);
	close_own(s);
	return err;
}

static int open_uv(async_loop *loop, void *state)
{
	struct uv_state *s = state;
	int err = load_uv();

	if (err)
		return err;
	s->loop = loop;
	s->inner = async__alloc_zeroed(inner->state_size);
	if (!s->inner)
		return ENOMEM;
	err = inner->open(loop, s->inner);
	if (err)
		goto free_inner;
	s->uv = given ? given : &s->own;
	err = given ? 0 : -uv.uv_loop_init(&s->own);
	if (!err)
		err = open_inside(s);
	if (!err)
		return 0;
	inner->close(loop, s->inner);
free_inner:
	async__free(s->inner);
	return err;
}

static void close_uv(async_loop *loop, void *state)
{
	struct uv_state *s = state;

	close_handles(s);
	close_own(s);
	inner->close(loop, s->inner);
	async__free(s->inner);
}

/* ---- Waiting ---- */

static int64_t now(async_loop *loop, void *state)
{
	return inner->now(loop, ((struct uv_state *)state)->inner);
}

static int watch(async_loop *loop, void *state, int fd, unsigned events)
{
	return inner->watch(loop, ((struct uv_state *)state)->inner, fd, events);
}

static void wake(async_loop *loop, void *state)
{
	inner->wake(loop, ((struct uv_state *)state)->inner);
}

/* Rounded up: never early.  Libuv adds it to the time at which it last looked. */
static void set_timer(struct uv_state *s, int64_t timeout)
{
	uv.uv_update_time(s->uv);
	uv.uv_timer_start(&s->handles->timer, on_time, ((uint64_t)timeout + 999999) / 1000000, 0);
}

/* What libuv's callbacks make ready while it only looks is worth no further wait: it runs once. */
static void run_uv(struct uv_state *s, int64_t timeout)
{
	if (timeout == 0) {
		uv.uv_run(s->uv, UV_RUN_NOWAIT);
		return;
	}
	s->late = false;
	if (timeout > 0)
		set_timer(s, timeout);
	keep_running(s, true);
	uv.uv_run(s->uv, UV_RUN_ONCE);
	keep_running(s, false);
	if (timeout > 0)
		uv.uv_timer_stop(&s->handles->timer);
}

static int wait_for_events(async_loop *loop, void *state, int64_t timeout)
{
	struct uv_state *s = state;

	if (!s->as_guest)
		run_uv(s, timeout);
	return inner->wait(loop, s->inner, 0);
}

const async_loop_backend async_loop_libuv = {
	.name = "libuv",
	.state_size = sizeof(struct uv_state),
	.open = open_uv,
	.close = close_uv,
	.now = now,
	.watch = watch,
	.wait = wait_for_events,
	.wake = wake,
};

/* ---- Attached: libuv runs us ---- */

/* Whoever else uses uv is not our business here. */
static bool has_work(struct uv_state *s)
{
	async_loop *loop = s->loop;

	return loop->n_tasks || !async__list_empty(&loop->calls) || !async__list_empty(loop->ready) ||
	       async__door_waiting(loop) || loop->external > s->counted;
}

/* Tells libuv until when it may wait. */
static void plan(struct uv_state *s)
{
	struct handles *h = s->handles;
	int64_t deadline = async_loop_next_deadline(s->loop), time = async__now(s->loop);

	if (deadline <= time)
		uv.uv_idle_start(&h->idle, on_idle);
	else
		uv.uv_idle_stop(&h->idle);
	if (deadline > time && deadline != INT64_MAX)
		set_timer(s, deadline - time);
	else
		uv.uv_timer_stop(&h->timer);
	keep_running(s, has_work(s));
}

/* It is we who run libuv just now, which calls timers before it waits: what they have done is not to be waited for. */
static void wait_no_more(struct uv_state *s)
{
	if (s->late || !async__list_empty(s->loop->ready) || async__door_waiting(s->loop))
		uv.uv_stop(s->uv);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct uv_state *s = ((struct handles *)prepare->data)->state;
	int err;

	if (s && s->loop->running)
		wait_no_more(s);
	if (!s || s->loop->running || !s->attached)
		return;
	s->as_guest = true;
	err = async_loop_run_once(s->loop, 0);
	s->as_guest = false;
	if (err) {
		async__report_value(s->loop, "The loop broke down", async__make_error(err, NULL), NULL);
		async_uv_detach(s->loop);
		return;
	}
	plan(s);
}

/* What callbacks of libuv posted must not be left behind when uv_run has nothing else. */
static void on_check(uv_check_t *check)
{
	struct uv_state *s = ((struct handles *)check->data)->state;

	if (!s->loop->running && async__door_waiting(s->loop))
		keep_running(s, true);
}

int async_uv_attach(async_loop *loop)
{
	struct uv_state *s = state_of(loop);

	if (!s)
		return EINVAL;
	if (!async__loop_is_ours(loop, "async_uv_attach"))
		return ASYNC_WRONG_THREAD;
	if (loop->running)
		return ASYNC_RUNNING_LOOP;
	s->attached = true;
	uv.uv_check_start(&s->handles->check, on_check);
	keep_running(s, true); /* until the first turn has looked */
	return 0;
}

void async_uv_detach(async_loop *loop)
{
	struct uv_state *s = state_of(loop);

	if (!s || !async__loop_is_ours(loop, "async_uv_detach") || !s->attached)
		return;
	s->attached = false;
	uv.uv_check_stop(&s->handles->check);
	uv.uv_idle_stop(&s->handles->idle);
	uv.uv_timer_stop(&s->handles->timer);
	keep_running(s, false);
}

/* ---- Sharing ---- */

async_loop *async_loop_new_uv(uv_loop_t *theirs)
{
	async_loop *loop;

	given = theirs;
	loop = async_loop_new(&async_loop_libuv);
	given = NULL;
	return loop;
}

uv_loop_t *async_loop_uv(async_loop *loop)
{
	struct uv_state *s = state_of(loop);

	if (!s || !async__loop_is_ours(loop, "async_loop_uv"))
		return NULL;
	count(s);
	return s->uv;
}
