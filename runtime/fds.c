/* fds.c: who waits for which descriptor, and what the back end does by itself with it.
 * Waits are intrusive and end with one call of their ready function.  What the back end watches may be more than what is waited
 * for: an interest is dropped only when an event comes that nobody wants, which saves a system call for each wait.  It is asked
 * anew at every wait, though: the descriptor may have been closed and its number taken by another.  Only for connections that we
 * made, and that async_close is to end, an old interest is trusted; once a second, whatever else happens, what has not proved true
 * is asked for anew, so that a number that was closed behind our back is noticed.  Loop's thread. */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>

static int grow(async_loop *loop, int fd)
{
	int n = loop->n_fds ? loop->n_fds : 16;
	struct async__fd *fds;

	if (fcntl(fd, F_GETFD) < 0)
		return errno; /* it may be any number */
	while (n <= fd)
		n *= 2;
	fds = async__alloc_zeroed((size_t)n * sizeof *fds);
	if (!fds)
		return ASYNC_NO_MEMORY;
	for (int i = 0; i < loop->n_fds; i++) {
		fds[i] = loop->fds[i];
		async__list_init(&fds[i].waits);
		async__list_splice(&fds[i].waits, &loop->fds[i].waits);
	}
	for (int i = loop->n_fds; i < n; i++)
		async__list_init(&fds[i].waits);
	async__free(loop->fds);
	loop->fds = fds;
	loop->n_fds = n;
	return 0;
}

static struct async__fd_wait *wait_of(struct async__link *link)
{
	return async__container_of(link, struct async__fd_wait, entry.link);
}

static unsigned wanted(const struct async__fd *slot)
{
	unsigned events = 0;

	for (struct async__link *link = slot->waits.next; link != &slot->waits; link = link->next)
		events |= wait_of(link)->events;
	return events & (ASYNC_READABLE | ASYNC_WRITABLE);
}

unsigned async__fd_wanted(async_loop *loop, int fd)
{
	return fd < loop->n_fds ? wanted(&loop->fds[fd]) : 0;
}

void async__end_wait(struct async__fd_wait *wait, unsigned events)
{
	async__list_remove(&wait->entry.link);
	wait->loop->fd_waits--;
	wait->ready(wait, events);
}

/* A file that is always ready: told in the next turn. */
static void run_always_ready(struct async__entry *entry)
{
	struct async__fd_wait *wait = async__container_of(entry, struct async__fd_wait, entry);

	async__end_wait(wait, wait->events);
}

/* Trust in it ends, for whatever reason. */
static void prove(async_loop *loop, struct async__fd *slot)
{
	loop->n_trusted -= slot->trusted;
	slot->trusted = false;
	if (!loop->n_trusted)
		loop->doubt_at = 0;
}

/* 0, or why it cannot be watched: EPERM, it is always ready. */
static int ask(async_loop *loop, struct async__fd *slot, int fd, unsigned events)
{
	if (!async__trusts(loop, slot, events)) {
		prove(loop, slot);
		return loop->backend->watch(loop, loop->state, fd, events);
	}
	async__trust(loop, slot);
	return 0;
}

/* The system call will tell those who wait what has become of it. */
static void ask_anew(async_loop *loop, int fd)
{
	struct async__fd *slot = &loop->fds[fd];

	prove(loop, slot);
	slot->interest = wanted(slot);
	if (loop->backend->watch(loop, loop->state, fd, slot->interest))
		async_loop_report(loop, fd, ASYNC_READABLE | ASYNC_WRITABLE);
}

int64_t async__fds_doubt_at(async_loop *loop)
{
	enum { LONG = 1000000000 };

	if (!loop->n_trusted)
		return INT64_MAX;
	if (!loop->doubt_at)
		loop->doubt_at = async__now(loop) + LONG;
	return loop->doubt_at;
}

void async__fds_doubt(async_loop *loop)
{
	for (int fd = 0; fd < loop->n_fds && loop->n_trusted; fd++)
		if (loop->fds[fd].trusted)
			ask_anew(loop, fd);
}

void async__fd_is_new(async_loop *loop, int fd)
{
	if (!loop || fd < 0 || fd >= loop->n_fds)
		return;
	prove(loop, &loop->fds[fd]);
	loop->fds[fd].ours = loop->fds[fd].drained = loop->fds[fd].more = loop->fds[fd].received = false;
}

void async__fd_is_connection(async_loop *loop, int fd, unsigned interest)
{
	if (fd >= loop->n_fds && grow(loop, fd))
		return;
	async__fd_is_new(loop, fd);
	loop->fds[fd].interest = interest;
	loop->fds[fd].ours = true;
}

