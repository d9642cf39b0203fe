/* compiler.h: the map of the compiler.  One titled section per file, in pipeline order; a phase takes the structs of the
 * phases before it and fills its own.  Only the files that include parse.h know libclang; the rest sees the structs below.
 * source.h, program.h and ops.h, included where their phases come, are parts of the map.
 *
 * All memory that belongs to one input comes from unit->arena and goes away with it. */
#ifndef COMPILER_H
#define COMPILER_H

#include "source.h"

/* ======== options.c: what a compiler's options mean to us ======== */

struct words { /* a command line */
	const char **at;
	int n;
};
/* The arguments with each @file replaced by the words in it. */
struct words expand_response_files(struct arena *arena, int argc, char **argv);
struct compiler_option {
	int words;        /* 2: its value is the next argument */
	bool known;       /* asyncc without cc takes it */
	bool for_parsing; /* changes how the source reads: libclang gets it too */
};
struct compiler_option compiler_option(const char *argument);

/* ======== main.c: options, then the phases ======== */

struct options {
	const char *input;       /* path, or "-" */
	const char *output;      /* path, "-", or NULL: standard output */
	const char *own_name;    /* what #line calls our own lines; NULL: after the output */
	const char **clang_args; /* -I, -D, ... for libclang, as given */
	int n_clang_args;
	const char *depfile;     /* -MF, or derived from -MD; NULL: none */
	const char *deptarget;   /* -MT, -MQ, escaped for make; NULL: the output */
	bool dep_phony;          /* -MP: an empty rule per header */
	bool dep_user_only;      /* -MMD: no system headers */
	const char *dump;        /* --dump=PHASE; NULL: none */
	bool lines;              /* #line directives; --no-line turns them off */
	bool maps_lines;         /* -ffile-prefix-map counts for #line too; for `asyncc cc` that is the compiler's business */
	bool frames;             /* --frames */
	bool graph;              /* --graph */
};
/* The whole pipeline for one input: 0, or the exit status 1 after errors were printed. */
int compile_file(const struct options *options);
/* The last part of a path. */
const char *base_name(const char *path);

/* ======== parse.c and clang_diag.c: the libclang unit, clang's own errors ======== */

struct clang_unit; /* libclang's index and translation unit */
/* Parses the source as the user wrote it; prints clang's diagnostics.  NULL if there were errors. */
struct clang_unit *parse_unit(struct unit *unit);
void clang_unit_destroy(struct clang_unit *clang);
/* parse_unit leaves out clang's warnings of missing returns: unit->clang_warnings gets them, by reading the text again. */
void warn_of_returns_too(struct unit *unit);
/* The options that the unit is read with. */
const char **clang_arguments(struct unit *unit, int *n);

#include "program.h"

/* ======== names.c: which names are where in the text ======== */

struct occurrence {
	unsigned at;      /* offset in the text */
	bool is_selected; /* behind `.`, `->` or `goto`: no variable */
};
struct occurrences {
	const struct occurrence *at;
	int n;
};
/* Of the name among the span's tokens, in order; directives are left out. */
struct occurrences occurrences_in(struct unit *unit, struct span span, const char *name);
/* True if some token of the unit's text is this name; also in a directive. */
bool name_is_used(struct unit *unit, const char *name);
/* ... of the span's; directives are left out. */
bool name_is_used_in(struct unit *unit, struct span span, const char *name);
/* No token there, nor in a macro that the file defines. */
bool name_is_free_in(struct unit *unit, struct span span, const char *name);

/* ======== directive.c: directives in functions ======== */

