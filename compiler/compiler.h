/* compiler.h: the map of the compiler.  One titled section per file, in pipeline order; a phase takes the structs of the
 * phases before it and fills its own.  Only the files that include parse.h know libclang; the rest sees the structs below.
 *
 * All memory that belongs to one input comes from unit->arena and goes away with it. */
#ifndef COMPILER_H
#define COMPILER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ======== util.c: arena, string builder, growing arrays ======== */

struct arena; /* memory freed all at once */
struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL is fine */
void *arena_alloc(struct arena *arena, size_t size); /* zeroed; never NULL: out of memory ends the program with a message */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);
char *arena_copy(struct arena *arena, const char *text, size_t size); /* terminated */

struct text { /* a string being built; zeroed is empty; heap */
	char *data;
	size_t size, capacity;
};
void text_add(struct text *text, const char *data, size_t size);
void text_puts(struct text *text, const char *s);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args);
void text_finish(struct text *text);

/* Appends to `struct { T *at; int n; } list` whose memory is the arena's; doubles like a vector. */
#define list_add(arena, list, item) \
	(((list)->at = list_grow((arena), (list)->at, sizeof *(list)->at, (list)->n)), (list)->at[(list)->n++] = (item))
void *list_grow(struct arena *arena, void *at, size_t item_size, int n);

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
	unsigned *next_tokens; /* per offset where a token begins or ends: the number of the one at or after it, from 1; else 0 */
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
/* source_from_text's: fills tokens, next_tokens and directives. */
void read_tokens(struct arena *arena, struct source *source);
/* The offset of the bracket that closes the one at `open`, or `end`. */
unsigned closing_bracket(const struct source *source, unsigned open, unsigned end);

/* ======== diag.c: errors, warnings, notes, in clang's format with caret and fix-it ======== */

