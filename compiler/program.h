/* program.h: what the user's program is to us: its tree, variables and functions.  Included by compiler.h. */
#ifndef PROGRAM_H
#define PROGRAM_H

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
	bool is_complex;
	bool is_va_list;     /* or what a parameter of that type is */
	bool has_pointers;   /* it is one, or has a member that is or may be one */
	bool is_unassignable; /* a struct or union with a const member: only copied as bytes */
	bool ends_open;      /* a struct that ends in a flexible array */
	bool by_name;        /* written by its name alone, whatever it is made of: a typedef */
	struct type *to;     /* pointee, element or function result */
	long count;          /* TYPE_ARRAY: elements */
	const char *bound;   /* TYPE_VLA: what keeps the number of elements; NULL: it cannot be written down */
	struct type **params; /* TYPE_FUNCTION */
	int n_params;
	bool is_variadic, has_prototype;
	bool never_returns;  /* TYPE_FUNCTION */
	long size, align;    /* bytes; -1 if not known */
};
/* A declaration of `name` with the type, top-level const dropped: "int (*name)[3]".  name "" gives the type alone. */
const char *declare(struct unit *unit, const struct type *type, const char *name);
/* A VLA, or something that points to one. */
bool has_run_time_size(const struct type *type);
/* It has a name that is known at file scope. */
bool is_nameable(const struct type *type);

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
	N_AWAITABLE,        /* [pointer to the object], or [pointer to the object, the function that is its step] */
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
struct node { /* there are many: what only one kind has shares its room */
	enum node_kind kind;
	int n_kids;
	struct node **kids;
	struct span span;    /* what the user wrote; a macro's whole invocation for what comes out of a clean macro */
	struct type *type;   /* of an expression */
	struct var *var;
	struct callee *callee; /* N_FUNCTION that names an async function */
	const char *name;    /* of a label, a function; of an operator: "++x", "x--", "&", "*", ... */
	union {
		struct span head;    /* N_TRY: `async_try`; N_GROUP...: from the keyword to the end of the head */
		const char *member;  /* N_CONVERSION to a transparent union: the member that takes the value */
		struct local_type *local; /* N_OTHER_DECL of a typedef with a run-time size */
		struct map *map;     /* N_MAP */
	};
	struct rope *as;     /* hoist.c: what stands for it now; NULL: still as written */
	struct var *as_var;  /* the temporary that `as` reads, if it does */
	long offset;         /* of an element of an N_INIT_LIST: where it belongs, comparable with the others */
	unsigned name_at;    /* offset of the identifier */
	bool is_arrow;
	bool is_empty;       /* N_DESIGNATED: of a member without a size */
	bool is_lvalue;
	bool in_macro;       /* comes whole out of one clean macro invocation, which is its span */
	bool needs_home;     /* N_COMPOUND_LITERAL: its address is taken */
	bool unevaluated;    /* inside sizeof and the like */
	bool takes_stack;    /* N_CALL of alloca */
	bool only_errors;    /* N_TRY: async_except_error */
	bool is_tail;        /* N_AWAIT: its function does nothing more */
	bool ends_turn;      /* N_EXPR_STMT: a yield, behind which a loop's body does nothing more */
	bool only_kid;       /* its text is that of its one kid alone: what else stood there is gone */
	bool entered;        /* dirt.c: a label or a case of a switch outside is in it */
	bool shown;          /* body.c: of a statement: a line of the output is the user's line that it begins on */
	bool in_order;       /* hoist.c: no await, but the C compiler is not to choose the order of what is inside */
	/* of the tree below, unevaluated parts left out: */
	bool special;        /* has a marker or an await: cannot be copied as written */
	bool reads, writes;  /* memory that others see, or any local (reads); calls write */
	int awaits;          /* what has to be hoisted: N_AWAIT, N_RAISE and its like, literals that need a home */
};
#define is_expression(node) ((node)->kind <= N_RERAISE)
/* tree.c: there is a return, break, continue or goto in it. */
bool leaves_by_itself(const struct node *node);

/* An object a function works with.  Invariant: out is how generated text names it, valid once `place` is decided. */
struct var {
	const char *name;    /* the user's, or ours for a temporary */
	const char *out;     /* "total", "total_2" when shadowed, "f->buffer" */
	const char *field;   /* its name in the frame */
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
	int live_across;     /* how many awaits */
	int mentions;        /* ops that read or set it */
	bool is_in_macro_text; /* some reference to it is in an invocation */
	bool maybe_unset;    /* at an await it is live across: no way to copy it */
	bool assigned;       /* anywhere after its declaration (a parameter: anywhere) */
	bool jumped_over;    /* its declaration stands before an await in its scope */
	bool in_head;        /* declared in the head of a for */
	bool apart;          /* its declaration has to become an assignment, whatever else */
	bool named_early;    /* in its own initialiser, of which parts run before it: `p = await get(sizeof *p)` */
	bool poisoned;       /* in the frame, outside of its block, for AddressSanitizer */
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
	bool is_static, is_inline, is_weak, is_variadic, is_noreturn, is_deprecated, is_alias;
	struct async_fn *definition; /* in this file; NULL: elsewhere */
	bool no_malloc;      /* async_no_malloc */
	bool noinline_frame; /* async_noinline_frame */
	bool by_hand;        /* async_by_hand: there is no NAME__start */
	bool frameless;      /* async_frameless: NAME__await has the caller itself wait */
	bool never_suspends; /* its definition is in this file, and no await of it does */
	bool always_suspends; /* ..., and it does not complete before it has been suspended */
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
	const char *packing; /* packing_at's, where it stands */
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
	bool keeps_result;   /* some return has more to do once the result is stored */
	struct { struct op *at; int n; } ops; /* all of them until the function is laid out, then those that print something */
	bool falls_off;      /* what is printed last goes on */
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

struct reach { /* for each of the macro invocations, how far it and those before it reach */
	unsigned *ends;
	int n;
	int *latest; /* the one that was asked for: the next one is near */
};

struct unit {
	struct arena *arena;
	struct arena *scratch; /* what is only needed until a function is laid out */
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
	struct reach reach, own_reach; /* of invocations and own_invocations: invocation.c */
	struct { struct dirty *at; int n; } dirty;        /* what normalize.c has to expand; found by collect.c */
	bool asks_for_returns; /* parse.c */
	struct { struct clang_warning { unsigned at; const char *message, *option; } *at; int n; } clang_warnings; /* clang_diag.c: for warn.c */
	struct index type_names; /* the typedefs among the types that have been made */
	struct macros *macros; /* macros.c's */
	struct names *clashes; /* macros that have a name of ours: clash.c */
	bool has_new_clashes; /* emit.c has found some: what it has written is of no use */
	bool is_lowered_again; /* its warnings have been given */
	bool drops_notes;      /* diag.c: of such a warning */
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
#endif