int async__watch_fd(async_loop *loop, int fd, unsigned events, struct async__fd_wait *wait)
{
	struct async__fd *slot;
	int err;

	if (fd < 0)
		return EBADF;
	if (fd >= loop->n_fds) {
		err = grow(loop, fd);
		if (err)
			return err;
	}
	slot = &loop->fds[fd];
	err = ask(loop, slot, fd, wanted(slot) | events);
	if (err && err != EPERM)
		return err == ENOMEM ? ASYNC_NO_MEMORY : err;
	wait->loop = loop;
	wait->fd = fd;
	wait->events = events;
	wait->entry.run = async__runs(run_always_ready);
	async__count_wait(loop);
	if (err) {
		async__soon(loop, &wait->entry);
		return 0;
	}
	async__list_append(&slot->waits, &wait->entry.link);
	if (!slot->trusted)
		slot->interest = wanted(slot);
	return 0;
}

static void forget_if_unwanted(async_loop *loop, int fd)
{
	struct async__fd *slot = &loop->fds[fd];

	if (!slot->interest || wanted(slot))
		return;
	slot->interest = 0;
	loop->backend->watch(loop, loop->state, fd, 0);
}

void async__unwatch_fd(struct async__fd_wait *wait)
{
	if (!async__linked(&wait->entry.link))
		return;
	async__list_remove(&wait->entry.link);
	wait->loop->fd_waits--;
	if (!wanted(&wait->loop->fds[wait->fd]))
		prove(wait->loop, &wait->loop->fds[wait->fd]);
	if (wait->loop->backend->forget_at_once)
		forget_if_unwanted(wait->loop, wait->fd);
}

__attribute__((noinline)) static void report_to_all(async_loop *loop, int fd, unsigned events)
{
	struct async__fd *slot = &loop->fds[fd];
	struct async__link *link, *next;
	unsigned rest;
	bool told = false;

	for (link = slot->waits.next; link != &slot->waits; link = next) {
		struct async__fd_wait *wait = wait_of(link);

		next = link->next;
		if (!(wait->events & events))
			continue;
		async__end_wait(wait, wait->events & events);
		told = true;
	}
	rest = wanted(slot);
	if (told || !(events & ~rest))
		return; /* who was told is about to wait again, or to close it */
	loop->backend->watch(loop, loop->state, fd, rest); /* it would be reported again and again */
	slot->interest = rest;
}

/* Nearly always there is one who waits, and for this. */
void async_loop_report(async_loop *loop, int fd, unsigned events)
{
	struct async__fd *slot;
	struct async__fd_wait *first;

	if (fd < 0 || fd >= loop->n_fds)
		return;
	slot = &loop->fds[fd];
	prove(loop, slot);
	slot->drained = false;
	first = wait_of(slot->waits.next);
	if (&first->entry.link == slot->waits.prev && &first->entry.link != &slot->waits && first->events & events)
		async__end_wait(first, first->events & events);
	else
		report_to_all(loop, fd, events);
}

void async__close_fd(async_loop *loop, int fd)
{
	struct async__fd *slot;
	bool busy;

	if (fd < 0 || fd >= loop->n_fds)
		return;
	slot = &loop->fds[fd];
	prove(loop, slot);
	slot->ours = slot->drained = slot->received = false;
	busy = slot->interest || (loop->backend->submit && !async__list_empty(&slot->waits));
	while (!async__list_empty(&slot->waits))
		async__end_wait(wait_of(slot->waits.next), 0);
	if (busy)
		loop->backend->watch(loop, loop->state, fd, 0);
	slot->interest = 0;
	if (slot->held && loop->backend->release)
		loop->backend->release(loop, loop->state, fd);
	slot->held = false;
}

/* ---- What the back end does by itself ---- */

/* In a wait's events: the direction in which an operation goes on, or waits for its turn. */
enum { OPERATING = 8, QUEUED = 16 };

/* One that says where in a file it takes place is in nobody's way. */
static unsigned direction_of(const struct async_operation *operation)
{
	static const unsigned char directions[] = {
		[ASYNC_OPERATION_READ] = ASYNC__IN,   [ASYNC_OPERATION_RECV] = ASYNC__IN,    [ASYNC_OPERATION_ACCEPT] = ASYNC__IN,
		[ASYNC_OPERATION_WRITE] = ASYNC__OUT, [ASYNC_OPERATION_CONNECT] = ASYNC__OUT, [ASYNC_OPERATION_SEND] = ASYNC__OUT,
	};

	if (operation->kind >= sizeof directions || (operation->kind <= ASYNC_OPERATION_WRITE && operation->offset >= 0))
		return ASYNC__NEITHER;
	return directions[operation->kind];
}

