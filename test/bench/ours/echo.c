/* echo.c: the TCP echo server. */
#include "bench.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static async void serve(int fd)
{
	char buffer[512];
	ssize_t n;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	async_try
	{
		while ((n = await async_recv(fd, buffer, sizeof buffer, 0)) > 0)
			await async_send_all(fd, buffer, (size_t)n);
	}
	async_except(error)
	{
	}
	async_close(fd);
}

async uint64_t serve_echo(int port)
{
	int listener = async_listen("127.0.0.1", port, 1024);

	if (listener < 0)
		return 1;
	for (;;)
		async_create_task(serve(await async_accept(listener, NULL, NULL)));
}
