/* command_line.c: a C compiler's command line, taken apart, and put together for a file that was lowered and for the runtime. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);
	return size > end_size && !strcmp(text + size - end_size, end);
}

const char *folder_of(struct arena *arena, const char *path)
{
	const char *base = base_name(path);
	if (base == path)
		return ".";
	return base == path + 1 ? "/" : arena_copy(arena, path, (size_t)(base - path - 1));
}

static void take_input(struct build *build, int word, const char *language)
{
	const char *path = build->words.at[word];
	bool is_c = language ? !strcmp(language, "c") : ends_with(path, ".c");
	if (is_c && strcmp(path, "-")) {
		struct input input = { .word = word, .path = path, .folder = folder_of(build->arena, path) };
		list_add(build->arena, &build->inputs, input);
	} else if (ends_with(path, ".o") || ends_with(path, ".a") || ends_with(path, ".lo")) {
		list_add(build->arena, &build->objects, path);
	}
}

static const char *const modes_without_linking[] = { "-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "-r", "-V", "--version",
	"--help", "-dumpversion", "-dumpmachine", "-dumpspecs", "-###", "-nostdlib", "-nodefaultlibs" };

static void take_mode(struct build *build, const char *word)
{
	for (size_t i = 0; i < sizeof modes_without_linking / sizeof *modes_without_linking; i++)
		if (!strcmp(word, modes_without_linking[i]))
			build->links = false;
	if (starts_with(word, "-print-") || starts_with(word, "--print-"))
		build->links = false;
	if (!strcmp(word, "-M") || !strcmp(word, "-MM") || !strcmp(word, "-fsyntax-only"))
		build->stops = true;
	if (!strcmp(word, "-MD") || !strcmp(word, "-MMD"))
		build->depends = true;
	if (!strcmp(word, "-shared"))
		build->is_shared = true;
	if (starts_with(word, "-save-temps"))
		build->saves = true;
}

/* The lists that collect an option's values, by its name. */
static void take_value(struct build *build, const char *name, const char *value)
{
	const struct {
		const char *name;
		struct words *lists[2];
	} collected[] = {
		{ "-iquote", { &build->quoted, NULL } }, { "-isystem", { &build->angled, NULL } }, { "-idirafter", { &build->angled, NULL } },
		{ "-include", { &build->forced, NULL } }, { "-I", { &build->quoted, &build->angled } }, { "-L", { &build->library_folders, NULL } },
		{ "-l", { &build->libraries, NULL } },
	};
	for (size_t i = 0; i < sizeof collected / sizeof *collected; i++)
		for (int k = 0; k < 2 && collected[i].lists[k] && !strcmp(name, collected[i].name); k++)
			list_add(build->arena, collected[i].lists[k], value);
	if (!strcmp(name, "-o"))
		build->output = value;
	if (!strcmp(name, "-MF"))
		build->depfile = value;
}

/* Takes the option at word i; answers how many words it has. */
static int take_option(struct build *build, int i, const char **language)
{
	static const char *const valued[] = { "-iquote", "-isystem", "-idirafter", "-include", "-MF", "-I", "-L", "-l", "-o", "-x" };
	const char *word = build->words.at[i];
	struct compiler_option option = compiler_option(word);
	int words = i + option.words <= build->words.n ? option.words : 1;
	for (int k = 0; k < words && option.for_parsing; k++)
		list_add(build->arena, &build->parse, build->words.at[i + k]);
	for (size_t v = 0; v < sizeof valued / sizeof *valued; v++) {
		if (!starts_with(word, valued[v]))
			continue;
		const char *value = words == 2 ? build->words.at[i + 1] : word + strlen(valued[v]);
		take_value(build, valued[v], value);
		if (!strcmp(valued[v], "-x"))
			*language = strcmp(value, "none") ? value : NULL;
		break;
	}
	take_mode(build, word);
	return words;
}

void read_words(struct build *build)
{
	const char *language = NULL; /* -x */
	build->links = true;
	for (int i = 1; i < build->words.n;) {
		const char *word = build->words.at[i];
		if (word[0] == '-' && word[1])
			i += take_option(build, i, &language);
		else
			take_input(build, i++, language);
	}
}

