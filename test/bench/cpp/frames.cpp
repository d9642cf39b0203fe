// Frame sizes: bytes passed to the promise's operator new for six fixed coroutines (so after -O2).
// noinline keeps the ramp out of main, so that clang cannot elide the allocation there (it did).
#define COUNT_FRAMES 1
#include "frames.h"
#include "co.hpp"
struct op { // a leaf operation that always suspends: waiter node + arguments + result
	int fd;
	void *buf;
	size_t n;
	ssize_t res = 0;
	node w{};
	bool await_ready() noexcept
	{
		return false;
	}
	void await_suspend(hdl h) noexcept
	{
		w.h = h;
		res = submit(fd, buf, n);
		L.ready(&w);
	}
	ssize_t await_resume() noexcept
	{
		return res;
	}
};
[[gnu::noinline]] static task<void> echo(int fd)
{
	char buf[512];
	for (;;) {
		ssize_t n = co_await op{fd, buf, sizeof buf};
		if (n <= 0)
			break;
		for (ssize_t off = 0; off < n;) {
			ssize_t w = co_await op{fd, buf + off, (size_t)(n - off)};
			if (w <= 0)
				co_return;
			off += w;
		}
	}
}
[[gnu::noinline]] static task<void> siblings(int fd)
{
	{
		char a[1024];
		use(a, sizeof a);
		co_await op{fd, a, sizeof a};
		use(a, sizeof a);
	}
	{
		char b[1024];
		use(b, sizeof b);
		co_await op{fd, b, sizeof b};
		use(b, sizeof b);
	}
}
[[gnu::noinline]] static task<uint64_t> c5(uint64_t x)
{
	co_await yield_now{};
	co_return x + src();
}
[[gnu::noinline]] static task<uint64_t> c4(uint64_t x)
{
	co_return co_await c5(x + 1) + x;
}
[[gnu::noinline]] static task<uint64_t> c3(uint64_t x)
{
	co_return co_await c4(x + 1) + x;
}
[[gnu::noinline]] static task<uint64_t> c2(uint64_t x)
{
	co_return co_await c3(x + 1) + x;
}
[[gnu::noinline]] static task<uint64_t> c1(uint64_t x)
{
	co_return co_await c2(x + 1) + x;
}
[[gnu::noinline]] static task<uint64_t> scalars()
{
	uint64_t a = src(), b = src(), c = src(), d = src(), e = src(), f = src(), g = src(), h = src(), i = src(),
		 j = src();
	sink(a + b + c + d + e + f + g);
	co_await yield_now{};
	co_return h + (i ^ j);
}
[[gnu::noinline]] static task<uint64_t> looped(uint32_t n)
{
	state_t s{src(), src(), src(), src(), 0};
	for (; s.n < n; s.n++) {
		s.a += s.b;
		s.b ^= s.c;
		s.c += s.d;
		s.d = xs64(s.a);
		co_await yield_now{};
	}
	co_return s.a + s.b + s.c + s.d;
}
struct guard {
	void *p;
	~guard()
	{
		release(p);
	}
};
[[gnu::noinline]] static task<int> cleanup(int fd)
{
	guard g{acquire()};
	ssize_t r = co_await op{fd, g.p, 64};
	if (r < 0)
		co_return -1;
	r = co_await op{fd, g.p, 32};
	co_return r < 0 ? -2 : 0;
}
template <class T> static void show(const char *name, task<T> t)
{							 // t's own frame is already counted
	t.await_suspend(std::noop_coroutine()).resume(); // run to the first suspension: callees too
	printf("frame %s %zu bytes frames=%zu\n", name, frame_bytes, frame_count);
	fflush(stdout);
	L.head = L.last = nullptr;
	frame_bytes = frame_count = 0;
}
int main()
{
	show("echo512", echo(0));
	show("siblings2x1K", siblings(0));
	show("chain5", c1(1));
	show("scalars10live3", scalars());
	show("structloop", looped(3));
	show("cleanup", cleanup(0));
}
