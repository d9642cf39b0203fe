/* ops.h: a function as ops, and what is found out about them: its graph, what lives across awaits, its frame.  Included by
 * compiler.h. */
#ifndef OPS_H
#define OPS_H

/* ======== lower.c, hoist.c, await.c and theirs (lower.h): the tree -> ops ========
 * A function becomes a flat list of ops.  Each op is a bit of meaning for the control-flow graph, a bit of text, or both;
 * printed in order, the texts are the body of the resume function.  A construct that need not change is printed in the
 * user's words, its meaning told by ops without text. */

struct chunk {
	enum { CHUNK_SPAN /* the user's text */, CHUNK_TEXT /* ours */, CHUNK_VAR /* var's name as placed */,
	       CHUNK_RESULT /* where the function's result goes */ } kind;
	union { /* by kind */
		struct span span;
		const char *text;
		struct var *var;
	};
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
	OP_LEAVE,            /* the end of scope: its variables go out of scope; prints something for AddressSanitizer only */
	OP_ARGUMENTS,        /* node, an expression, looks at what a caller passed for `...`; prints nothing */
	OP_VAR_DECL,         /* prints the declaration of node's variables as placed */
	OP_LABEL,            /* label stands here */
	OP_JUMP,             /* to label, always */
	OP_BRANCH,           /* to label, or on */
	OP_SWITCH,           /* to any of labels[n], never on */
	OP_STOP,             /* the function ends here */
	OP_AWAIT             /* an await_point: on after it, or to its on_error */
};

