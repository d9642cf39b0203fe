/* Blocking work runs in the loop's own pool, in a thread pool of one's own, and in a process pool. */
#include <async.h>
#include <stdio.h>
#include <unistd.h>

static const char *blocking_io(void)
{
	usleep(100000);
	return "io";
}

static long long cpu_bound(int n)
{
	long long sum = 0;
	for (long long i = 0; i < n; i++)
		sum += i * i;
	return sum;
}

static bool in_other_process(pid_t pid)
{
	return getpid() != pid;
}

static const char *truth(bool b)
{
	return b ? "True" : "False";
}

async int main(void)
{
	int64_t t0 = async_time();
	const char *io[3];
	await async_gather(io[0] = async_run_in_executor(NULL, blocking_io()),
			   io[1] = async_run_in_executor(NULL, blocking_io()),
			   io[2] = async_run_in_executor(NULL, blocking_io()));
	printf("['%s', '%s', '%s']\n", io[0], io[1], io[2]);
	printf("concurrently: %s\n", truth(async_time() - t0 < 250000000));

	async_executor *threads = async_thread_pool_new(0);
	printf("thread pool %lld\n", await async_run_in_executor(threads, cpu_bound(1000)));
	async_executor_shutdown(threads, true);

	async_executor *processes = async_process_pool_new(0);
	printf("process pool %lld\n", await async_run_in_executor(processes, cpu_bound(100000)));
	printf("other process: %s\n", truth(await async_run_in_executor(processes, in_other_process(getpid()))));
	async_executor_shutdown(processes, true);
	return 0;
}
