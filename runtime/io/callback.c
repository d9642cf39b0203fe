/* callback.c: async_add_reader and async_add_writer.
 * Completes: nothing; calls back, in a turn after the one that saw the descriptor ready, again and again.  Owns: a registration for
 * each descriptor and direction, freed when removed or with the loop.  Thread: the loop's.  Cancel: by removing. */
#include "runtime.h"

#include <errno.h>

struct registration {
	struct async__node node;       /* in loop->nodes */
	struct async__link listed;     /* in loop->callbacks */
	struct async__fd_wait wait;
	struct async__entry call;      /* queued while ready */
	async_loop *loop;
	int fd;
	unsigned event;
	async_callback *fn;
	void *arg;
};

static struct registration *find(async_loop *loop, int fd, unsigned event)
{
	struct async__link *head = &loop->callbacks;

	for (struct async__link *link = head->next; link && link != head; link = link->next) {
		struct registration *registration = async__container_of(link, struct registration, listed);

		if (registration->fd == fd && registration->event == event)
			return registration;
	}
	return NULL;
}

static void forget(struct registration *registration)
{
	async__unwatch_fd(&registration->wait);
	async__list_remove(&registration->call.link);
	async__list_remove(&registration->listed);
	async__node_free(registration);
}

/* Closing the descriptor ends it, in the next turn: who closes may be in the midst of a list. */
static void on_ready(struct async__fd_wait *wait, unsigned events)
{
	struct registration *registration = async__container_of(wait, struct registration, wait);

	if (!events)
		registration->fd = -1;
	async__soon(registration->loop, &registration->call);
}

static int watch(struct registration *registration)
{
	registration->wait.ready = on_ready;
	return async__watch_fd(registration->loop, registration->fd, registration->event, &registration->wait);
}

/* The callback may remove or replace itself, so it is watched again before. */
static void run_call(struct async__entry *entry)
{
	struct registration *registration = async__container_of(entry, struct registration, call);
	async_callback *fn = registration->fn;
	void *arg = registration->arg;
	int err = registration->fd < 0 ? EBADF : watch(registration);

	if (err) {
		if (registration->fd >= 0)
			async__report_value(registration->loop, "A descriptor's callback was removed", async__make_error(err, NULL), NULL);
		forget(registration);
		return;
	}
	fn(arg);
}

static int add(int fd, unsigned event, async_callback *fn, void *arg, const char *what)
{
	async_loop *loop = async__need_loop(what);
	struct registration *registration = loop ? find(loop, fd, event) : NULL;
	int err;

	if (!loop)
		return EINVAL;
	if (!loop->callbacks.next)
		async__list_init(&loop->callbacks);
	if (!registration) {
		registration = async__node_new(loop, sizeof *registration);
		if (!registration)
			return ASYNC_NO_MEMORY;
		registration->loop = loop;
		registration->fd = fd;
		registration->event = event;
		registration->call.run = async__runs(run_call);
		async__list_append(&loop->callbacks, &registration->listed);
		err = watch(registration);
		if (err) {
			forget(registration);
			return err;
		}
	}
	registration->fn = fn;
	registration->arg = arg;
	return 0;
}

static bool take_off(int fd, unsigned event, const char *what)
{
	async_loop *loop = async__need_loop(what);
	struct registration *registration = loop && loop->callbacks.next ? find(loop, fd, event) : NULL;

	if (registration)
		forget(registration);
	return registration;
}

int async_add_reader(int fd, async_callback *fn, void *arg)
{
	return add(fd, ASYNC_READABLE, fn, arg, "async_add_reader");
}

int async_add_writer(int fd, async_callback *fn, void *arg)
{
	return add(fd, ASYNC_WRITABLE, fn, arg, "async_add_writer");
}

bool async_remove_reader(int fd)
{
	return take_off(fd, ASYNC_READABLE, "async_remove_reader");
}

bool async_remove_writer(int fd)
{
	return take_off(fd, ASYNC_WRITABLE, "async_remove_writer");
}
