#include "co.hpp"
static uint64_t N, result, pending;
task<uint64_t> leaf_other(uint64_t x);
static task<uint64_t> leaf(uint64_t x)
{
	co_return mix(x);
}
static spawned<void> await_same_file()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++)
		s = co_await leaf(s + i);
	result = s;
}
static spawned<void> await_other_file()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++)
		s = co_await leaf_other(s + i);
	result = s;
}
static task<uint64_t> chain(int d)
{
	if (d + 1 < DEPTH)
		co_return co_await chain(d + 1) + 1;
	uint64_t i;
	for (i = 0; i < N; i++)
		co_await yield_now{};
	co_return i;
}
static spawned<void> yield_deep()
{
	result = co_await chain(0);
}
static spawned<void> yielder()
{
	uint64_t i;
	for (i = 0; i < N; i++)
		co_await yield_now{};
	result += i;
}
static spawned<uint64_t> kid(uint64_t x)
{
	co_return x ^ 1;
}
static spawned<void> spawn_await()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++) {
		auto k = kid(i);
		s += co_await k.join();
	}
	result = s;
}
static task<uint64_t> fib(unsigned n)
{
	if (n < 2)
		co_return n;
	uint64_t a = co_await fib(n - 1);
	co_return a + co_await fib(n - 2);
}
static spawned<void> run_fib(unsigned n)
{
	for (int k = 0; k < 5; k++)
		result = co_await fib(n);
}
static spawned<void> sleeper(uint64_t ns)
{
	co_await sleep_ns{ns};
	result++;
	if (!--pending)
		L.stop = true;
}
static chan c1, c2;
static spawned<void> ping()
{
	uint64_t s = 0;
	for (uint64_t i = 0; i < N; i++) {
		co_await c1.put(i);
		s += co_await c2.get();
	}
	result = s;
	L.stop = true;
}
static spawned<void> pong()
{
	for (;;) {
		uint64_t v = co_await c1.get();
		co_await c2.put(v + 1);
	}
}
static spawned<void> hot_nested()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N / 1024; i++) {
		for (uint64_t j = 0; j < 1024; j++) {
			x = xs64(x);
			s += x;
		}
		co_await yield_now{};
	}
	result = s;
}
static spawned<void> hot_xorshift()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N; i++) {
		x = xs64(x);
		s += x;
		if ((i & 1023) == 1023)
			co_await yield_now{};
	}
	result = s;
}
static spawned<void> hot_flat()
{
	uint64_t x = SEED, s = 0;
	for (uint64_t i = 0; i < N; i++) {
		x += STEP;
		s ^= x;
		if ((i & 1023) == 1023)
			co_await yield_now{};
	}
	result = s;
}
int main(int argc, char **argv)
{
	const char *b = argc > 1 ? argv[1] : "";
	auto IS = [&](const char *s) { return !strcmp(b, s); };
	uint64_t t = now_ns();
	auto done = [&](double ops, const char *unit) {
		t = busy_ns();
		L.run();
		double v = (double)(busy_ns() - t) / ops;
		report(b, v, unit, result);
	};
	if (IS("await_same_file")) {
		N = arg_n(argc, argv, 20000000);
		await_same_file().detach();
		done((double)N, "ns/await");
	} else if (IS("await_other_file")) {
		N = arg_n(argc, argv, 20000000);
		await_other_file().detach();
		done((double)N, "ns/await");
	} else if (IS("yield_deep")) {
		N = arg_n(argc, argv, 20000000);
		yield_deep().detach();
		done((double)N, "ns/yield");
	} else if (IS("yield_two")) {
		N = arg_n(argc, argv, 20000000);
		yielder().detach();
		yielder().detach();
		done(2.0 * (double)N, "ns/switch");
	} else if (IS("spawn_await")) {
		N = arg_n(argc, argv, 10000000);
		spawn_await().detach();
		done((double)N, "ns/spawn+join");
	} else if (IS("fib")) {
		unsigned n = (unsigned)arg_n(argc, argv, 30);
		run_fib(n).detach();
		uint64_t x = 0, y = 1;
		for (unsigned k = 0; k <= n; k++) {
			uint64_t z = x + y;
			x = y;
			y = z;
		}
		done(5.0 * (double)(2 * x - 1), "ns/call");
	} else if (IS("sleepers") || IS("timers")) {
		N = pending = arg_n(argc, argv, 1000000);
		uint64_t ms = argc > 3 ? strtoull(argv[3], 0, 10) : 3000;
		uint64_t x = SEED;
		for (uint64_t i = 0; i < N; i++) {
			x = xs64(x);
			sleeper(IS("sleepers") ? ms * 1000000 : x % 1000000 * 1000).detach();
		}
		L.run();
		report(b, (double)(now_ns() - t) / 1e6 - (IS("sleepers") ? (double)ms : 0),
		       IS("sleepers") ? "ms-beyond" : "ms-wall", result);
	} else if (IS("queue")) {
		N = arg_n(argc, argv, 20000000);
		ping().detach();
		pong().detach();
		done((double)N, "ns/roundtrip");
	} else if (IS("hot_nested")) {
		N = arg_n(argc, argv, 300u << 20);
		hot_nested().detach();
		done((double)N, "ns/iter");
	} else if (IS("hot_xorshift")) {
		N = arg_n(argc, argv, 300u << 20);
		hot_xorshift().detach();
		done((double)N, "ns/iter");
	} else if (IS("hot_flat")) {
		N = arg_n(argc, argv, 300u << 20);
		hot_flat().detach();
		done((double)N, "ns/iter");
	} else
		return 2;
}