static bool library_is_async(struct build *build, const char *name)
{
	const char *file = name[0] == ':' ? name + 1 : arena_printf(build->arena, "lib%s.a", name); /* -l:FILE */
	for (int i = 0; i < build->library_folders.n; i++)
		if (object_is_async(arena_printf(build->arena, "%s/%s", build->library_folders.at[i], file)))
			return true;
	return false;
}

bool needs_runtime(struct build *build)
{
	if (!build->links)
		return false;
	bool answer = build->lowered > 0;
	for (int i = 0; i < build->objects.n && !answer; i++)
		answer = object_is_async(build->objects.at[i]);
	for (int i = 0; i < build->libraries.n && !answer; i++)
		answer = library_is_async(build, build->libraries.at[i]);
	return answer;
}

static void add_words(struct arena *arena, struct words *to, const char *blank_separated)
{
	for (const char *p = blank_separated; *(p += strspn(p, " "));) {
		size_t size = strcspn(p, " ");
		list_add(arena, to, arena_copy(arena, p, size));
		p += size;
	}
}

static bool names_runtime(const struct build *build)
{
	for (int i = 0; i < build->libraries.n; i++)
		if (!strcmp(build->libraries.at[i], "asyncc"))
			return true;
	return false;
}

/* A program gets the static library.  A shared library gets the shared one, as there must be one runtime in a process; and
 * so does a program that says -lasyncc itself. */
void add_runtime(struct build *build, struct words *to)
{
	struct arena *arena = build->arena;
	list_add(arena, to, "-xnone"); /* a -x of the user's would make sources of them */
	if (build->is_shared || names_runtime(build)) {
		list_add(arena, to, arena_printf(arena, "-L%s", build->tree.lib));
		list_add(arena, to, arena_printf(arena, "-Wl,-rpath,%s", build->tree.lib));
		list_add(arena, to, "-lasyncc");
	} else {
		list_add(arena, to, arena_printf(arena, "%s/libasyncc.a", build->tree.lib));
		add_words(arena, to, ASYNCC_LINK_LIBRARIES);
	}
	list_add(arena, to, "-pthread");
}

const struct input *input_at(const struct build *build, int word)
{
	for (int i = 0; i < build->inputs.n; i++)
		if (build->inputs.at[i].word == word)
			return &build->inputs.at[i];
	return NULL;
}

/* What makes the stand-in be compiled as if it lay where the user's file does. */
static void add_place(struct build *build, struct words *to, const struct input *input)
{
	struct arena *arena = build->arena;
	list_add(arena, to, "-iquote");
	list_add(arena, to, input->folder);
	if (input->embeds)
		list_add(arena, to, arena_printf(arena, "--embed-dir=%s", input->folder));
	/* One map applies to a name, so what the user's would make of it is for us to say. */
	const char *name = mapped_name(arena, build->words.at, build->words.n, NAME_IN_DEBUG, input->path);
	list_add(arena, to, arena_printf(arena, "-ffile-prefix-map=%s=%s", input->lowered, name));
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* The compiler's command line with the lowered files in their places; `only`: that one input, the others left out. */
struct words compiler_words(struct build *build, const struct input *only)
{
	struct words words = { 0 };
	bool placed = false;
	for (int i = 0; i < build->words.n; i++) {
		const char *word = build->words.at[i];
		const struct input *input = input_at(build, i);
		if (!placed && i > 0 && (is_option(word) || input)) { /* after `ccache gcc` */
			for (int k = 0; k < build->inputs.n; k++)
				if (build->inputs.at[k].lowered && (!only || only == &build->inputs.at[k]))
					add_place(build, &words, &build->inputs.at[k]);
			placed = true;
		}
		if (input && only && input != only)
			continue;
		if (only && build->links && starts_with(word, "-o")) { /* names the program, not this object */
			i += compiler_option(word).words - 1;
			continue;
		}
		list_add(build->arena, &words, input && input->lowered ? input->lowered : word);
	}
	if (build->lowered && build->forced.n) /* a header that comes before the output's own #define */
		list_add(build->arena, &words, "-DASYNC_LOWERED=1");
	list_add(build->arena, &words, "-I");
	list_add(build->arena, &words, build->tree.include);
	return words;
}
