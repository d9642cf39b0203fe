/* library.c: loading a back end's shared library, once.  Any thread. */
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The last name is stored last: if it is there, all are. */
static int load(const char *library, const char *const *names, void **functions, size_t n)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; handle && i < n; i++) {
		functions[i] = dlsym(handle, names[i]);
		if (!functions[i])
			handle = NULL;
	}
	if (handle)
		return 0;
	fprintf(stderr, "asyncc: %s\n", dlerror());
	return ELIBACC;
}

int async__load(const char *library, const char *const *names, void **functions, size_t n)
{
	int err;

	pthread_mutex_lock(&lock);
	err = functions[n - 1] ? 0 : load(library, names, functions, n);
	pthread_mutex_unlock(&lock);
	return err;
}