struct spans {
	struct span *at;
	int n;
};
/* The next word of a directive's text: blanks, brackets, quotes and commas before it are skipped; "" if there is none. */
const char *directive_word(struct arena *arena, const char **at, const char *end);
/* What a directive or _Pragma does to a macro. */
struct macro_change {
	enum macro_change_kind { MACRO_UNTOUCHED, MACRO_DEFINED, MACRO_UNDEFINED, MACRO_PUSHED, MACRO_POPPED } kind;
	const char *name;
	bool is_function_like; /* as it is defined there */
};
struct macro_change macro_change_at(struct unit *unit, struct token token);
/* The first directive in the span that defines, undefines or pops the macro; {0, 0}: there is none. */
struct span where_defined_anew(struct unit *unit, struct span span, const char *name);
/* What a #pragma pack in the span has set by its end: "4", "" for the compiler's own; NULL: nothing. */
const char *packing_at(struct unit *unit, struct span span);
/* #pragma GCC unroll and its like before loops with an await: such a loop is not what the C compiler sees. */
struct spans loop_pragmas(struct unit *unit, const struct async_fn *fn);

/* ======== macros.c, invocation.c and popped.c: macros that are invoked, and what their definitions may bring along ======== */

struct names {
	const char **at;
	int n;
};
bool names_have(const struct names *names, const char *name);
/* The first invocation that, or one before which, ends at offset or behind it. */
int first_reaching(const struct reach *reach, unsigned offset);
/* Fills unit->macros: the unit's definitions and where macros are invoked.  libclang shows the declarations at file scope in the
 * same visit, which clang->declarations keeps. */
void record_macros(struct unit *unit);
/* Fills unit->invocations, own_invocations, inclusions and skipped for unit->fns. */
void collect_invocations(struct unit *unit);
/* A keyword or marker of async.h stands in the span, or may come out of it by way of whatever macros. */
enum keyword_use { KEYWORDS_NONE, KEYWORDS_POSSIBLE, KEYWORDS_WRITTEN };
enum keyword_use keywords_in(struct unit *unit, struct span span);
bool is_own_macro(const char *name);
/* ... all of them, NULL at the end. */
const char *const *own_macro_names(void);
/* Everything that is named in the invocation, in its definition, in the definitions of macros named there, and so on. */
struct names names_in_invocation(struct unit *unit, const struct invocation *invocation);
/* The macro stays an invocation wherever it is. */
bool macro_is_kept(struct unit *unit, const char *name);
/* Where the name stands in a text, a compiler may expand it to something else than itself. */
bool may_expand(struct unit *unit, const char *name, bool before_parenthesis);

/* ======== conditional.c: #if and the like in functions ======== */

/* Fills unit->conditionals.  What is live in a frame depends on the path that libclang has taken, so no other is left. */
void find_conditionals(struct unit *unit);

/* ======== dirt.c: invocations that have to be expanded before their function can be lowered ======== */

/* The outermost invocation that holds `offset`; NULL: none. */
const struct invocation *invocation_at(const struct unit *unit, unsigned offset);
/* There may be one in the span. */
bool has_invocations(const struct unit *unit, struct span span);
void add_dirty(struct unit *unit, struct async_fn *fn, const struct invocation *invocation, const char *why);
/* Adds to unit->dirty what can be told without the tree: while there is any, the trees are not to be relied upon. */
void find_hidden_keywords(struct unit *unit);
/* ... and what the function's tree shows. */
void find_dirt(struct unit *unit, struct async_fn *fn);

/* ======== clash.c: macros of the user's that have a name of ours ======== */

struct clashes { /* what a writer of the output keeps */
	struct index candidates; /* the user's macros */
	char first_letters[256]; /* theirs, each once */
	struct spans user_text;  /* of what has been written since find_clashes */
};
struct clashes *new_clashes(struct unit *unit);
void note_user_text(struct unit *unit, struct clashes *clashes, size_t start, size_t end);
/* Adds to unit->clashes what our own words in the text [written) would be replaced by: true if that is news. */
bool find_clashes(struct unit *unit, struct clashes *clashes, const char *text, struct span written);
/* The invocation has one of unit->clashes in it. */
bool names_a_clash(struct unit *unit, const struct invocation *invocation);
/* Refuses one that a function itself defines. */
void check_clashes(struct unit *unit);

/* ======== normalize.c, lift.c and expand.c: functions whose macros must be expanded first ======== */

