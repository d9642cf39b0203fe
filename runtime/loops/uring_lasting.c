/* uring_lasting.c: requests that yield again and again (multishot): the connections of a listening socket, for whoever calls async_accept,
 * and what comes on a connection, for a receiver (a stream).  What comes lands in buffers that all connections share, from which the
 * receiver copies it at once; so there are few, and more only when they did not suffice.
 * Completes: async_accept's operations, one for each connection, and receivers, with each piece.  Owns: the buffers; a connection that nobody
 * waited for is left.c's.  Loop's thread.  Cancel: of an acceptor ends the request; the descriptor is released before it is closed. */
#include "uring.h"

#include "../io/io.h"

#include <sys/mman.h>
#include <unistd.h>

enum { GROUP = 0 };

static uint64_t key_of(const struct uring_state *s, int fd)
{
	const struct lasting *lasting = &s->fds[fd].lasting;

	return FOR_FD | FOR_LASTING | (lasting->accepts ? FOR_CONNECTIONS : 0) | (uint64_t)lasting->number << 32 | (uint32_t)fd;
}

/* Takes a place for a request of fd's. */
static struct io_uring_sqe *begin(struct uring_state *s, int fd, bool accepts)
{
	struct io_uring_sqe *sqe = async__uring_request(s);
	struct lasting *lasting = &s->fds[fd].lasting;

	if (!sqe)
		return NULL;
	lasting->number++;
	lasting->accepts = accepts;
	lasting->pending = true;
	lasting->stopping = false;
	s->n_operations++;
	return sqe;
}

/* What has come by then still comes. */
static void stop(struct uring_state *s, int fd)
{
	struct lasting *lasting = &s->fds[fd].lasting;

	if (lasting->stopping)
		return;
	lasting->stopping = true;
	if (lasting->pending)
		async__uring_cancel_request(s, key_of(s, fd), 0);
}

/* ---- Buffers ---- */

/* Not of a power of two: the first bytes of all of them would fight for the same places of the caches. */
enum { MOST_BUFFERS = 1024, FIRST_BUFFERS = 64, BUFFER_SIZE = 4096, BUFFER_STEP = BUFFER_SIZE + 64 };
#define RING_SIZE (MOST_BUFFERS * sizeof(struct io_uring_buf))
#define GIVEN_SIZE (RING_SIZE + (size_t)MOST_BUFFERS * BUFFER_STEP)

static char *buffer_at(const struct given_buffers *given, unsigned i)
{
	return given->memory + (size_t)i * BUFFER_STEP;
}

static void give(struct given_buffers *given, unsigned i)
{
	io_uring_buf_ring_add(given->ring, buffer_at(given, i), BUFFER_SIZE, (unsigned short)i, io_uring_buf_ring_mask(MOST_BUFFERS), 0);
	io_uring_buf_ring_advance(given->ring, 1);
}

static void give_more(struct given_buffers *given)
{
	unsigned n = given->n ? given->n * 2 : FIRST_BUFFERS;

	while (given->n < n && given->n < MOST_BUFFERS)
		give(given, given->n++);
}

static void take_back_buffers(struct given_buffers *given)
{
	if (given->ring)
		munmap(given->ring, GIVEN_SIZE);
	given->ring = NULL;
}

