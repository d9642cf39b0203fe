/* normalize.h: what normalize.c (the rounds), lift.c and expand.c (macros) share.  No other file includes it. */
#ifndef NORMALIZE_H
#define NORMALIZE_H

#include "compiler.h"

/* What is to be done to the unit's text in this round. */
struct change {
	struct span span;
	int number; /* decides which comes first at one place */
	const char *text;
	const char *macro; /* what it is the expansion of; NULL: of none */
};
struct changes {
	struct change *at;
	int n;
};

void add_change(struct unit *unit, struct changes *changes, struct span span, const char *text, const char *macro);
/* The text with the changes made. */
struct text edited(const struct source *source, struct changes *changes);
/* Makes them, and parses again: false after an error. */
bool apply(struct unit *unit, struct changes *changes);
unsigned newlines_in(const struct source *source, struct span span);
void add_newlines(struct text *text, unsigned n);
/* Moves the text to the unit's arena. */
const char *keep_text(struct unit *unit, struct text *text);
const char *line_directive(struct unit *unit, struct place place);

/* lift.c: false if there was nothing to do. */
bool lift_arguments(struct unit *unit, struct changes *changes);

/* expand.c: false after an error. */
bool expand(struct unit *unit, int round);

#endif
