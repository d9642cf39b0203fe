/* source.h: what all phases stand on: memory, a file's text and tokens, messages.  Included by compiler.h. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ======== util.c: arena, string builder, growing arrays ======== */

struct arena; /* memory freed all at once */
struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL is fine */
void arena_clear(struct arena *arena); /* frees all that is in it; what comes next takes the same memory */
void *arena_alloc(struct arena *arena, size_t size); /* zeroed; never NULL: out of memory ends the program with a message */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);
char *arena_copy(struct arena *arena, const char *text, size_t size); /* terminated */

struct text { /* a string being built; zeroed is empty; heap */
	char *data;
	size_t size, capacity;
};
void text_reserve(struct text *text, size_t more); /* room for so many bytes and a terminating zero */
void text_add(struct text *text, const char *data, size_t size);
void text_puts(struct text *text, const char *s);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args);
void text_finish(struct text *text);

/* Appends to `struct { T *at; int n; } list` whose memory is the arena's; doubles like a vector.  `list` is evaluated several times. */
#define list_add(arena, list, item) \
	(((list)->at = list_grow((arena), (list)->at, sizeof *(list)->at, (list)->n)), (list)->at[(list)->n++] = (item))
void *list_grow(struct arena *arena, void *at, size_t item_size, int n);

/* The first of n things of `size` bytes, in ascending order, whose unsigned at `key` is not before offset; n: none. */
int find_first(const void *at, int n, size_t size, size_t key, unsigned offset);
#define first_from(list, type, member, offset) find_first((list).at, (list).n, sizeof(type), offsetof(type, member), (offset))

struct index { /* what belongs to a pointer, or to a name; zeroed is empty; its memory is the arena's */
	bool of_names;
	struct index_entry { const void *key /* NULL: free */; void *value; } *at;
	size_t capacity, n; /* capacity is a power of two */
};
void *index_get(const struct index *index, const void *key); /* NULL: nothing does */
void index_put(struct arena *arena, struct index *index, const void *key, void *value); /* the key is kept, not copied */

/* ======== source.c and token.c: a file's text, its lines, its tokens ======== */

struct span { /* [start, end) in the unit's text */
	unsigned start, end;
};

struct place { /* what a reader calls a position: #line directives in the text count */
	const char *file;
	unsigned line, column; /* from 1; columns count bytes */
};

struct source {
	const char *path; /* as the user gave it */
	char *text;       /* terminated; size bytes before that */
	unsigned size;
	unsigned *line_starts; /* offsets, n_lines of them */
	struct place *line_places; /* the file and line each line is presumed to be; column unused */
	unsigned n_lines;
	unsigned *latest_line; /* the index of the one that was asked for: the next one is near */
	struct { struct span *at; int n; } directives; /* each a whole logical line */
	struct { struct token *at; int n; } tokens; /* all of them, with a TOKEN_END */
	int *first_tokens; /* of each TOKEN_CELL bytes: the number of the first token that begins there or behind */
};

/* Reads a file ("-" is standard input).  NULL with errno set. */
struct source *source_read(struct arena *arena, const char *path);
/* The same from text that is already there, as if it were the file. */
struct source *source_from_text(struct arena *arena, const char *path, const char *text, size_t size);
struct place source_place(const struct source *source, unsigned offset);
/* `#line N "file"` or `# N "file" flags`: where the next line is presumed to be.  *file stays NULL if none is named; it is the
 * text between the quotes, escapes and all. */
bool parse_line_directive(const char *text, size_t size, unsigned *line, const char **file, size_t *file_size);
/* The offset of the first byte of offset's line, and the white space that line begins with. */
unsigned source_line_start(const struct source *source, unsigned offset);
struct span source_indent(const struct source *source, unsigned offset);
static inline bool span_is(const struct source *source, struct span span, const char *text)
{
	size_t size = strlen(text);
	return span.end - span.start == size && !memcmp(source->text + span.start, text, size);
}
static inline bool span_contains(struct span outer, struct span inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_CHARACTER, TOKEN_PUNCTUATION, TOKEN_DIRECTIVE };
struct token {
	enum token_kind kind;
	struct span span; /* a directive's is its whole logical line */
};
/* The token at or after offset, comments and white space skipped; before `end`, or TOKEN_END. */
struct token next_token(const struct source *source, unsigned offset, unsigned end);
static inline bool token_is(const struct source *source, struct token token, const char *text)
{
	return token.kind != TOKEN_END && span_is(source, token.span, text);
}
/* The first directive at or after offset, in source->directives. */
int first_directive(const struct source *source, unsigned offset);
/* Some directive may be an #embed, whose file is looked for beside the source as an #include's is, but by an option of its own. */
bool source_embeds(const struct source *source);
/* source_from_text's: fills tokens, first_tokens and directives. */
void read_tokens(struct arena *arena, struct source *source);
/* The offset of the bracket that closes the one at `open`, or `end`. */
unsigned closing_bracket(const struct source *source, unsigned open, unsigned end);

/* ======== diag.c: errors, warnings, notes, in clang's format with caret and fix-it ======== */

struct unit;
void error_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, about an included file's text. */
void error_in(struct unit *unit, const struct source *file, struct span where, const char *format, ...) __attribute__((format(printf, 4, 5)));
void warning_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
void note_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A note that shows `replacement` for the text of `where` under the caret, as clang shows a fix-it. */
void fixit_at(struct unit *unit, struct span where, const char *replacement, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* An error that has no place in a source: options, files. */
void error_plain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A bug of ours: says so, asks for a report, exits with status 70. */
_Noreturn void ice(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
