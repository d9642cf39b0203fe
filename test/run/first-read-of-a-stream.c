// The first read of a stream may be one for a line: there is no buffer yet.
// RUN: %exec %s | FileCheck %s
// CHECK: one two 3
#include <async.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
async int main(void)
{
	int ends[2];
	char rest[3];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || write(ends[1], "one\ntwo;abc", 11) != 11)
		return 1;
	close(ends[1]);
	async_stream *s = async_stream_new(ends[0]);
	printf("%.3s ", (await async_stream_readline(s)).data);
	printf("%.3s ", (await async_stream_readuntil(s, ";", 1)).data);
	await async_stream_readexactly(s, rest, sizeof rest);
	printf("%d\n", (int)sizeof rest);
	async_stream_free(s);
	return 0;
}
