/* install.c: where the header and the library are: beside this executable, in the build tree or the installed one. */
#include "compiler.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The folder two levels above the executable: bin/.. */
static const char *prefix_of_executable(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
	if (size < 0)
		return NULL;
	path[size] = 0;
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(path, '/');
		if (!slash)
			return NULL;
		*slash = 0;
	}
	return arena_copy(arena, path, strlen(path));
}

/* The source folder that a build folder's CMakeCache.txt names; NULL if there is none. */
static const char *source_of_build(struct arena *arena, const char *build)
{
	static const char key[] = "CMAKE_HOME_DIRECTORY:INTERNAL=";
	struct source *cache = source_read(arena, arena_printf(arena, "%s/CMakeCache.txt", build));
	const char *found = cache ? strstr(cache->text, key) : NULL;
	if (!found)
		return NULL;
	found += strlen(key);
	return arena_copy(arena, found, strcspn(found, "\r\n"));
}

static struct tree build_tree(struct arena *arena, const char *build, const char *source)
{
	return (struct tree){
		.include = arena_printf(arena, "%s/include", source),
		.lib = arena_printf(arena, "%s/lib", build),
		.share = arena_printf(arena, "%s/compiler/package", source),
		.gdb = arena_printf(arena, "%s/runtime", source),
	};
}

/* An install folder as configured: relative to the prefix, or absolute. */
static const char *under(struct arena *arena, const char *prefix, const char *folder)
{
	return folder[0] == '/' ? folder : arena_printf(arena, "%s/%s", prefix, folder);
}

struct tree find_tree(struct arena *arena)
{
	const char *prefix = prefix_of_executable(arena);
	if (!prefix)
		return (struct tree){ 0 };
	const char *source = source_of_build(arena, prefix);
	if (source)
		return build_tree(arena, prefix, source);
	struct tree tree = {
		.include = under(arena, prefix, ASYNCC_INSTALL_INCLUDE),
		.lib = under(arena, prefix, ASYNCC_INSTALL_LIB),
		.share = under(arena, prefix, ASYNCC_INSTALL_SHARE),
	};
	tree.gdb = tree.share;
	if (!exists(arena_printf(arena, "%s/async.h", tree.include)))
		tree.include = NULL;
	return tree;
}