static struct async__fd_wait *find_wait(const struct async__fd *slot, unsigned events)
{
	for (struct async__link *link = slot->waits.next; link != &slot->waits; link = link->next)
		if (wait_of(link)->events & events)
			return wait_of(link);
	return NULL;
}

/* It counts as a wait until it has ended. */
static void on_close(struct async__fd_wait *wait, unsigned events)
{
	struct async_completion *completion = async__container_of(wait, struct async_completion, wait);

	(void)events;
	async__count_wait(wait->loop);
	completion->closed = true;
	async__stop_operation(completion);
}

/* 0, or why it cannot be begun on that descriptor now. */
static int look_for_others(async_loop *loop, int fd, unsigned direction)
{
	if (fd >= loop->n_fds)
		return grow(loop, fd);
	return direction && find_wait(&loop->fds[fd], direction << OPERATING) ? EBUSY : 0;
}

int async__begin_operation(async_loop *loop, const struct async_operation *operation, struct async_completion *completion)
{
	int fd = operation->kind == ASYNC_OPERATION_OPEN ? -1 : operation->fd, err;
	unsigned direction = direction_of(operation);

	if (!loop->backend->submit)
		return ENOSYS;
	err = fd < 0 ? 0 : look_for_others(loop, fd, direction);
	if (err)
		return err;
	completion->wait = (struct async__fd_wait){ .ready = on_close, .loop = loop, .fd = fd, .events = direction << OPERATING };
	completion->stopping = completion->closed = false;
	completion->opens = operation->kind == ASYNC_OPERATION_OPEN || operation->kind == ASYNC_OPERATION_ACCEPT;
	err = loop->backend->submit(loop, loop->state, operation, completion);
	if (err)
		return err == ENOMEM ? ASYNC_NO_MEMORY : err;
	if (fd >= 0) {
		async__list_append(&loop->fds[fd].waits, &completion->wait.entry.link);
		loop->fds[fd].held |= operation->kind == ASYNC_OPERATION_ACCEPT;
	}
	async__count_wait(loop);
	return 0;
}

void async__queue_operation(async_loop *loop, const struct async_operation *operation, struct async__fd_wait *wait)
{
	async__wait_in_list(loop, operation->fd, direction_of(operation) << QUEUED, wait);
}

static void begin_next(async_loop *loop, int fd, unsigned direction)
{
	struct async__fd_wait *next = fd >= 0 && direction ? find_wait(&loop->fds[fd], direction << QUEUED) : NULL;

	if (next)
		async__end_wait(next, next->events);
}

void async__stop_operation(struct async_completion *completion)
{
	async_loop *loop = completion->wait.loop;

	if (completion->stopping)
		return;
	completion->stopping = true;
	loop->backend->cancel(loop, loop->state, completion);
}

/* Who waits its turn comes after who has had it. */
void async_loop_complete(async_loop *loop, async_completion *completion, ssize_t result)
{
	unsigned direction = completion->wait.events >> OPERATING;
	int fd = completion->wait.fd;

	async__list_remove(&completion->wait.entry.link);
	loop->fd_waits--;
	completion->result = result;
	completion->ended(completion);
	begin_next(loop, fd, direction);
}

/* ---- What comes by itself ---- */

int async__receive(async_loop *loop, int fd, struct async_receiver *receiver)
{
	int err = loop->backend->receive ? 0 : ENOSYS;

	if (!err && fd >= loop->n_fds)
		err = grow(loop, fd);
	if (!err)
		err = loop->backend->receive(loop, loop->state, fd, receiver);
	if (!err)
		loop->fds[fd].held = true;
	return err == ENOMEM ? ASYNC_NO_MEMORY : err;
}

void async_loop_received(async_loop *loop, async_receiver *receiver, const void *bytes, ssize_t n)
{
	receiver->received(loop, receiver, bytes, n);
}

void async__wait_without_event(async_loop *loop, int fd, struct async__fd_wait *wait)
{
	async__wait_in_list(loop, fd, 0, wait);
}

/* ---- The end ---- */

void async__on_close(async_loop *loop, struct async__closer *closer)
{
	if (!loop->closers.next)
		async__list_init(&loop->closers);
	async__list_append(&loop->closers, &closer->listed);
}

static void tell_closers(struct async__link *closers)
{
	while (closers->next && !async__list_empty(closers)) {
		struct async__closer *closer = async__container_of(closers->next, struct async__closer, listed);

		async__list_remove(&closer->listed);
		closer->loop_closed(closer);
	}
}

void async__fds_free(async_loop *loop)
{
	tell_closers(&loop->closers);
	async__free(loop->fds);
	loop->fds = NULL;
	loop->n_fds = 0;
}