/* Puts the expansions of dirty invocations, included text and the chosen path of conditionals into unit->source and parses
 * again, until there are none of them in functions.  False if that failed (errors have been printed). */
bool normalize_unit(struct unit *unit);

/* ======== origin.c: where the text comes from in the user's file ======== */

struct expansion {
	struct span span;
	const char *name; /* of the macro */
};
struct origin {
	const struct source *source;
	struct span span;
	const char *macro; /* the span is an invocation of it that became more; NULL: it is what was asked for */
};
struct origin origin_of(const struct unit *unit, struct span where);
/* What stands there came out of a macro. */
bool is_expanded(const struct unit *unit, unsigned offset);
/* What the text is about to become: spans in order, and how many bytes replace each, as the expansion of a macro or
 * (NULL) for another reason. */
struct replacements *replacements_begin(struct unit *unit);
void replacements_add(struct unit *unit, struct replacements *replacements, struct span span, unsigned new_size, const char *macro);
void replacements_end(struct unit *unit, struct replacements *replacements);

/* ======== preprocess.c: clang's executable as a preprocessor ======== */

/* What `clang -E -P` prints, for the caller to free; NULL: an error has been printed, which blames `why`. */
char *run_preprocessor(struct unit *unit, const struct text *input, const struct dirty *why);

/* ======== header.c and address.c: static async functions defined in headers ======== */

/* Takes over those that the unit's functions name.  False after an error. */
bool adopt_header_functions(struct unit *unit);
/* What the entry is called: the user's name, or ours for a function that was taken over, which has one if its address is taken. */
const char *entry_name(struct unit *unit, const struct async_fn *fn);
bool needs_entry(struct unit *unit, const struct async_fn *fn);

/* ======== check.c: what we refuse, one function each ======== */

void check_function(struct unit *unit, struct async_fn *fn);

/* ======== handler.c: async functions given to what cannot run them: signal, atexit, qsort... ======== */

void check_handlers(struct unit *unit);

/* ======== variadic.c: what a caller passes for `...` is there until the first suspension ======== */

/* The call that becomes a task or handle of its own takes such arguments, or a va_list: an error. */
void refuse_started_arguments(struct unit *unit, const struct node *call);
/* Needs a finished cfg.  Refuses a use of them that an await may come before. */
struct cfg;
void check_arguments(struct unit *unit, const struct cfg *cfg);
/* The function has to begin while its caller's stack is as it was: it is variadic, or has a va_list among its parameters. */
bool begins_at_once(const struct callee *callee);

/* ======== warn.c: what we warn of, as the final compiler cannot see it any more ======== */

void warn_functions(struct unit *unit);

/* ======== openmp.c: OpenMP's directives in async functions ======== */

/* Fills fn->openmp_regions, and refuses awaits in them. */
void check_openmp(struct unit *unit, struct async_fn *fn);
bool is_in_openmp_region(const struct async_fn *fn, struct span span);
/* Once variables have their places: refuses directives that name one that is called something else now. */
void check_openmp_names(struct unit *unit, struct async_fn *fn);

#include "ops.h"

/* ======== output.c: indentation, line counter, #line, atomic write ======== */

struct output;
/* own_name is what #line calls our own lines; memory is taken for what usually becomes of so much text. */
struct output *output_create(const char *own_name, bool lines, size_t source_size);
void output_destroy(struct output *output);
/* Text of ours: output_own goes to a fresh line that belongs to the generated file, indented like the user's line at
 * `indent` plus `deeper` tabs; then any output_printf, with no newline at its end needed before the next call. */
void output_own(struct output *output, struct span indent, int deeper, const struct source *source);
/* Ours as well, but for debuggers it is the user's line at `offset`.  Unless the text before was: then it is the one where `user_text` is, which
 * will be on it, or ours if that is 0. */
void output_own_at(struct output *output, struct span indent, int deeper, const struct source *source, unsigned offset, unsigned user_text);
/* The user's: what follows belongs to the user's line at `offset`.  Nothing happens if that is what the counter says
 * already; else a fresh line and a #line, with the indentation of that line if offset is its first non-blank. */
