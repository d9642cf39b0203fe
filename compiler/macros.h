/* macros.h: what macros.c (definitions), invocation.c and popped.c (where they are used) share.  No other file includes it. */
#ifndef MACROS_H
#define MACROS_H

#include "tree.h"

struct macro {
	const char *name;
	CXCursor cursor;
	bool is_function_like;
	int order;       /* in the unit */
	/* by read_definition() */
	bool read;
	unsigned effects; /* of its own words */
	bool is_operand; /* its own words are, if the one that begins them is */
	bool ends_in_name;
	bool is_itself;  /* #define X X */
	struct names names; /* identifiers in the body, parameters left out */
};

enum { STRINGIFIES = 1, PASTES = 2, HAS_KEYWORD = 4, COUNTS = 8 };

struct macros {
	struct macro *at; /* by name, then order */
	int n;
	struct { CXCursor *at; int n; } expansions; /* in the main file */
	struct { CXCursor *at; int n; } inclusions; /* anywhere */
	CXFile async_file, async_folder_file; /* async.h, and a header of the folder async */
};

/* Everything reachable from the names: in their definitions, in the definitions of macros named there, and so on. */
void close_names(struct unit *unit, struct names *names);
/* What the name's definition, if it is a macro, names. */
void add_reachable(struct unit *unit, struct names *names, const char *name);
/* STRINGIFIES... of all of them. */
unsigned effects_of(struct unit *unit, const struct names *names);
/* What the macro becomes is a primary expression. */
bool name_is_operand(struct unit *unit, const char *name, int depth);
/* What the macro becomes may take a parenthesis after the invocation for arguments. */
bool may_take_more(struct unit *unit, const char *name, int depth);
CXFile file_of(CXCursor cursor);
/* The name is a macro by a definition that is not in the input's text. */
bool is_defined_outside(struct unit *unit, const char *name, bool *is_function_like);
/* invocation.c: one of them, if it is in a function. */
void add_invocation(struct unit *unit, const char *name, struct span span);
/* popped.c: those that libclang does not tell of; some may be known. */
void add_popped(struct unit *unit);

#endif