struct op { /* there are many: what only one kind has shares its room */
	enum op_kind kind;
	int deeper;          /* tabs that its text stands deeper than node */
	union {
		struct var *var;     /* OP_USE, OP_DEF, OP_ADDRESS, OP_DECLARE */
		struct label *label; /* OP_LABEL, OP_JUMP, OP_BRANCH */
		struct {             /* OP_SWITCH */
			struct label **labels;
			int n_labels;
		};
		struct await_point *await; /* OP_AWAIT */
		struct node *scope;  /* OP_LEAVE: the block; NULL: nothing gets there */
		struct {             /* OP_VAR_DECL */
			struct rope *inits;  /* per declarator of the statement; n 0: none.  rope: all of it as written */
			int first_kid, n_kids; /* which declarators of it */
		};
	};
	struct rope rope;
	struct node *node;   /* OP_VAR_DECL: its N_DECL_STMT; otherwise the statement it comes from */
	struct await_point *returns; /* OP_TEXT: it returns what this await, the last thing before, has got */
	bool in_head;        /* OP_VAR_DECL: stands in the head of a for */
	bool only_reads;     /* OP_USE: certainly does not set it, in whole or in part */
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
	struct rope step;    /* AWAIT_OBJECT: the function that is called for it; empty: the object's own */
	struct rope again;   /* AWAIT_HANDLE, AWAIT_OBJECT: the target after the suspension */
	struct var *handle;  /* what keeps it until then; NULL: it is steady by itself */
	struct var *result;  /* NULL: nobody wants it, or it is read from the embedded frame in place */
	bool wants_result;
	struct type *type;   /* of the await expression */
	/* AWAIT_CALL: none of these: pushed */
	bool embedded;       /* the callee's frame is a member of ours */
	bool started;        /* by NAME__start, which sees to a frame */
	bool plain;          /* started, and it never suspends: no state of ours */
	bool frameless;      /* NAME__await: we wait ourselves */
	bool may_be_first;   /* BEGINS_WITHOUT: there may be no frame yet */
	struct label *on_error; /* where an error goes; NULL: out of the function */
	struct label *label; /* await_N */
	const char *again_label; /* AWAIT_OBJECT: where the object is asked, at first and after a wake-up */
	bool is_tail;        /* the function's result is the callee's, and nothing is left to do */
	bool takes_over;     /* ... its frame takes the place of ours */
	bool forwards;       /* ... it begins for our caller, if there is no frame of ours yet */
	bool sure;           /* it never completes at once: what follows it has been resumed, or there was an error */
	struct { struct var **at; int n; } live; /* live.c: what must survive it */
	struct { struct var **at; int n; } saves; /* ... of that, C locals that the frame does not have as they are */
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
/* Once it is laid out: out of the buffer that the next function fills, those that print something (of all, if they are dumped). */
void keep_ops(struct unit *unit, struct async_fn *fn);
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
struct cfg *build_cfg(struct unit *unit, struct async_fn *fn); /* in the scratch arena */

/* ======== live.c: which locals must survive which await ======== */

/* Needs a finished cfg; fills await_point.live and var.live_across. */
void compute_liveness(struct unit *unit, struct cfg *cfg);
/* Once the frame is laid out: fills await_point.saves. */
void find_saves(struct unit *unit, struct cfg *cfg);

/* ======== frame.c: places, fields, overlap, embedding ======== */

struct field {
	const char *text;    /* the declaration: "int total" */
	struct var *var;     /* NULL for slots and callees */
	struct callee *callee; /* an embedded callee's frame */
	struct span statement; /* a slot: of what it belongs to */
	long size, align;    /* bytes, about */
	int order;           /* as they were found; the result: -1 */
};
struct field_group { /* fields that are never occupied at the same await: one storage */
	struct field **at;
	int n;
	unsigned long *occupied; /* overlap.c: a bit per await */
	bool fills_gap;      /* it stands behind so many parameters, and what follows stands where it would without it */
	int behind_params;
};
struct frame {
	struct { struct field *at; int n; } fields; /* after base, result and parameters */
	struct { struct field *at; int n; } callees;
	struct { struct field_group *at; int n; } groups; /* all of them, as laid out; the first is the result's, unless there is none */
	struct { struct callee **at; int n; } heirs; /* tail.c: whose frames may take its place */
	bool over_aligned;   /* something in it is aligned more than a word, for all we know */
};
/* overlap.c: the field is the function's result. */
bool is_result(const struct field *field);
/* By its prototype: the result, a scalar, has the place where the parameters begin, and is the last thing stored. */
bool shares_with_parameters(const struct callee *callee);
/* Why the variable is only in the frame: "its address is taken"; NULL: it is not. */
const char *why_in_frame(const struct var *var);
/* async_except, async_task_group or async_timeout_as names it: it has no declaration of its own. */
bool is_named_in_a_head(const struct var *var);
/* A frame's member of this name is the frame's own, or a parameter's. */
bool is_fixed_field(const struct async_fn *fn, const char *name);
/* Decides every var's place and out, and the frame's fields. */
void layout_frame(struct unit *unit, struct async_fn *fn);

/* ======== begin.c: how functions begin, and which of them can suspend ======== */

/* By its prototype: there is a NAME__start, here or elsewhere. */
bool has_start(const struct callee *callee);
/* Some await of it may. */
bool suspends(const struct async_fn *fn);
/* ... and control comes back to it behind one that did. */
bool is_resumed(const struct async_fn *fn);
/* Called by layout_frame: before variables have their places, and when the frame is known. */
void begin_plainly(struct async_fn *fn);
void begin_without_frame(struct unit *unit, struct async_fn *fn);

/* ======== tail.c: awaits that are the last thing their function does ======== */

/* Fills node.is_tail, before the function is lowered. */
void mark_tail_awaits(struct unit *unit, struct async_fn *fn);
/* What the callee leaves as its result is where fn's is looked for. */
bool answers_for(const struct callee *callee, const struct async_fn *fn);
/* Called by layout_frame: which callees take the frame over, when variables have their places; and when it is known how it begins. */
void hand_frames_over(struct unit *unit, struct async_fn *fn);
void finish_tails(struct async_fn *fn);

/* ======== scope.c: variables that AddressSanitizer is to miss outside of their blocks ======== */

/* The source is lowered for it: -fsanitize=address. */
bool is_for_address_sanitizer(const struct unit *unit);
/* Once variables have their places: fills var.poisoned. */
void find_poisoned(struct unit *unit, const struct cfg *cfg);
bool any_poisoned(const struct async_fn *fn);

/* ======== overlap.c: which of a frame's fields share storage ======== */

/* Called by layout_frame when the fields are known; fills frame.groups. */
void overlap_fields(struct unit *unit, struct async_fn *fn);
/* Something else in the function has the variable's name: a global, a function, a type. */
bool name_means_more(struct unit *unit, struct async_fn *fn, const struct var *var);
/* A declaration of the variable under this name, wherever it goes. */
const char *declare_var(struct unit *unit, const struct var *var, const char *name);
#endif
