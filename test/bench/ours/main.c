/* main.c: ours BENCHMARK [N [MS]]: runs one benchmark and prints its result line; ours echo PORT and ours http PORT serve,
 * for a minute. */
#include "bench.h"

#include <unistd.h>

static double calls_of_fib(double n)
{
	double x = 0, y = 1;

	for (int k = 0; k <= (int)n; k++) {
		double z = x + y;

		x = y;
		y = z;
	}
	return 2 * x - 1;
}

struct benchmark {
	const char *name;
	uint64_t (*run)(uint64_t n); /* an async function, or a plain one */
	uint64_t n;
	double operations; /* for each of n; 0: as fib calls itself */
	const char *unit;
	uint64_t (*clock)(void); /* NULL: busy_ns */
};

static const struct benchmark benchmarks[] = {
	{ "await_same_file", await_same_file, 20000000, 1, "ns/await", NULL },
	{ "await_other_file", await_other_file, 20000000, 1, "ns/await", NULL },
	{ "await_pointer", await_pointer, 20000000, 1, "ns/await", NULL },
	{ "yield_deep", yield_deep, 10000000, 1, "ns/yield", NULL },
	{ "yield_one", yield_one, 10000000, 1, "ns/yield", NULL },
	{ "yield_two", yield_two, 5000000, 2, "ns/yield", NULL },
	{ "spawn_await", spawn_await, 3000000, 1, "ns/task", NULL },
	{ "fib", fib, 30, 0, "ns/call", NULL },
	{ "timer_cancel", timer_cancel, 3000000, 1, "ns/timer", NULL },
	{ "queue", queue, 3000000, 1, "ns/roundtrip", NULL },
	{ "queue_library", queue_library, 1000000, 1, "ns/roundtrip", NULL },
	{ "executor", executor, 50000, 1, "ns/roundtrip", now_ns },
	{ "hot_flat", hot_flat, 300 << 20, 1, "ns/iteration", NULL },
	{ "hot_nested", hot_nested, 300 << 20, 1, "ns/iteration", NULL },
	{ "plain_call", plain_call, 20000000, 1, "ns/call", NULL },
	{ "plain_hot_flat", plain_hot_flat, 300 << 20, 1, "ns/iteration", NULL },
	{ "plain_hot_nested", plain_hot_nested, 300 << 20, 1, "ns/iteration", NULL },
};

static async uint64_t run_one(const struct benchmark *b, uint64_t n, uint64_t *took)
{
	uint64_t (*clock)(void) = b->clock ? b->clock : busy_ns;
	uint64_t start = clock(), check = await b->run(n);

	*took = clock() - start;
	return check;
}

static void time_one(const struct benchmark *b, uint64_t n)
{
	double operations = b->operations ? (double)n * b->operations : calls_of_fib((double)n);
	uint64_t took, check = async_run(run_one(b, n, &took));

	report(b->name, (double)took / operations, b->unit, check);
}

/* Milliseconds, as their operations overlap. */
static void time_sleepers(uint64_t n, uint64_t ms)
{
	uint64_t start = now_ns(), check = async_run(sleepers(n, ms));

	report("sleepers", (double)(now_ns() - start) / 1e6 - (double)ms, "ms-beyond", check);
}

static void time_timers(uint64_t n)
{
	uint64_t start = now_ns(), check = async_run(timers(n));

	report("timers", (double)(now_ns() - start) / 1e6, "ms-wall", check);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "echo") || !strcmp(name, "http")) {
		alarm(60);
		return (int)async_run((*name == 'e' ? serve_echo : serve_http)((int)arg_n(argc, argv, 0)));
	}
	if (!strcmp(name, "sleepers")) {
		time_sleepers(arg_n(argc, argv, 1000000), argc > 3 ? strtoull(argv[3], NULL, 10) : 3000);
		return 0;
	}
	if (!strcmp(name, "timers")) {
		time_timers(arg_n(argc, argv, 1000000));
		return 0;
	}
	for (size_t i = 0; i < sizeof benchmarks / sizeof *benchmarks; i++) {
		if (!strcmp(name, benchmarks[i].name)) {
			time_one(&benchmarks[i], arg_n(argc, argv, benchmarks[i].n));
			return 0;
		}
	}
	fprintf(stderr, "no benchmark '%s'\n", name);
	return 2;
}
