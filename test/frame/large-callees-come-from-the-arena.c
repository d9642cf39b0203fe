// A callee with a large frame does not fatten its caller: its frame is taken from the task's arena for the call.
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
// CHECK: async__push_frame(&send_file__async
async void serve(int fd)
{
	await send_file(fd);
}
