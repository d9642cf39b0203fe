// The least that an echo server over io_uring needs: one multishot accept, a multishot receive for each connection into buffers that
// all share, sends that go along with the wait, completions that are worked off when it looks (DEFER_TASKRUN).  Linux 6.1.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
enum { N_BUFFERS = 2048, SIZE = 512 };
enum { ACCEPTED, RECEIVED, SENT }; // the lowest bits of user_data, above which is the connection
typedef struct conn {
	int fd;
	unsigned sending : 1, receiving : 1, ended : 1;
	unsigned first, last; // buffers to be sent, in order; first is under way
	struct conn *hungry;  // the next one that waits for a buffer
} conn;
static struct io_uring ring;
static struct io_uring_buf_ring *given;
static char buffers[N_BUFFERS][SIZE];
static struct {
	unsigned next;
	int len;
} filled[N_BUFFERS];
static conn *hungry;

static struct io_uring_sqe *request(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	if (!sqe) {
		io_uring_submit(&ring);
		sqe = io_uring_get_sqe(&ring);
	}
	return sqe;
}
static void receive(conn *c)
{
	struct io_uring_sqe *sqe = request();
	io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
	sqe->user_data = (uint64_t)c | RECEIVED;
	c->receiving = 1;
}
static void send_first(conn *c)
{
	struct io_uring_sqe *sqe = request();
	io_uring_prep_send(sqe, c->fd, buffers[c->first], (size_t)filled[c->first].len, MSG_NOSIGNAL | MSG_WAITALL);
	sqe->user_data = (uint64_t)c | SENT;
	c->sending = 1;
}
static void give_back(unsigned buffer)
{
	io_uring_buf_ring_add(given, buffers[buffer], SIZE, (unsigned short)buffer, io_uring_buf_ring_mask(N_BUFFERS), 0);
	io_uring_buf_ring_advance(given, 1);
	if (hungry) {
		conn *c = hungry;
		hungry = c->hungry;
		receive(c);
	}
}
static void maybe_free(conn *c)
{
	if (!c->ended || c->sending || c->receiving)
		return;
	close(c->fd);
	free(c);
}
static void accepted(int fd)
{
	int one = 1;
	conn *c;
	if (fd < 0)
		exit(1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c = calloc(1, sizeof *c);
	c->fd = fd;
	receive(c);
}
static void received(conn *c, const struct io_uring_cqe *cqe)
{
	unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
	c->receiving = (cqe->flags & IORING_CQE_F_MORE) != 0;
	if (cqe->res == -ENOBUFS) {
		c->hungry = hungry;
		hungry = c;
		return;
	}
	if (cqe->res <= 0) {
		if (cqe->flags & IORING_CQE_F_BUFFER)
			give_back(buffer);
		c->ended = 1;
		maybe_free(c);
		return;
	}
	filled[buffer].len = cqe->res;
	if (c->sending) {
		filled[c->last].next = buffer;
		c->last = buffer;
	} else {
		c->first = c->last = buffer;
		send_first(c);
	}
	if (!c->receiving)
		receive(c);
}
static void sent(conn *c, int result)
{
	unsigned buffer = c->first, next = filled[buffer].next;
	int was_last = buffer == c->last;
	c->sending = 0;
	give_back(buffer);
	if (result < 0)
		shutdown(c->fd, SHUT_RDWR); // the receive then ends
	if (!was_last) {
		c->first = next;
		send_first(c);
	}
	maybe_free(c);
}
int main(int argc, char **argv)
{
	alarm(60);
	int one = 1, ls = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0"))};
	struct io_uring_params params = {.cq_entries = 8192,
					 .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
	struct io_uring_buf_reg reg = {.ring_entries = N_BUFFERS};
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(ls, (struct sockaddr *)&a, sizeof a) || listen(ls, 1024))
		return 1;
	if (posix_memalign((void **)&given, 4096, N_BUFFERS * sizeof(struct io_uring_buf)))
		return 1;
	reg.ring_addr = (uint64_t)given;
	errno = -io_uring_queue_init_params(2048, &ring, &params);
	if (!errno)
		errno = -io_uring_register_buf_ring(&ring, &reg, 0);
	if (errno) {
		fprintf(stderr, "no io_uring like that: %s\n", strerror(errno));
		return 1;
	}
	io_uring_register_ring_fd(&ring);
	io_uring_buf_ring_init(given);
	for (unsigned i = 0; i < N_BUFFERS; i++)
		give_back(i);
	struct io_uring_sqe *sqe = request();
	io_uring_prep_multishot_accept(sqe, ls, NULL, NULL, 0);
	sqe->user_data = ACCEPTED;
	for (;;) {
		unsigned head, n = 0;
		struct io_uring_cqe *cqe;
		io_uring_submit_and_wait(&ring, 1);
		io_uring_for_each_cqe(&ring, head, cqe)
		{
			conn *c = (conn *)(cqe->user_data & ~3ull);
			n++;
			if ((cqe->user_data & 3) == ACCEPTED)
				accepted(cqe->res);
			else if ((cqe->user_data & 3) == RECEIVED)
				received(c, cqe);
			else
				sent(c, cqe->res);
		}
		io_uring_cq_advance(&ring, n);
	}
}
