/* driver.h: what driver.c (files and processes) and command_line.c (words) share.  No other file includes it. */
#ifndef DRIVER_H
#define DRIVER_H

#include "compiler.h"

struct input { /* a C source on the command line */
	int word;            /* its index */
	const char *path;
	const char *folder;  /* that "header.h" is looked for in */
	const char *lowered; /* the file that stands in for it; NULL: it has no async */
	bool embeds;         /* it has #embed */
	const char *place;   /* the folder of that file, ours */
};

struct build { /* one call of the compiler */
	struct arena *arena;
	struct words words; /* response files expanded */
	struct { struct input *at; int n; } inputs;
	struct words objects;  /* other inputs: .o, .a */
	struct words libraries, library_folders; /* -l, -L */
	struct words parse;    /* what libclang gets */
	struct words quoted, angled, forced; /* -iquote and -I; -I and -isystem; -include */
	const char *output;    /* -o */
	const char *depfile;   /* -MF */
	bool links, stops, depends, is_shared, saves;
	int lowered;           /* inputs that are */
	const char *temporary; /* our folder; NULL: none yet */
	struct tree tree;
};

/* command_line.c */
/* Fills the build from build->words. */
void read_words(struct build *build);
/* The user's command line with the lowered files in place of the sources, ready to be run: for one input, or (NULL) for all. */
struct words compiler_words(struct build *build, const struct input *only);
const struct input *input_at(const struct build *build, int word);
/* The build links and something in it is async. */
bool needs_runtime(struct build *build);
void add_runtime(struct build *build, struct words *to);
/* Of a path; "." if it has none. */
const char *folder_of(struct arena *arena, const char *path);

#endif
