// A callee with a large frame does not fatten its caller: it takes its frame from the task's arena for the call.
// RUN: %asyncc %s -o - | FileCheck %s
#include <async.h>

static async int send_file(int fd)
{
	char chunk[65536];
	await async_read(fd, chunk, sizeof chunk);
	return chunk[0];
}

// CHECK: struct {{.*}}serve__frame {
// CHECK-NOT: struct send_file__frame send_file;
// CHECK: send_file_1 = send_file__start(fd);
async void serve(int fd)
{
	await send_file(fd);
}
