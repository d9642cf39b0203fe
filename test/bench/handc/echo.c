// The echo server to measure against: hand-written per-connection state machine over level-triggered epoll.
// Optimistic: write straight after read; registers EPOLLOUT only on a short write.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
typedef struct {
	int fd;
	int len, off;
	char buf[512];
} conn;
int main(int argc, char **argv)
{
	alarm(60);
	int one = 1, ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), ep = epoll_create1(0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0"))};
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(ls, (struct sockaddr *)&a, sizeof a) || listen(ls, 1024))
		return 1;
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = 0}, ev[256];
	epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);
	for (;;) {
		int k = epoll_wait(ep, ev, 256, -1);
		for (int i = 0; i < k; i++) {
			conn *c = ev[i].data.ptr;
			if (!c) {
				int fd;
				while ((fd = accept4(ls, 0, 0, SOCK_NONBLOCK)) >= 0) {
					setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
					c = calloc(1, sizeof *c);
					c->fd = fd;
					e.events = EPOLLIN;
					e.data.ptr = c;
					epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
				}
				continue;
			}
			if (!c->len) {
				ssize_t r = read(c->fd, c->buf, sizeof c->buf);
				if (r < 0 && errno == EAGAIN)
					continue;
				if (r <= 0) {
					close(c->fd);
					free(c);
					continue;
				}
				c->len = (int)r;
				c->off = 0;
			}
			int was = c->off;
			ssize_t w = write(c->fd, c->buf + c->off, (size_t)(c->len - c->off));
			if (w < 0 && errno != EAGAIN) {
				close(c->fd);
				free(c);
				continue;
			}
			if (w > 0)
				c->off += (int)w;
			if (c->off == c->len) {
				c->len = 0;
				if (was) {
					e.events = EPOLLIN;
					e.data.ptr = c;
					epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
				}
			} else {
				e.events = EPOLLOUT;
				e.data.ptr = c;
				epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
			}
		}
	}
}
