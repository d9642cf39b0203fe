/* hunt.c: the seeds of hunt.h, one after the other. */
#include "hunt.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>

enum mood mood;
static uint64_t dice;

uint64_t draw(uint64_t n)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

bool may_break(void)
{
	return mood == BREAKING || mood == CUT_OFF;
}

/* The server's host, until cancelled. */
static async void cut_off_now_and_then(async_loop *loop)
{
	for (;;) {
		await async_sleep(0.1 + 0.01 * (double)draw(1000));
		async_sim_cut_off(loop, "127.0.0.1", true);
		await async_sleep(0.01 * (double)draw(500));
		async_sim_cut_off(loop, "127.0.0.1", false);
	}
}

async void see_through(async_loop *loop, async_task(void) *clients, int n, async_task(int) server)
{
	async_task(void) trouble = mood == CUT_OFF ? async_create_task(cut_off_now_and_then(loop)) : 0;

	for (int i = 0; i < n; i++)
		await *clients[i];
	if (trouble) {
		async_cancel(trouble);
		await async_catch(*trouble);
		async_sim_cut_off(loop, "127.0.0.1", false);
	}
	async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0);
	raise(SIGTERM);
	PROMISE(await *server == 0);
	PROMISE(async_all_tasks(NULL, 0) == 1);
}

static void set_up(async_loop *loop, uint64_t seed)
{
	static const double rates[] = {[ASYNC_SIM_SHORT] = 0.2, [ASYNC_SIM_INTERRUPTED] = 0.1, [ASYNC_SIM_AGAIN] = 0.1, [ASYNC_SIM_DELAY] = 0.01};

	dice = seed;
	mood = (enum mood)(seed % N_MOODS);
	async_sim_seed(loop, seed);
	async_sim_shuffle(loop, true);
	async_sim_patience(loop, 0);
	async_sim_network(loop, ASYNC_SIM_NETWORK_CLOSED);
	async_sim_latency(loop, 0, 0.00001 * (double)(1 + draw(10000)));
	async_sim_segments(loop, draw(2) ? 1 + draw(2000) : 0);
	async_sim_buffer(loop, 500 + draw(100000));
	for (int fault = ASYNC_SIM_SHORT; fault <= ASYNC_SIM_DELAY && mood != CALM; fault++)
		async_sim_fault_rate(loop, (enum async_sim_fault)fault, draw(2) ? rates[fault] : 0);
	if (mood == BREAKING)
		async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0.0005 * (double)(1 + draw(40)));
	if (mood == POOR)
		async_sim_fault_rate(loop, ASYNC_SIM_NO_DESCRIPTORS, 0.3);
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* It hangs: who waits for what? */
static void on_alarm(int signal)
{
	(void)signal;
	async_print_tasks();
	_exit(8);
}

static uint64_t run_seed(uint64_t seed)
{
	int before = open_descriptors();
	async_loop *loop = async_loop_new(&async_loop_sim);
	uint64_t hash;

	set_up(loop, seed);
	async_run_on(loop, story(loop));
	PROMISE(async_sim_open_descriptors(loop) == 0);
	PROMISE(async_sim_steps(loop) <= most_steps);
	hash = async_sim_trace_hash(loop);
	async_loop_close(loop);
	PROMISE(open_descriptors() == before);
	return hash;
}

/* False: the seed is bad. */
static bool try_seed(uint64_t seed, uint64_t *hash)
{
	int ends[2], status;
	pid_t child;

	PROMISE(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		signal(SIGALRM, on_alarm);
		alarm(20);
		*hash = run_seed(seed);
		PROMISE(write(ends[1], hash, sizeof *hash) == sizeof *hash);
		exit(0); /* where a sanitizer looks for leaks */
	}
	close(ends[1]);
	status = read(ends[0], hash, sizeof *hash) != sizeof *hash;
	close(ends[0]);
	if (waitpid(child, &status, 0) == child && status == 0)
		return true;
	fprintf(stderr, "seed %" PRIu64 ", mood %d: status %#x\n", seed, (int)(seed % N_MOODS), status);
	return false;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	uint64_t hash, again, bad = 0;

	fflush(stdout);
	for (uint64_t seed = first; seed < first + count; seed++) {
		if (!try_seed(seed, &hash)) {
			bad++;
		} else if (seed % 10 == 0 || count == 1) {
			bool same = try_seed(seed, &again) && again == hash;

			bad += !same;
			if (!same)
				fprintf(stderr, "seed %" PRIu64 ": another hash the second time\n", seed);
		}
	}
	printf("%" PRIu64 " seeds, %" PRIu64 " bad\n", count, bad);
	return bad > 0;
}
