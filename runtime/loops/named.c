/* named.c: which back ends there are.  The list is what this library was built with: an archive's member that is only weakly
 * referenced would stay out of a program.  Any thread. */
#include "../runtime.h"

#include <stdio.h>
#include <stdlib.h>

static const async_loop_backend *const backends[] = {
	&async_loop_epoll,
	&async_loop_poll,
	&async_loop_sim,
#ifdef ASYNC_HAVE_LIBURING
	&async_loop_io_uring,
#endif
#ifdef ASYNC_HAVE_LIBUV
	&async_loop_libuv,
#endif
};

const async_loop_backend *async_loop_find(const char *name)
{
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
		if (!strcmp(backends[i]->name, name))
			return backends[i];
	return NULL;
}

/* An unknown or missing one is an error rather than a surprise. */
const async_loop_backend *async__default_backend(void)
{
	const char *name = getenv("ASYNC_LOOP");
	const async_loop_backend *backend;

	if (!name || !*name)
		return &async_loop_epoll;
	backend = async_loop_find(name);
	if (!backend)
		fprintf(stderr, "asyncc: ASYNC_LOOP=%s: there is no such loop here\n", name);
	return backend;
}
