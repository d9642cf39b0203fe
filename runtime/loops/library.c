/* library.c: loading a back end's shared library.  Any thread; what several threads store is the same. */
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

int async__load(const char *library, const char *const *names, void **functions, size_t n)
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