void output_user(struct output *output, const struct source *source, unsigned offset);
void output_text(struct output *output, const char *text, size_t size);
void output_printf(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
void output_vprintf(struct output *output, const char *format, va_list args);
size_t output_size(const struct output *output);
const char *output_data(struct output *output, size_t *size);
/* Writes under a temporary name in the same folder, then renames; a file that already has this content is left alone.
 * path "-" is standard output.  0 or an errno value; nothing half-written stays. */
int write_file(const char *path, const char *data, size_t size);
/* Both are there, and one ordinary file. */
bool is_same_file(const char *a, const char *b);

/* ======== prefix.c: -ffile-prefix-map and its kin ======== */

enum name_use { NAME_IN_LINE /* #line */, NAME_IN_MACRO /* what __FILE__ is, and our descriptors */, NAME_IN_DEBUG };
/* What these options make of a file's name. */
const char *mapped_name(struct arena *arena, const char *const *args, int n_args, enum name_use use, const char *file);
/* There are such options. */
bool maps_names(const struct options *options);
/* The output with the names in its #line directives mapped; to be finished by the caller. */
struct text map_line_directives(struct unit *unit, const char *data, size_t size);

/* ======== emit.c, body.c and theirs (emit.h): frame, states, resume, descriptor, entry; the file around them ======== */

void emit_unit(struct unit *unit, struct output *output);

/* ======== layout.c: where the fields of a generated frame are ======== */

struct field_layout {
	const char *name, *type;
	long offset, size; /* bytes */
};
struct frame_layout {
	long size, align;
	struct { struct field_layout *at; int n; } fields;
};
/* What libclang makes of the unit's output.  NULL if it cannot be read.  Its clang is for clang_unit_destroy. */
struct unit *read_output(struct unit *unit);
struct unit *read_lowered(struct unit *unit, const char *data, size_t size); /* of output that is there already */
struct frame_layout lay_out_frame(struct unit *lowered, const char *function);

/* ======== budget.c: async_no_malloc, async_frame_max ======== */

void check_budgets(struct unit *unit, const char *output, size_t size);

/* ======== dump.c: --dump=PHASE, --frames, --graph ======== */

void dump_tree(struct unit *unit, FILE *to);
void dump_ops(struct unit *unit, FILE *to);
void dump_liveness(struct unit *unit, FILE *to);
void dump_frames(struct unit *unit, FILE *to);
void dump_graph(struct unit *unit, FILE *to);

/* ======== depfile.c: the rule that -MD asks for ======== */

/* 0 or an errno value. */
int write_depfile(struct unit *unit);
/* A file name as a Makefile needs it. */
char *make_escape(struct arena *arena, const char *name);

/* ======== database.c: -p DIR, compile_commands.json ======== */

/* Adds what the database in `folder` says how to read `input` to words; false (an error has been printed) if it does not. */
bool add_database_options(struct arena *arena, const char *folder, const char *input, struct words *words);

/* ======== install.c: where the header and the library are ======== */

/* The folders a program needs beside its own; of the build tree or the installed tree that this executable lies in. */
struct tree {
	const char *include; /* has async.h */
	const char *lib;     /* has libasyncc.a */
	const char *share;   /* has asyncc.mk */
	const char *gdb;     /* has asyncc-gdb.py */
};
struct tree find_tree(struct arena *arena);

/* ======== scan.c: does a file have to do with async C? ======== */

/* The source at path includes async.h, maybe by way of headers in these folders. */
bool file_is_async(const char *path, const struct words *quoted, const struct words *angled, const struct words *forced);
/* The object or archive at path names a function of the runtime. */
bool object_is_async(const char *path);

/* ======== driver.c and command_line.c: `asyncc cc ...` ======== */

/* argv[0] is the compiler.  Its exit status. */
int run_compiler(int argc, char **argv);
#endif
