/* library.h: shared libraries that only some back ends need, loaded when the first of their loops is made, so that no program
 * needs them to start. */
#ifndef ASYNC_LIBRARY_H
#define ASYNC_LIBRARY_H

#include <stddef.h>

/* Looks up n names in the library and stores their addresses; 0, or ELIBACC when it or one of them is not there (said on
 * stderr).  It stays loaded.  Any thread. */
int async__load(const char *library, const char *const *names, void **functions, size_t n);

#endif