struct unit;
void error_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
void warning_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
void note_at(struct unit *unit, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A note that shows `replacement` for the text of `where` under the caret, as clang shows a fix-it. */
void fixit_at(struct unit *unit, struct span where, const char *replacement, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* An error that has no place in a source: options, files. */
void error_plain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A bug of ours: says so, asks for a report, exits with status 70. */
_Noreturn void ice(const char *format, ...) __attribute__((format(printf, 1, 2)));

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

/* ======== type.c: types, and how to write them down ======== */

enum type_kind {
	TYPE_VOID, TYPE_SCALAR /* arithmetic, enum, _Bool */, TYPE_POINTER, TYPE_ARRAY, TYPE_VLA, TYPE_FUNCTION, TYPE_RECORD,
	TYPE_VECTOR, TYPE_OTHER
};
struct type {
	enum type_kind kind;
	const char *name;    /* what is written before a declarator: "unsigned int", "struct point", "size_t"; of the innermost type */
	const char *spelling; /* as clang writes it, for messages */
	bool is_const, is_volatile, is_restrict, is_atomic;
	bool is_handle;      /* a pointer into the handles' address space */
	bool is_unnamed;     /* a struct, union or enum without a name: cannot be written down again */
	bool is_local;       /* its declaration is inside a function: cannot be named at file scope */
	struct local_type *local; /* its declaration, if is_local and it can move */
	bool is_char;        /* plain char */
	bool is_va_list;     /* or what a parameter of that type is */
	bool has_pointers;   /* it is one, or has a member that is or may be one */
	bool is_unassignable; /* a struct or union with a const member: only copied as bytes */
	bool by_name;        /* written by its name alone, whatever it is made of: a typedef */
	struct type *to;     /* pointee, element or function result */
	long count;          /* TYPE_ARRAY: elements */
	const char *bound;   /* TYPE_VLA: what keeps the number of elements; NULL: it cannot be written down */
	struct type **params; /* TYPE_FUNCTION */
	int n_params;
	bool is_variadic, has_prototype;
	long size, align;    /* bytes; -1 if not known */
};
/* A declaration of `name` with the type, top-level const dropped: "int (*name)[3]".  name "" gives the type alone. */
const char *declare(struct unit *unit, const struct type *type, const char *name);
/* A VLA, or something that points to one. */
bool has_run_time_size(const struct type *type);
/* It has a name that is known at file scope. */
bool is_nameable(const struct type *type);

/* ======== parse.c and clang_diag.c: the libclang unit, clang's own errors ======== */

struct clang_unit; /* libclang's index and translation unit */
/* Parses the source as the user wrote it; prints clang's diagnostics.  NULL if there were errors. */
struct clang_unit *parse_unit(struct unit *unit);
void clang_unit_destroy(struct clang_unit *clang);
/* The options that the unit is read with. */
const char **clang_arguments(struct unit *unit, int *n);

/* ======== collect.c; tree.c and tree_*.c: cursors -> struct async_fn and its tree ======== */

enum node_kind {
	/* expressions */
	N_CONST,            /* literals, enumerators, sizeof: evaluates nothing */
	N_REF,              /* a parameter or an automatic local: var, name_at */
	N_GLOBAL,           /* any other object */
	N_FUNCTION,         /* a function's name: name, callee */
	N_MEMBER,           /* [base]; is_arrow */
	N_INDEX,            /* [base, index] */
	N_CALL,             /* [function, arguments...] */
	N_UNARY,            /* [operand]; op */
	N_BINARY,           /* [left, right] */
	N_AND, N_OR,        /* [left, right] */
	N_ASSIGN,           /* [target, value] */
	N_COMPOUND_ASSIGN,  /* [target, value] */
	N_CONDITIONAL,      /* [condition, then, else] */
	N_ELVIS,            /* [condition, else]: GNU a ?: b */
	N_COMMA,            /* [left, right] */
	N_CAST,             /* [operand], explicit */
	N_CONVERSION,       /* [operand], implicit: same span as its operand */
	N_PAREN,            /* [operand] */
	N_INIT_LIST,        /* [elements...] in the order written */
	N_DESIGNATED,       /* [value] */
	N_COMPOUND_LITERAL, /* [N_INIT_LIST] */
	N_STMT_EXPR,        /* [N_COMPOUND] */
	N_OTHER,            /* [kids...] evaluated left to right as far as we know; no await inside */
	N_AWAIT,            /* [awaitable] */
	/* what async.h's markers mean */
	N_GATHER,           /* [elements...]: an awaitable, or N_ASSIGN with an awaitable at the right */
	N_WAIT_FOR,         /* [awaitable, seconds] */
	N_SHIELD,           /* [awaitable] */
	N_CATCH,            /* [awaitable, or N_ASSIGN with one] */
	N_EXECUTOR,         /* [pool, call]; name: "abandon" or NULL */
	N_MAP,              /* async_executor_map: [pool, at_once, results, function, arguments, n] */
	N_AWAITABLE,        /* [pointer to the object's struct async_awaitable] */
	N_QUEUE,            /* name "get" or "join": [queue]; "put": [queue, value] */
	N_CREATE_TASK, N_CREATE_TASK_EAGER, N_COROUTINE, /* [awaitable] */
	N_CREATE_TASK_IN,   /* [group, awaitable] */
	N_RUN,              /* [awaitable] */
	N_RUN_ON,           /* [loop, awaitable] */
	N_RUN_THREADSAFE,   /* [loop, awaitable] */
	N_RAISE,            /* [code, format, arguments...] */
	N_RAISE_ERROR,      /* [error] */
	N_RERAISE,
	/* statements */
	N_COMPOUND,         /* [statements...] */
	N_DECL_STMT,        /* [N_VAR or N_OTHER_DECL...] */
	N_VAR,              /* [initialiser]; var; an automatic local's declarator */
	N_OTHER_DECL,       /* typedefs, tags, statics, externs, prototypes: copied as written */
	N_EXPR_STMT,        /* [expression] */
	N_IF,               /* [condition, then, else or NULL] */
	N_WHILE,            /* [condition, body] */
	N_DO,               /* [body, condition] */
	N_FOR,              /* [init, condition, increment, body]: the first three may be NULL */
	N_SWITCH,           /* [value, body] */
	N_CASE,             /* [statement]; the label's text is copied as written */
	N_DEFAULT,          /* [statement] */
	N_LABEL,            /* [statement]; name */
	N_GOTO,             /* name */
	N_INDIRECT_GOTO,    /* [target] */
	N_RETURN,           /* [value] or nothing */
	N_BREAK, N_CONTINUE,
	N_NULL,             /* ; */
	N_ASM,              /* [operands...] */
	N_TRY,              /* [body, except body or NULL, finally body or NULL]; var is the caught error */
	N_TIMEOUT,          /* [seconds, body]; var is the scope, or NULL */
	N_GROUP,            /* [body]; var is the group */
	N_OTHER_STMT
};

struct var;
struct rope;
struct async_fn;
struct callee;

/* Of an async_executor_map. */
struct map {
	struct type *taken, *returned;  /* the function's argument and result */
	struct type *argument, *result; /* the arrays' elements */
};
struct node {
	enum node_kind kind;
	struct span span;    /* what the user wrote; a macro's whole invocation for what comes out of a clean macro */
	struct type *type;   /* of an expression */
	struct node **kids;
	int n_kids;
	struct var *var;
	struct callee *callee; /* N_FUNCTION that names an async function */
	const char *name;    /* of a label, a function; of an operator: "++x", "x--", "&", "*", ... */
	unsigned name_at;    /* offset of the identifier */
	struct span head;    /* N_TRY: `async_try`; N_IF, N_WHILE...: from the keyword to the end of the head */
	bool is_arrow;
	bool is_lvalue;
	bool in_macro;       /* comes whole out of one clean macro invocation, which is its span */
	bool needs_home;     /* N_COMPOUND_LITERAL: its address is taken */
	bool unevaluated;    /* inside sizeof and the like */
	bool takes_stack;    /* N_CALL of alloca */
	struct local_type *local; /* N_OTHER_DECL of a typedef with a run-time size */
	struct rope *as;     /* hoist.c: what stands for it now; NULL: still as written */
	struct var *as_var;  /* the temporary that `as` reads, if it does */
	struct map *map;     /* N_MAP */
	long offset;         /* of an element of an N_INIT_LIST: where it belongs, comparable with the others */
	bool ends_turn;      /* N_EXPR_STMT: a yield, behind which a loop's body does nothing more */
	bool only_kid;       /* its text is that of its one kid alone: what else stood there is gone */
	bool shown;          /* body.c: of a statement: a line of the output is the user's line that it begins on */
	bool in_order;       /* hoist.c: no await, but the C compiler is not to choose the order of what is inside */
	/* of the tree below, unevaluated parts left out: */
	int awaits;          /* what has to be hoisted: N_AWAIT, N_RAISE and its like, literals that need a home */
	bool special;        /* has a marker or an await: cannot be copied as written */
	bool reads, writes;  /* memory that others see, or any local (reads); calls write */
};
#define is_expression(node) ((node)->kind <= N_RERAISE)

/* An object a function works with.  Invariant: out is how generated text names it, valid once `place` is decided. */
struct var {
	const char *name;    /* the user's, or ours for a temporary */
	const char *out;     /* "total", "total_2" when shadowed, "f->buffer" */
	const char *field;   /* its name in the frame */
	int number;          /* that its name ends with, if frame.c has given it one */
	struct type *type;
	const char *type_text; /* for ours without a struct type: "struct g__call *" */
	struct span span;    /* of its declarator */
	int index;           /* in fn->vars */
	bool is_param, is_temp, is_volatile;
	bool in_macro;       /* declared inside a clean invocation, for itself */
	bool initialised;    /* where it is declared */
	bool address_taken;
	bool register_asm;   /* an explicit register: cannot be kept across an await */
	const char *attributes; /* goes before every declaration of it: "_Alignas(64) "; NULL: none */
	const char *cleanup; /* the function of its cleanup attribute; NULL: none */
	struct callee *cleanup_callee; /* that function, if it is async */
	struct node *scope;  /* the compound or for statement it belongs to; NULL: the function */
	struct node **bounds; /* if its type has a run-time size: all bounds in its declarator, in order */
	int n_bounds;
	int outer_bounds;    /* those of a parameter that an array's decay has dropped */
	bool elsewhere;      /* vla.c has set out; it has no declaration and no field of its own */
	/* live.c and frame.c */
	bool live_across;    /* some await */
	bool maybe_unset;    /* at an await it is live across: no way to copy it */
	bool assigned;       /* anywhere after its declaration (a parameter: anywhere) */
	bool jumped_over;    /* its declaration stands before an await in its scope */
	bool in_head;        /* declared in the head of a for */
	bool apart;          /* its declaration has to become an assignment, whatever else */
	enum {
		PLACE_AS_WRITTEN, /* declared where the user declared it */
		PLACE_SPLIT,      /* declared there, initialised by an assignment: a goto jumps over it */
		PLACE_LOCAL,      /* a C local at the top of the resume function, saved at awaits if live_across */
		PLACE_FRAME,      /* only in the frame */
		PLACE_ELSEWHERE   /* where vla.c has put it */
	} place;
};

/* An async function as its callers see it: from its first declaration, anywhere. */
struct callee {
	const char *name;
	struct type *result;
	struct type **params;
	const char **param_names; /* unique, never empty */
	int n_params;
	bool is_static, is_inline, is_weak, is_variadic, is_noreturn, is_deprecated;
	struct async_fn *definition; /* in this file; NULL: elsewhere */
	bool no_malloc;      /* async_no_malloc */
	bool noinline_frame; /* async_noinline_frame */
	bool by_hand;        /* async_by_hand: there is no NAME__start */
	bool never_suspends; /* its definition is in this file, and no await of it does */
	const char *frame_max; /* async_frame_max's argument; NULL: none */
	long frame_size;     /* about how many bytes its frame takes; 0 until frame.c has laid it out */
	bool frame_visible;  /* a header defines struct NAME__frame and declares NAME__resume: embed it */
	bool declared;       /* emit.c has written struct NAME__call and the descriptor's declaration */
	bool start_declared; /* ... struct NAME__outcome and NAME__start's declaration */
	unsigned has_starter; /* emit.c has written NAME__create_task: bit per enum starter_kind */
	unsigned frame_emitted; /* emit.c has written struct NAME__frame: it can be embedded from here on */
};

/* A reference to a local by name: what is replaced when the local is not called as the user called it. */
struct ref {
	unsigned at; /* offset of the identifier */
	unsigned size;
	struct var *var;
};

/* A type or an enumerator that is declared inside a function. */
struct local_type {
	unsigned at;         /* of its first declaration */
	const char *name;    /* the user's; "" if it has none */
	const char *out;     /* at file scope: "main__point" */
	const char *written; /* "struct main__point" */
	unsigned block;      /* the block it belongs to: offset of the brace */
	bool hoisted;        /* it moves to file scope */
	bool has_run_time_size; /* vla.c decides whether its uses are written out instead */
};
struct type_ref { /* where it is named; size 0: where its name is to be put in */
	unsigned at, size;
	struct local_type *type;
};
struct type_move { /* a declaration that moves, if its type does */
	struct span span;
	struct local_type *type;
	bool is_whole;       /* a whole statement (of typedefs), else a struct, union or enum specifier */
	const char *uses_variable;
};
struct edit { /* of the user's text, wherever it is printed */
	unsigned at, size;
	const char *text;
	bool in_body_only;   /* the declaration moves as it is */
};

/* A function that asyncc rewrites: async, or (is_async false) an ordinary one that uses markers. */
struct async_fn {
	const char *name;
	bool is_async;
	struct callee *callee;
	struct span span;    /* from its first specifier to the closing brace */
	struct span body;    /* the braces */
	struct span async_keyword; /* empty if the attribute comes from elsewhere */
	struct node *tree;   /* the body's N_COMPOUND */
	struct { struct var **at; int n; } vars; /* parameters first, in order */
	struct { struct ref *at; int n; } refs;  /* by offset, no two alike */
	struct { struct type_ref *at; int n; } type_refs; /* by offset */
	struct { struct type_move *at; int n; } type_moves; /* declarations of local types, by offset */
	struct { struct edit *at; int n; } edits; /* frame.c: by offset */
	struct { struct span *at; int n; } openmp_regions; /* what OpenMP's directives are about */
	int n_params;
	bool is_variadic;
	bool has_labels;     /* of the user's */
	bool uses_alloca;
	bool is_adopted;     /* header.c took it over: the header's own is the entry */
	const char *resume_attributes; /* those of the function that its resume function shares: "hot, target(\"avx2\")" */
	const char *frame_name; /* what the resume function calls its frame: "f", or something the user does not use */
	const char *status_name; /* ... and how the last await ended: "status" */
	/* lower.c */
	struct { struct op *at; int n; } ops;
	struct { struct await_point **at; int n; } awaits;
	struct { struct label **at; int n; } labels;
	struct { struct slot *at; int n; } slots;
	struct { struct job **at; int n; } jobs;
	struct { struct starter { struct callee *callee; enum starter_kind { START_TASK, START_EAGER, START_COROUTINE, START_THREADSAFE } kind; } *at; int n; } starters;
	/* frame.c */
	struct frame *frame;
	enum {
		BEGINS_IN_A_FRAME, /* which its caller has got for it */
		BEGINS_PLAINLY,  /* it never suspends, and needs no frame but as a task */
		BEGINS_WITHOUT   /* it takes a frame at the first await it comes to, if it comes to one */
	} begins;
};

struct unit {
	struct arena *arena;
	const struct options *options;
	struct source *source; /* the text that is parsed; after normalising, no longer the file's own */
	struct clang_unit *clang;
	int errors;
	struct { struct async_fn **at; int n; } fns;      /* by offset */
	struct { struct callee **at; int n; } callees;
	struct index callee_names; /* find_callee's */
	struct op_buffer { struct op *at; int capacity; } op_buffer; /* rope.c's: the ops of the function being lowered */
	struct { struct local_type **at; int n; } local_types;
	struct name_table *names; /* names.c's */
	unsigned *reach, *own_reach; /* beside invocations and own_invocations: macros.c */
	struct { struct dirty *at; int n; } dirty;        /* what normalize.c has to expand; found by collect.c */
	struct { struct clang_warning { unsigned at; const char *message, *option; } *at; int n; } clang_warnings; /* clang_diag.c: for warn.c */
	struct macros *macros; /* macros.c's */
	struct { struct invocation *at; int n; } invocations; /* in functions, by start, the outer one first */
	struct { struct span *at; int n; } own_invocations; /* of async.h's keywords and markers */
	struct { struct inclusion *at; int n; } inclusions; /* #include in functions, and in the files that these include */
	struct { struct span *at; int n; } skipped;       /* by #if and the like, anywhere */
	struct { struct span *at; int n; } conditionals;  /* what to take out of async functions: #if, #else... and what they skip */
	/* origin.c */
	struct source *user_source; /* the file's own text; NULL: source is */
	struct { struct piece *at; int n; } pieces;       /* by offset */
	struct { struct expansion *at; int n; } expansions; /* those of the user's invocations before those in them */
	struct { const char **at; int n; } dependencies;  /* the files read, the input first */
};

/* A macro invocation as it stands in the text; async.h's own keywords and markers are not among them. */
struct invocation {
	struct span span; /* with its arguments */
	const char *name;
	/* Its definition, or one that this names, */
	bool stringifies; /* has # or ## */
	bool pastes;      /* has ## */
	bool has_keyword; /* has a keyword or marker of async.h; or an argument has */
	bool has_typeof;
	bool counts;      /* has __COUNTER__; or an argument has */
	bool is_operand;  /* is a primary expression, so that an operator around it takes it whole */
};
/* An #include, and the file it found. */
struct inclusion {
	const char *in;   /* the file where it stands; NULL: the input */
	struct span span;
	const char *path;
};
/* A macro invocation that has to be expanded before its function can be lowered. */
struct dirty {
	struct async_fn *fn;
	struct span span;
	const char *name; /* of the macro */
	const char *why;
	bool counts;      /* __COUNTER__ may be in it */
};

/* Fills unit->fns, unit->callees, unit->dependencies.  Errors are counted in unit->errors. */
void collect_functions(struct unit *unit);
struct callee *find_callee(struct unit *unit, const char *name);

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

/* ======== macros.c and invocation.c: macros that are invoked, and what their definitions may bring along ======== */

struct names {
	const char **at;
	int n;
};
bool names_have(const struct names *names, const char *name);
/* The first index whose reach (unit->reach, unit->own_reach) is offset or more. */
int first_reaching(const unsigned *reach, int n, unsigned offset);
/* Fills unit->macros: the unit's definitions and where macros are invoked. */
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
void add_dirty(struct unit *unit, struct async_fn *fn, const struct invocation *invocation, const char *why);
/* Adds to unit->dirty what can be told without the tree: while there is any, the trees are not to be relied upon. */
void find_hidden_keywords(struct unit *unit);
/* ... and what the function's tree shows. */
void find_dirt(struct unit *unit, struct async_fn *fn);

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

void warn_function(struct unit *unit, struct async_fn *fn);

/* ======== openmp.c: OpenMP's directives in async functions ======== */

/* Fills fn->openmp_regions, and refuses awaits in them. */
void check_openmp(struct unit *unit, struct async_fn *fn);
bool is_in_openmp_region(const struct async_fn *fn, struct span span);
/* Once variables have their places: refuses directives that name one that is called something else now. */
void check_openmp_names(struct unit *unit, struct async_fn *fn);

/* ======== lower.c, hoist.c, await.c and theirs (lower.h): the tree -> ops ========
 * A function becomes a flat list of ops.  Each op is a bit of meaning for the control-flow graph, a bit of text, or both;
 * printed in order, the texts are the body of the resume function.  A construct that need not change is printed in the
 * user's words, its meaning told by ops without text. */

struct chunk {
	enum { CHUNK_SPAN /* the user's text */, CHUNK_TEXT /* ours */, CHUNK_VAR /* var's name as placed */,
	       CHUNK_RESULT /* where the function's result goes */ } kind;
	struct span span;
	const char *text;
	struct var *var;
};
struct rope { /* pieces of text, in order */
	struct chunk *at;
	int n;
};

struct label {
	const char *name;    /* "await_1", "finally_2", or the user's */
	int target;          /* index of its OP_LABEL */
	bool printed;        /* is a label in the output, if used (some only mark a place for the graph) */
	int uses;            /* jumps to it that we print */
	bool address_taken;
};

enum op_kind {
	OP_TEXT,             /* prints rope; flows on */
	OP_USE, OP_DEF, OP_ADDRESS, /* of var; print nothing */
	OP_DECLARE,          /* var comes into scope with an indeterminate value; prints nothing */
	OP_ARGUMENTS,        /* node, an expression, looks at what a caller passed for `...`; prints nothing */
	OP_VAR_DECL,         /* prints the declaration of node's variables as placed */
	OP_LABEL,            /* label stands here */
	OP_JUMP,             /* to label, always */
	OP_BRANCH,           /* to label, or on */
	OP_SWITCH,           /* to any of labels[n], never on */
	OP_STOP,             /* the function ends here */
	OP_AWAIT             /* an await_point: on after it, or to its on_error */
};

struct op {
	enum op_kind kind;
	struct var *var;
	struct label *label;
	struct label **labels;
	int n_labels;
	struct await_point *await;
	struct rope rope;
	struct node *node;   /* OP_VAR_DECL: its N_DECL_STMT; otherwise the statement it comes from */
	int first_kid, n_kids; /* OP_VAR_DECL: which declarators of it */
	struct rope *inits;  /* OP_VAR_DECL: per declarator of the statement; n 0: none.  rope: all of it as written */
	bool in_head;        /* OP_VAR_DECL: stands in the head of a for */
	int deeper;          /* tabs that its text stands deeper than node */
	bool own;            /* the text is ours: it gets lines of its own; otherwise it continues the user's */
};

enum await_kind { AWAIT_CALL, AWAIT_POINTER, AWAIT_HANDLE, AWAIT_OBJECT, AWAIT_YIELD };

struct await_point {
	int number;          /* from 1 */
	enum await_kind kind;
	struct span span;    /* of the await expression */
	const char *text;    /* what is awaited, if that is not what stands there; else NULL */
	struct callee *callee; /* AWAIT_CALL */
	struct rope target;  /* AWAIT_POINTER: the function; AWAIT_HANDLE: the handle; AWAIT_OBJECT: the object */
	struct rope *args;
	int n_args;
	struct var *callee_frame; /* AWAIT_CALL that is pushed: the pointer to the frame */
	struct var *outcome; /* AWAIT_CALL that is started: what NAME__start answered */
	struct var *handle;  /* AWAIT_HANDLE: keeps it across the suspension */
	struct var *result;  /* NULL: nobody wants it, or it is read from the embedded frame in place */
	bool wants_result;
	struct type *type;   /* of the await expression */
	/* AWAIT_CALL: none of these: pushed */
	bool embedded;       /* the callee's frame is a member of ours */
	bool started;        /* by NAME__start, which sees to a frame */
	bool plain;          /* started, and it never suspends: no state of ours */
	bool may_be_first;   /* BEGINS_WITHOUT: there may be no frame yet */
	struct label *on_error; /* where an error goes; NULL: out of the function */
	struct label *label; /* await_N */
	bool is_tail;
	struct { struct var **at; int n; } live; /* live.c: what must survive it */
};

/* Things that live in the frame for the whole region they belong to: caught errors, timeouts, arrays of handles. */
struct slot {
	const char *field;   /* "caught_1" */
	const char *type;    /* "struct async__scope" */
	const char *suffix;  /* "[3]" or "" */
	struct span statement; /* it belongs to */
};

/* A call that runs in an executor: its arguments' struct and its thunk. */
struct job {
	const char *name;    /* "both__job_1" */
	struct type *result;
	struct type **params; /* of the arguments, as converted for the call */
	int n_params;
	const char *function; /* the plain function called; NULL: through a pointer, kept in the struct */
	struct type *pointer; /* its type then */
	struct map *map;     /* it is one of an async_executor_map's; else NULL */
};

void lower_function(struct unit *unit, struct async_fn *fn);
/* Where the inputs of an inline asm begin: operands before that are outputs. */
unsigned asm_inputs(struct unit *unit, const struct node *node);
/* vla.c: there is a cleanup at the end of var's block, which an error jumps to, maybe from before var's declaration. */
bool cleanup_follows(const struct async_fn *fn, const struct var *var);

/* ======== cfg.c: control-flow graph over the ops ======== */

struct block {
	int first, last;     /* ops, inclusive */
	struct { int *at; int n; } next; /* successor blocks */
};
struct cfg {
	struct async_fn *fn;
	struct { struct block *at; int n; } blocks; /* in the order of the ops */
	int *block_of;       /* per op */
};
struct cfg *build_cfg(struct unit *unit, struct async_fn *fn);

/* ======== live.c: which locals must survive which await ======== */

/* Needs a finished cfg; fills await_point.live and var.live_across. */
void compute_liveness(struct unit *unit, struct cfg *cfg);

/* ======== frame.c: places, fields, overlap, embedding ======== */

struct field {
	const char *text;    /* the declaration: "int total" */
	struct var *var;     /* NULL for slots and callees */
	struct callee *callee; /* an embedded callee's frame */
	struct span statement; /* a slot: of what it belongs to */
	long size, align;    /* bytes, about */
	int order;           /* as they were found */
};
struct field_group { /* fields that are never occupied at the same await: one storage */
	struct field **at;
	int n;
	unsigned long *occupied; /* overlap.c: a bit per await */
};
struct frame {
	struct { struct field *at; int n; } fields; /* after base, result and parameters */
	struct { struct field *at; int n; } callees;
	struct { struct field_group *at; int n; } groups; /* all of them, as laid out */
};
/* Why the variable is only in the frame: "its address is taken"; NULL: it is not. */
const char *why_in_frame(const struct var *var);
/* async_except, async_task_group or async_timeout_as names it: it has no declaration of its own. */
bool is_named_in_a_head(const struct var *var);
/* Decides every var's place and out, and the frame's fields. */
void layout_frame(struct unit *unit, struct async_fn *fn);

/* ======== begin.c: how functions begin, and which of them can suspend ======== */

/* By its prototype: there is a NAME__start, here or elsewhere. */
bool has_start(const struct callee *callee);
/* Some await of it may. */
bool suspends(const struct async_fn *fn);
/* Called by layout_frame: before variables have their places, and when the frame is known. */
void begin_plainly(struct async_fn *fn);
void begin_without_frame(struct unit *unit, struct async_fn *fn);

/* ======== overlap.c: which of a frame's fields share storage ======== */

/* Called by layout_frame when the fields are known; fills frame.groups. */
void overlap_fields(struct unit *unit, struct async_fn *fn);
/* Something else in the function has the variable's name: a global, a function, a type. */
bool name_means_more(struct unit *unit, struct async_fn *fn, const struct var *var);
/* A declaration of the variable under this name, wherever it goes. */
const char *declare_var(struct unit *unit, const struct var *var, const char *name);

/* ======== output.c: indentation, line counter, #line, atomic write ======== */

struct output;
/* own_name is what #line calls our own lines. */
struct output *output_create(const char *own_name, bool lines);
void output_destroy(struct output *output);
/* Text of ours: output_own goes to a fresh line that belongs to the generated file, indented like the user's line at
 * `indent` plus `deeper` tabs; then any output_printf, with no newline at its end needed before the next call. */
void output_own(struct output *output, struct span indent, int deeper, const struct source *source);
/* Ours as well, but for debuggers it is the user's line at `offset`, unless the text before was. */
void output_own_at(struct output *output, struct span indent, int deeper, const struct source *source, unsigned offset);
/* The user's: what follows belongs to the user's line at `offset`.  Nothing happens if that is what the counter says
 * already; else a fresh line and a #line, with the indentation of that line if offset is its first non-blank. */
void output_user(struct output *output, const struct source *source, unsigned offset);
void output_text(struct output *output, const char *text, size_t size);
void output_printf(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
void output_vprintf(struct output *output, const char *format, va_list args);
const char *output_data(struct output *output, size_t *size);
/* Writes under a temporary name in the same folder, then renames; a file that already has this content is left alone.
 * path "-" is standard output.  0 or an errno value; nothing half-written stays. */
int write_file(const char *path, const char *data, size_t size);

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
