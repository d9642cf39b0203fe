/* module.c: places in loaded objects, by way of the loader's own list.  Any thread; owns nothing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "module.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

struct search {
	uintptr_t address;  /* looked for, if not 0 */
	const char *wanted; /* else the object's name */
	uint64_t offset;
	size_t size;
	const char *name; /* found */
	bool program;     /* the first object listed is the program */
};

static bool inside(const struct dl_phdr_info *info, uintptr_t address, size_t size)
{
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_LOAD && address >= start && size <= segment->p_memsz &&
		    address - start <= segment->p_memsz - size)
			return true;
	}
	return false;
}

static const char *name_of(const struct dl_phdr_info *info, struct search *search)
{
	bool program = search->program;

	search->program = false;
	return program || !info->dlpi_name ? "" : info->dlpi_name;
}

static int find_address(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	const char *name = name_of(info, search);

	(void)size;
	if (!inside(info, search->address, 1))
		return 0;
	search->name = name;
	search->offset = search->address - info->dlpi_addr;
	return 1;
}

static int find_name(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	const char *name = name_of(info, search);
	uintptr_t address = info->dlpi_addr + search->offset;

	(void)size;
	if (strcmp(name, search->wanted) != 0)
		return 0;
	search->name = name;
	search->address = inside(info, address, search->size) ? address : 0;
	return 1;
}

bool module_place_of(const void *address, struct module_place *place)
{
	struct search search = {.address = (uintptr_t)address, .program = true};

	if (!dl_iterate_phdr(find_address, &search))
		return false;
	place->name = search.name;
	place->offset = search.offset;
	return true;
}

const void *module_address_of(const struct module_place *place, size_t size)
{
	struct search search = {.wanted = place->name, .offset = place->offset, .size = size, .program = true};

	if (!dl_iterate_phdr(find_name, &search)) {
		/* A plug-in that the program had loaded; it stays loaded, as jobs may leave pointers into it. */
		if (!place->name[0] || !dlopen(place->name, RTLD_NOW | RTLD_GLOBAL))
			return NULL;
		search.program = true;
		if (!dl_iterate_phdr(find_name, &search))
			return NULL;
	}
	return (const void *)search.address;
}