/* Only what is used of the memory is ever there. */
static bool have_buffers(struct uring_state *s)
{
	struct given_buffers *given = &s->given;
	struct io_uring_buf_reg group = { .ring_entries = MOST_BUFFERS, .bgid = GROUP };
	void *memory;

	if (given->ring || given->refused)
		return !given->refused;
	memory = mmap(NULL, GIVEN_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	given->refused = memory == MAP_FAILED;
	if (given->refused)
		return false;
	given->ring = memory;
	given->memory = (char *)memory + RING_SIZE;
	group.ring_addr = (uint64_t)(uintptr_t)memory;
	given->refused = async__uring.io_uring_register_buf_ring(&s->ring, &group, 0);
	if (given->refused) {
		take_back_buffers(given);
		return false;
	}
	io_uring_buf_ring_init(given->ring);
	give_more(given);
	return true;
}

/* ---- Receiving ---- */

/* A connection that was emptied is waited for; trying would be in vain. */
static bool ask_to_receive(async_loop *loop, struct uring_state *s, int fd)
{
	struct io_uring_sqe *sqe = begin(s, fd, false);

	if (!sqe)
		return false;
	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	if (async__fd_is_drained(loop, fd))
		sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
	io_uring_sqe_set_data64(sqe, key_of(s, fd));
	return true;
}

/* What is pending may be of a file that was closed meanwhile, whose number another has now. */
int async__uring_receive(async_loop *loop, void *state, int fd, async_receiver *receiver)
{
	struct uring_state *s = state;

	if (!s->operates || !have_buffers(s))
		return ENOSYS;
	if (async__uring_make_room(s, fd))
		return ENOMEM;
	async__uring_release(loop, s, fd);
	async__uring_end_poll(loop, s, fd);
	if (!ask_to_receive(loop, s, fd))
		return ENOSYS;
	s->fds[fd].lasting.receiver = receiver;
	return 0;
}

void async__uring_stop_receiving(async_loop *loop, void *state, int fd)
{
	(void)loop;
	stop(state, fd);
}

static void end_receiving(async_loop *loop, struct lasting *lasting, int result)
{
	async_receiver *receiver = lasting->receiver;

	lasting->receiver = NULL;
	async_loop_received(loop, receiver, NULL, result);
}

/* Does it end for reasons that are not the connection's?  (There was no buffer, or no room for its completions; its thread has ended.) */
static bool goes_on(const async_loop *loop, const struct lasting *lasting, int result)
{
	return !loop->closing && !lasting->stopping && (result > 0 || result == -ENOBUFS || result == -ECANCELED || result == -EINTR);
}

/* Kernels before 6.0 do not know of receiving again and again. */
static int outcome(struct uring_state *s, const struct lasting *lasting, int result)
{
	if (result == -EINVAL)
		s->given.refused = true;
	if (result == -EINVAL || result == -EAGAIN)
		return -ENOSYS;
	return result == 0 || (result < 0 && result != -ENOBUFS && result != -EINTR) ? result : lasting->stopping ? -ECANCELED : -ENOSYS;
}

static void received(async_loop *loop, struct uring_state *s, int fd, int result)
{
	struct lasting *lasting = &s->fds[fd].lasting;

	if (result == -ENOBUFS)
		give_more(&s->given);
	if (lasting->pending || (goes_on(loop, lasting, result) && ask_to_receive(loop, s, fd)))
		return;
	end_receiving(loop, lasting, outcome(s, lasting, result));
}

/* ---- Accepting ---- */

static bool ask_to_accept(struct uring_state *s, int fd)
{
	struct io_uring_sqe *sqe = begin(s, fd, true);

	if (!sqe)
		return false;
	io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	io_uring_sqe_set_data64(sqe, key_of(s, fd));
	return true;
}

/* Only for who accepts one after the other, that is, comes back before the loop has slept: connections that nobody asks for stay where another
 * process, or another loop, finds them. */
bool async__uring_accept(async_loop *loop, struct uring_state *s, const struct async_operation *operation, async_completion *completion)
{
	struct lasting *lasting;
	int fd = operation->fd;

	if (async__uring_make_room(s, fd))
		return false;
	lasting = &s->fds[fd].lasting;
	if (lasting->receiver || (!lasting->pending && (lasting->accepted != s->sleeps + 1 || !ask_to_accept(s, fd))))
		return false;
	loop->fds[fd].more = false;
	lasting->acceptor = completion;
	lasting->address = operation->address;
	lasting->length = operation->length;
	return true;
}

static void answer(async_loop *loop, struct lasting *lasting, int result)
{
	async_completion *acceptor = lasting->acceptor;

	lasting->acceptor = NULL;
	if (result >= 0 && lasting->address && getpeername(result, lasting->address, lasting->length))
		*lasting->length = 0; /* it has gone already */
	async_loop_complete(loop, acceptor, result);
}

static void accepted(async_loop *loop, struct uring_state *s, int fd, int result)
{
	struct lasting *lasting = &s->fds[fd].lasting;

	async__uring_note_told(s, fd);
	if (result >= 0 && !lasting->acceptor) {
		async__leave_connection(fd, result);
	} else if (result >= 0) {
		lasting->accepted = s->sleeps + 1;
		answer(loop, lasting, result);
	} else if (lasting->acceptor && (result != -ECANCELED || lasting->acceptor->stopping || !ask_to_accept(s, fd))) {
		answer(loop, lasting, result);
	}
}

bool async__uring_cancel_accept(struct uring_state *s, async_completion *completion)
{
	int fd = completion->wait.fd;

	if (fd < 0 || fd >= s->n_fds || s->fds[fd].lasting.acceptor != completion)
		return false;
	stop(s, fd);
	return true;
}

bool async__uring_accepts_idly(const struct uring_state *s, int fd)
{
	const struct lasting *lasting = &s->fds[fd].lasting;

	return lasting->pending && lasting->accepts && !lasting->acceptor && !lasting->stopping;
}

void async__uring_stop_accepting(struct uring_state *s, int fd)
{
	stop(s, fd);
}

/* ---- The end ---- */

/* Who waits in async_accept hears of it in the next wait, the receiver at once. */
void async__uring_release(async_loop *loop, void *state, int fd)
{
	struct uring_state *s = state;
	struct lasting *lasting = fd < s->n_fds ? &s->fds[fd].lasting : NULL;

	if (!lasting || !lasting->pending)
		return;
	stop(s, fd);
	lasting->number++;
	lasting->pending = false;
	if (lasting->acceptor)
		async__list_append(&s->cancelled, &lasting->acceptor->wait.entry.link);
	lasting->acceptor = NULL;
	if (lasting->receiver)
		end_receiving(loop, lasting, -ECANCELED);
	async__uring_flush(s);
}

void async__uring_tell_cancelled(async_loop *loop, struct uring_state *s)
{
	while (!async__list_empty(&s->cancelled)) {
		struct async__link *link = s->cancelled.next;

		async__list_remove(link);
		async_loop_complete(loop, async__container_of(link, async_completion, wait.entry.link), -ECANCELED);
	}
}

/* A connection of a listening socket that is closed: its peer hears so.  Bytes of a connection that is closed: nobody does. */
static void take_stale(const struct io_uring_cqe *cqe)
{
	if (cqe->user_data & FOR_CONNECTIONS && cqe->res >= 0)
		close(cqe->res);
}

void async__uring_lasted(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	int fd = (int)(uint32_t)cqe->user_data, result = cqe->res;
	struct lasting *lasting = &s->fds[fd].lasting;
	bool stale = !lasting->pending || cqe->user_data != key_of(s, fd), accepts = cqe->user_data & FOR_CONNECTIONS;
	unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;

	s->n_operations -= !(cqe->flags & IORING_CQE_F_MORE);
	if (!stale)
		lasting->pending = cqe->flags & IORING_CQE_F_MORE;
	if (!stale && !accepts && result > 0)
		async_loop_received(loop, lasting->receiver, buffer_at(&s->given, buffer), result);
	if (cqe->flags & IORING_CQE_F_BUFFER)
		give(&s->given, buffer);
	if (stale || (accepts && loop->closing))
		take_stale(cqe);
	else if (accepts)
		accepted(loop, s, fd, result);
	else
		received(loop, s, fd, result);
}

void async__uring_lasting_close(async_loop *loop, struct uring_state *s)
{
	for (int fd = 0; fd < s->n_fds; fd++)
		if (s->fds[fd].lasting.receiver)
			end_receiving(loop, &s->fds[fd].lasting, -ECANCELED);
	take_back_buffers(&s->given);
}
