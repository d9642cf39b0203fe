/* wait_or_cancel.async.c: async_wait that leaves nothing running.
 * Completes: when what it waits for is so, and the others have ended, which it cancels.  Owns: nothing.  Loop's thread.  Cancel: of all
 * that have not ended, and it ends when these have. */
#include <async.h>

#include "runtime.h"

static async void end_all(async_handle *handles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		async_cancel(handles[i]);
	if (n)
		await async_wait(handles, n, ASYNC_ALL_COMPLETED, ASYNC_FOREVER);
}

async size_t async_wait_or_cancel(async_handle *handles, size_t n, enum async_return_when return_when, double timeout)
{
	size_t n_done = 0;

	async_try {
		n_done = await async_wait(handles, n, return_when, timeout);
	} async_except (err) {
		if (err.code == ASYNC_CANCELLED)
			await end_all(handles, n);
		async_reraise();
	}
	await end_all(handles + n_done, n - n_done);
	return n_done;
}
