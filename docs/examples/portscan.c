/* portscan: which TCP ports of a host accept connections.
 *
 *	portscan [-c connections at a time] [-t seconds per port] [-p first-last] host
 *
 * Each of the workers takes the next port until there is none left: that is all it takes to bound the concurrency. */
#include <async.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX 1000

struct scan {
	struct addrinfo *host;
	int first, last, next; /* ports */
	double patience;       /* seconds until a silent port counts as closed */
	int n_open;
	bool open[65536];
};

async bool is_open(struct scan *scan, int port)
{
	struct sockaddr_storage address;
	memcpy(&address, scan->host->ai_addr, scan->host->ai_addrlen);
	((struct sockaddr_in *)&address)->sin_port = htons((in_port_t)port); /* sin6_port is at the same place */

	int fd = socket(scan->host->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		async_raise(errno, "socket: %s", strerror(errno));
	async_try {
		await async_wait_for(async_connect_fd(fd, (struct sockaddr *)&address, scan->host->ai_addrlen),
				     scan->patience);
		return true;
	} async_except_error(err) {
		return false;
	} async_finally {
		async_close(fd);
	}
}

async void work(struct scan *scan)
{
	while (scan->next <= scan->last) {
		int port = scan->next++;
		scan->open[port] = await is_open(scan, port);
		scan->n_open += scan->open[port];
	}
}

async void show_progress(const struct scan *scan)
{
	int total = scan->last - scan->first + 1;
	async_try {
		for (;;) {
			fprintf(stderr, "\r%d of %d ports, %d open", scan->next - scan->first, total, scan->n_open);
			await async_sleep(0.1);
		}
	} async_finally {
		fprintf(stderr, "\r\033[K");
	}
}

async int scan_ports(struct scan *scan, int n_workers)
{
	async_handle workers[WORKERS_MAX];
	for (int i = 0; i < n_workers; i++)
		workers[i] = async_create_task(work(scan));
	async_task(void) progress = isatty(STDERR_FILENO) ? async_create_task(show_progress(scan)) : NULL;
	async_try {
		await async_gather_n(workers, (size_t)n_workers);
	} async_finally {
		async_cancel(progress);
		await async_catch(*progress);
	}
	for (int port = scan->first; port <= scan->last; port++)
		if (scan->open[port])
			printf("%d\n", port);
	return scan->n_open > 0 ? 0 : 1;
}

async int main(int argc, char **argv)
{
	static struct scan scan = {.first = 1, .last = 1024, .patience = 1};
	int n_workers = 100;
	for (int option; (option = getopt(argc, argv, "c:t:p:")) != -1;) {
		if (option == 'c')
			n_workers = atoi(optarg);
		else if (option == 't')
			scan.patience = atof(optarg);
		else if (option != 'p' || sscanf(optarg, "%d-%d", &scan.first, &scan.last) != 2)
			return 2;
	}
	if (optind != argc - 1 || n_workers < 1 || n_workers > WORKERS_MAX || scan.first < 1 || scan.last > 65535) {
		fprintf(stderr, "usage: portscan [-c connections] [-t seconds] [-p first-last] host\n");
		return 2;
	}
	scan.next = scan.first;

	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *host;
	int problem = await async_run_in_executor(NULL, getaddrinfo(argv[optind], NULL, &hints, &host));
	if (problem) {
		fprintf(stderr, "portscan: %s: %s\n", argv[optind], gai_strerror(problem));
		return 2;
	}
	scan.host = host;
	async_try {
		return await scan_ports(&scan, n_workers);
	} async_finally {
		freeaddrinfo(host);
	}
}
