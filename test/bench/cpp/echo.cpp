// The echo server in C++20: one coroutine per connection; read/write try first, park on edge-triggered epoll on EAGAIN.
#include "co.hpp"
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
static int ep;
struct sock {
	int fd;
	hdl rd{}, wr{};
}; // epoll data points here; at most one waiter each way
struct wait_rd {
	sock &s;
	bool await_ready() noexcept
	{
		return false;
	}
	void await_suspend(hdl h) noexcept
	{
		s.rd = h;
	}
	void await_resume() noexcept
	{
	}
};
struct wait_wr {
	sock &s;
	bool await_ready() noexcept
	{
		return false;
	}
	void await_suspend(hdl h) noexcept
	{
		s.wr = h;
	}
	void await_resume() noexcept
	{
	}
};
static void reg(sock &s)
{
	epoll_event e{};
	e.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
	e.data.ptr = &s;
	epoll_ctl(ep, EPOLL_CTL_ADD, s.fd, &e);
}
static task<ssize_t> rd(sock &s, char *b, size_t n)
{
	for (;;) {
		ssize_t r = read(s.fd, b, n);
		if (r >= 0 || errno != EAGAIN)
			co_return r;
		co_await wait_rd{s};
	}
}
static task<ssize_t> wr(sock &s, const char *b, size_t n)
{
	for (;;) {
		ssize_t r = write(s.fd, b, n);
		if (r >= 0 || errno != EAGAIN)
			co_return r;
		co_await wait_wr{s};
	}
}
static spawned<void> serve(int fd)
{
	sock s{fd};
	reg(s);
	char buf[512];
	for (;;) {
		ssize_t n = co_await rd(s, buf, sizeof buf);
		if (n <= 0)
			break;
		for (ssize_t off = 0; off < n;) {
			ssize_t w = co_await wr(s, buf + off, (size_t)(n - off));
			if (w < 0) {
				close(fd);
				co_return;
			}
			off += w;
		}
	}
	close(fd);
}
static spawned<void> acceptor(int ls)
{
	sock s{ls};
	reg(s);
	for (;;) {
		int one = 1, fd = accept4(ls, nullptr, nullptr, SOCK_NONBLOCK);
		if (fd < 0) {
			co_await wait_rd{s};
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		serve(fd).detach();
	}
}
int main(int argc, char **argv)
{
	alarm(60);
	int one = 1, ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ep = epoll_create1(0);
	sockaddr_in a{};
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0"));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(ls, (sockaddr *)&a, sizeof a) || listen(ls, 1024))
		return 1;
	acceptor(ls).detach();
	epoll_event ev[256];
	for (;;) {
		while (L.head) {
			node *b = L.head;
			L.head = L.last = nullptr;
			while (b) {
				node *n = b->next;
				b->h.resume();
				b = n;
			}
		}
		int k = epoll_wait(ep, ev, 256, -1);
		for (int i = 0; i < k; i++) {
			sock *s = (sock *)ev[i].data.ptr;
			hdl r = nullptr, w = nullptr;
			if (ev[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
				r = std::exchange(s->rd, nullptr);
			if (ev[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
				w = std::exchange(s->wr, nullptr);
			if (w)
				w.resume();
			else if (r)
				r.resume();
		}
	}
}
