// The load on an echo server: C connections to 127.0.0.1:PORT, each a ping-pong of 64-byte messages, epoll, one thread.
// Bounded in time (warm-up 0.5 s + SECONDS) and in count (MAXREQ). Usage: client PORT CONNS SECONDS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#define MSG 64
#define MAXREQ 20000000ull
static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
#define NB 4096 // log-linear histogram: 64 sub-buckets per power of two
static uint64_t hist[NB];
static unsigned bucket(uint64_t v)
{
	if (v < 64)
		return (unsigned)v;
	unsigned e = 63u - (unsigned)__builtin_clzll(v);
	return (e - 5) * 64 + (unsigned)((v >> (e - 6)) & 63);
}
static double value(unsigned b)
{
	if (b < 64)
		return b;
	unsigned e = b / 64 + 5;
	return (double)((64ull + b % 64) << (e - 6));
}
static double pct(uint64_t n, double p)
{
	uint64_t want = (uint64_t)((double)n * p), seen = 0;
	for (unsigned i = 0; i < NB; i++) {
		seen += hist[i];
		if (seen > want)
			return value(i) / 1e3;
	}
	return 0;
}
typedef struct {
	int fd;
	unsigned got;
	uint64_t t0;
} conn;
int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	int nc = atoi(argv[2]);
	double secs = atof(argv[3]);
	conn *cs = calloc((size_t)nc, sizeof *cs);
	char msg[MSG], in[MSG];
	memset(msg, 'x', MSG);
	int ep = epoll_create1(0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < nc; i++) {
		int fd, tries = 0, one = 1;
		for (;;) {
			fd = socket(AF_INET, SOCK_STREAM, 0);
			if (!connect(fd, (struct sockaddr *)&a, sizeof a))
				break;
			close(fd);
			if (++tries > 500) {
				perror("connect");
				return 1;
			}
			usleep(10000);
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		cs[i].fd = fd;
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = &cs[i]};
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	}
	uint64_t start = now_ns(), from = start + 500000000ull, end = from + (uint64_t)(secs * 1e9), n = 0, total = 0,
		 now;
	for (int i = 0; i < nc; i++) {
		cs[i].t0 = now_ns();
		if (write(cs[i].fd, msg, MSG) != MSG)
			return 1;
	}
	struct epoll_event ev[256];
	for (now = start; now < end && total < MAXREQ;) {
		int k = epoll_wait(ep, ev, 256, 100);
		now = now_ns();
		for (int i = 0; i < k; i++) {
			conn *c = ev[i].data.ptr;
			ssize_t r = read(c->fd, in + c->got, MSG - c->got);
			if (r <= 0) {
				if (r < 0 && errno == EAGAIN)
					continue;
				fprintf(stderr, "closed by server\n");
				return 1;
			}
			if ((c->got += (unsigned)r) < MSG)
				continue;
			if (memcmp(in, msg, MSG)) {
				fprintf(stderr, "wrong echo\n");
				return 1;
			}
			c->got = 0;
			uint64_t t = now_ns();
			total++;
			if (t >= from) {
				n++;
				hist[bucket(t - c->t0)]++;
			}
			c->t0 = t;
			if (write(c->fd, msg, MSG) != MSG)
				return 1;
		}
	}
	printf("conns=%d reqs=%llu total=%llu rps=%.0f p50_us=%.1f p99_us=%.1f p999_us=%.1f\n", nc,
	       (unsigned long long)n, (unsigned long long)total, (double)n / ((double)(now - from) / 1e9), pct(n, .5),
	       pct(n, .99), pct(n, .999));
	return 0;
}
