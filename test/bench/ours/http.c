/* http.c: answers each HTTP request with the same few words; the peers do the same work. */
#include "bench.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

/* Answers what has come of requests; how much of it was no whole one and stays. */
static async size_t answer(int fd, char *input, size_t length)
{
	char *at = input, *end;

	input[length] = '\0';
	while ((end = strstr(at, "\r\n\r\n"))) {
		await async_send_all(fd, HTTP_REPLY, sizeof HTTP_REPLY - 1);
		at = end + 4;
	}
	length -= (size_t)(at - input);
	memmove(input, at, length);
	return length;
}

static async void serve(int fd)
{
	char input[4096];
	size_t length = 0;
	ssize_t n;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	async_try
	{
		while ((n = await async_recv(fd, input + length, sizeof input - 1 - length, 0)) > 0)
			length = await answer(fd, input, length + (size_t)n);
	}
	async_except(error)
	{
	}
	async_close(fd);
}

async uint64_t serve_http(int port)
{
	int listener = async_listen("127.0.0.1", port, 1024);

	if (listener < 0)
		return 1;
	for (;;)
		async_create_task(serve(await async_accept(listener, NULL, NULL)));
}
