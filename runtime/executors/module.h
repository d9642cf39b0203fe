/* module.h: constant data's address in a form that holds in another process of the same program. */
#ifndef ASYNC_MODULE_H
#define ASYNC_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in a loaded object, whatever address the loader gave it. */
struct module_place {
	const char *name; /* of the shared object; "" for the program itself.  The loader's string */
	uint64_t offset;
};

/* False: it is in no loaded object, but on a heap or stack. */
bool module_place_of(const void *address, struct module_place *place);
/* The address of size bytes at that place here, loading the object if need be; NULL if there is none. */
const void *module_address_of(const struct module_place *place, size_t size);

#endif
