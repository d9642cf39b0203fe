// Asio (header-only, Debian libasio-dev) with C++20 awaitable<>.
// bench BENCHMARK [N] [sleep-ms], or: bench echo PORT
#include "../common/bench.h"
#include <asio.hpp>
#include <asio/experimental/channel.hpp>
#include <unistd.h>
using asio::awaitable, asio::use_awaitable, asio::co_spawn, asio::detached;
using chan = asio::experimental::channel<void(asio::error_code, uint64_t)>;
static asio::io_context io{1};
static uint64_t N, result, pending;
awaitable<uint64_t> leaf_other(uint64_t x);
static awaitable<uint64_t> leaf(uint64_t x)
{
	co_return mix(x);
}
static awaitable<void> await_same_file()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++)
		s = co_await leaf(s + i);
	result = s;
}
static awaitable<void> await_other_file()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++)
		s = co_await leaf_other(s + i);
	result = s;
}
static awaitable<void> yield_now()
{
	return asio::post(io, use_awaitable);
}
static awaitable<uint64_t> chain(int d)
{
	if (d + 1 < DEPTH)
		co_return co_await chain(d + 1) + 1;
	uint64_t i;
	for (i = 0; i < N; i++)
		co_await yield_now();
	co_return i;
}
static awaitable<void> yield_deep()
{
	result = co_await chain(0);
}
static awaitable<void> yielder()
{
	uint64_t i;
	for (i = 0; i < N; i++)
		co_await yield_now();
	result += i;
}
static awaitable<uint64_t> kid(uint64_t x)
{
	co_return x ^ 1;
}
static awaitable<void> spawn_await()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++)
		s += co_await co_spawn(io, kid(i), use_awaitable);
	result = s;
}
static awaitable<uint64_t> fib(unsigned n)
{
	if (n < 2)
		co_return n;
	uint64_t a = co_await fib(n - 1);
	co_return a + co_await fib(n - 2);
}
static awaitable<void> run_fib(unsigned n)
{
	for (int k = 0; k < 5; k++)
		result = co_await fib(n);
}
static awaitable<void> sleeper(uint64_t us)
{
	asio::steady_timer t(io, std::chrono::microseconds(us));
	co_await t.async_wait(use_awaitable);
	result++;
}
static awaitable<void> ping(chan &a, chan &b)
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++) {
		co_await a.async_send({}, i, use_awaitable);
		s += co_await b.async_receive(use_awaitable);
	}
	result = s;
	io.stop();
}
static awaitable<void> pong(chan &a, chan &b)
{
	for (;;) {
		uint64_t v = co_await a.async_receive(use_awaitable);
		co_await b.async_send({}, v + 1, use_awaitable);
	}
}
static awaitable<void> hot_nested()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N / 1024; i++) {
		for (uint64_t j = 0; j < 1024; j++) {
			x = xs64(x);
			s += x;
		}
		co_await yield_now();
	}
	result = s;
}
static awaitable<void> hot_xorshift()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N; i++) {
		x = xs64(x);
		s += x;
		if ((i & 1023) == 1023)
			co_await yield_now();
	}
	result = s;
}
static awaitable<void> hot_flat()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N; i++) {
		x += STEP;
		s ^= x;
		if ((i & 1023) == 1023)
			co_await yield_now();
	}
	result = s;
}
static awaitable<void> serve(asio::ip::tcp::socket s)
{
	char buf[512];
	try {
		for (;;) {
			size_t n = co_await s.async_read_some(asio::buffer(buf), use_awaitable);
			co_await asio::async_write(s, asio::buffer(buf, n), use_awaitable);
		}
	} catch (const std::exception &) {
	}
}
static awaitable<void> echo(unsigned short port)
{
	asio::ip::tcp::acceptor a(io, {asio::ip::address_v4::loopback(), port});
	for (;;) {
		auto s = co_await a.async_accept(use_awaitable);
		s.set_option(asio::ip::tcp::no_delay(true));
		co_spawn(io, serve(std::move(s)), detached);
	}
}
int main(int argc, char **argv)
{
	const char *b = argc > 1 ? argv[1] : "";
	auto IS = [&](const char *s) { return !strcmp(b, s); };
	uint64_t t = now_ns();
	auto go = [&](awaitable<void> f, double ops, const char *unit) {
		t = busy_ns();
		co_spawn(io, std::move(f), detached);
		io.run();
		double v = (double)(busy_ns() - t) / ops;
		report(b, v, unit, result);
	};
	if (IS("echo")) {
		alarm(60);
		co_spawn(io, echo((unsigned short)arg_n(argc, argv, 0)), detached);
		io.run();
	} else if (IS("await_same_file")) {
		N = arg_n(argc, argv, 20000000);
		go(await_same_file(), (double)N, "ns/await");
	} else if (IS("await_other_file")) {
		N = arg_n(argc, argv, 20000000);
		go(await_other_file(), (double)N, "ns/await");
	} else if (IS("yield_deep")) {
		N = arg_n(argc, argv, 2000000);
		go(yield_deep(), (double)N, "ns/yield");
	} else if (IS("yield_two")) {
		N = arg_n(argc, argv, 2000000);
		co_spawn(io, yielder(), detached);
		go(yielder(), 2.0 * (double)N, "ns/switch");
	} else if (IS("spawn_await")) {
		N = arg_n(argc, argv, 1000000);
		go(spawn_await(), (double)N, "ns/spawn+join");
	} else if (IS("fib")) {
		unsigned n = (unsigned)arg_n(argc, argv, 30);
		uint64_t x = 0, y = 1;
		for (unsigned k = 0; k <= n; k++) {
			uint64_t z = x + y;
			x = y;
			y = z;
		}
		go(run_fib(n), 5.0 * (double)(2 * x - 1), "ns/call");
	} else if (IS("sleepers") || IS("timers")) {
		N = pending = arg_n(argc, argv, 1000000);
		uint64_t ms = argc > 3 ? strtoull(argv[3], 0, 10) : 3000, x = SEED;
		for (uint64_t i = 0; i < N; i++) {
			x = xs64(x);
			co_spawn(io, sleeper(IS("sleepers") ? ms * 1000 : x % 1000000), detached);
		}
		io.run();
		double v = (double)(now_ns() - t) / 1e6 - (IS("sleepers") ? (double)ms : 0);
		report(b, v, IS("sleepers") ? "ms-beyond" : "ms-wall", result);
	} else if (IS("queue")) {
		N = arg_n(argc, argv, 2000000);
		chan c1(io, 1), c2(io, 1);
		co_spawn(io, pong(c1, c2), detached);
		go(ping(c1, c2), (double)N, "ns/roundtrip");
		_exit((fflush(stdout), 0));
	} else if (IS("hot_nested")) {
		N = arg_n(argc, argv, 300u << 20);
		go(hot_nested(), (double)N, "ns/iter");
	} else if (IS("hot_xorshift")) {
		N = arg_n(argc, argv, 300u << 20);
		go(hot_xorshift(), (double)N, "ns/iter");
	} else if (IS("hot_flat")) {
		N = arg_n(argc, argv, 300u << 20);
		go(hot_flat(), (double)N, "ns/iter");
	} else
		return 2;
}
