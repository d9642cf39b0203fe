/* lower.h: what the files share that make ops of the tree: lower.c and lower_*.c (statements), hoist.c and order.c (expressions),
 * await.c and await_*.c (awaitables), vla.c, region.c (ways out) and flow.c (uses and definitions).  No other file includes it. */
#ifndef LOWER_H
#define LOWER_H

#include "compiler.h"

/* A stretch of a function that has a say when control leaves it: innermost first. */
struct region {
	enum region_kind {
		REGION_ERRORS,  /* only catches errors: an async_try's body, an async_catch, a gather */
		REGION_PENDING, /* an async_finally's body: the error that waits for its end is dropped by another way out */
		REGION_EXCEPT,  /* an async_except's body: its error is dropped on the way out */
		REGION_FINALLY, /* what an async_finally guards: ways out go through it */
		REGION_TIMEOUT, /* the timeout is disarmed on the way out */
		REGION_CLEANUP, /* the variable's cleanup function is called on the way out */
		REGION_LOOP, REGION_SWITCH
	} kind;
	struct region *outer;
	struct node *owner;          /* what makes it: N_TRY, N_TIMEOUT, N_VAR... */
	struct label *on_error;      /* where errors inside go; NULL: to the outer region */
	struct label *on_break, *on_continue; /* for the graph; loops and switches */
	bool break_by_goto, continue_by_goto; /* the loop's own break and continue would go to the wrong place */
	struct label *reenter;       /* a loop's: before its head, for those who have been away; NULL: there are none */
	struct node *increment;      /* what they have to do first; may be NULL */
	const char *slot;            /* the field in the frame: caught_1, timeout_1 */
	struct var *var;             /* of the cleanup function, in REGION_FINALLY an async one; NULL: REGION_CLEANUP frees the memory in `slot` */
	/* REGION_FINALLY */
	struct var *exit;            /* how it was left: 0 at its end, 1 by an error, 2... one of `exits`; NULL: nobody asked yet */
	struct label *entry;         /* of the async_finally */
	struct { struct way_out *at; int n; } exits;
};

/* A jump that passes through an async_finally. */
struct way_out {
	enum { OUT_RETURN, OUT_BREAK, OUT_CONTINUE, OUT_GOTO } kind;
	struct region *target;       /* the region it arrives in; NULL: the function's outermost */
	struct label *label;         /* OUT_GOTO, OUT_BREAK, OUT_CONTINUE */
	bool by_goto;
};

struct lowering {
	struct unit *unit;
	struct async_fn *fn;
	struct arena *arena;
	struct region *region;
	struct region *function;     /* the region around the whole body; NULL: none */
	const char *status;          /* fn->status_name */
	const char *blocks;          /* the field that lists what alloca took; NULL: alloca stays as it is */
	struct var *kept;            /* the result, until it can be stored in its place; NULL: no return needs that yet */
	struct node *statement;      /* the one being lowered: where generated text is indented */
	int awaits_left;             /* in the full expression, after the current one; > 0: results go to temporaries */
	int deeper;                  /* tabs that statements of ours stand deeper than `statement` */
	struct node *part;           /* the statement that is a whole part of another: it stands without a block of its own */
	int silent;                  /* > 0: only meaning, no text: inside a macro's invocation */
	struct { struct name_count { const char *stem; int n; } *at; int n; } names;
	struct { struct user_label { const char *name; struct label *label; struct node **owners; int n_owners; unsigned at; int next; } *at; int n; } user_labels;
	struct index label_names;    /* the number of the first of that name, from 1; `next` is that of the one after it */
	struct index cases;          /* the label of an N_CASE or N_DEFAULT */
};

/* ---- ropes ---- */
void rope_span(struct lowering *l, struct rope *rope, unsigned start, unsigned end);
void rope_text(struct lowering *l, struct rope *rope, const char *format, ...) __attribute__((format(printf, 3, 4)));
void rope_var(struct lowering *l, struct rope *rope, struct var *var);
void rope_result(struct lowering *l, struct rope *rope);
void rope_add(struct lowering *l, struct rope *rope, const struct rope *other);
/* The node as it is to be printed now. */
struct rope rope_of(struct lowering *l, struct node *node);
/* The same as the right side of an assignment: a comma is in brackets. */
struct rope rope_of_value(struct lowering *l, struct node *node);
/* The text from start to end, with the nodes in `kids` as they are to be printed now. */
struct rope rope_around(struct lowering *l, unsigned start, unsigned end, struct node **kids, int n);
/* Replaces the node by text of ours, or by a temporary. */
void replace_node(struct lowering *l, struct node *node, struct rope rope);
void replace_by_var(struct lowering *l, struct node *node, struct var *var);

/* ---- ops ---- */
struct op *add_op(struct lowering *l, enum op_kind kind);
void say(struct lowering *l, struct rope rope);            /* the user's text, or on the user's line */
void say_own(struct lowering *l, struct rope rope);        /* a statement of ours, on a line of its own */
void say_text(struct lowering *l, const char *format, ...) __attribute__((format(printf, 2, 3))); /* say_own of a text */
/* What follows stands in a block of ours, whose `{` has been said, until the text that begins with its `}`. */
void open_block(struct lowering *l);
void close_block(struct lowering *l, const char *text);
struct label *new_label(struct lowering *l, const char *stem, bool printed);
struct label *named_label(struct lowering *l, const char *name, bool printed);
void place_label(struct lowering *l, struct label *label);
void jump(struct lowering *l, struct label *label);        /* says goto if the label is printed */
void branch(struct lowering *l, struct label *label);      /* meaning only */
void stop(struct lowering *l);
/* "left_1": a name from the stem that nothing in the file uses. */
const char *fresh_name(struct lowering *l, const char *stem);
struct var *new_temp(struct lowering *l, const char *stem, struct type *type, const char *type_text, struct node *where);
const char *new_slot(struct lowering *l, const char *stem, const char *type, const char *suffix);
const char *frame(struct lowering *l);                     /* "f" */

/* ---- flow.c: what an expression reads, writes and where it forks; no text ---- */
void flow(struct lowering *l, struct node *node);
void flow_rope(struct lowering *l, const struct rope *rope);
void flow_define(struct lowering *l, struct var *var);
void flow_use(struct lowering *l, struct var *var);

/* ---- hoist.c ---- */
/* Takes every await out of the expression; afterwards rope_of(node) is ordinary C.  hoist_discarded: nobody wants the value. */
void hoist(struct lowering *l, struct node *node);
void hoist_discarded(struct lowering *l, struct node *node);
/* A whole expression: hoists, with the accounting for awaits_left. */
void hoist_full(struct lowering *l, struct node *node);
void hoist_full_discarded(struct lowering *l, struct node *node);
/* A full expression of its own whose value goes to a variable. */
void hoist_value(struct lowering *l, struct node *expression, struct var *value);
/* Operands evaluated left to right; each that a later one could disturb goes to a temporary. */
void hoist_operands(struct lowering *l, struct node **operands, int n);
void spill(struct lowering *l, struct node *node, const char *stem);
/* What an lvalue is reached by goes to temporaries, so that the text for it stays the same place. */
void spill_address(struct lowering *l, struct node *node);
/* lower_asm.c: one with something to hoist. */
void lower_asm(struct lowering *l, struct node *node);
struct node *strip_parens(struct node *node);

/* ---- order.c ---- */
/* The variable that an lvalue is a part of, no pointer in between; NULL: none. */
struct var *whole_of(struct node *node);
/* Would it matter which of the two is evaluated first? */
bool disturbs(struct node *later, struct node *earlier);
/* The same for an assignment: what its target's address is made of, and its value. */
bool target_is_disturbed(struct node *target, struct node *value);
/* Evaluating it changes something, or depends on something that others may change. */
bool has_effects(struct node *node);
bool touches_anything(struct node *node);
/* node is f().a, an array that becomes a pointer: f().  NULL for anything else. */
struct node *temporary_under(struct node *node);
/* Sets in_order in a full expression that contains an await. */
void mark_order(struct node *node);

/* ---- await.c ---- */
void lower_await(struct lowering *l, struct node *node, bool wants_result);
void raise_error(struct lowering *l, struct node *node);
/* An await of async_sleep(0). */
bool is_yield(struct lowering *l, struct node *node);
void await_call(struct lowering *l, struct node *node, struct callee *callee, struct rope *args, int n, bool wants_result);
void await_handle(struct lowering *l, struct node *node, struct rope handle, bool wants_result);
/* The async function that the call names; NULL: another function, or a pointer. */
struct callee *direct_callee(struct node *call);

/* ---- await_queue.c ---- */
/* Awaits a function of the library, declared in a header; errors go where they go here. */
void await_library(struct lowering *l, struct span where, const char *function, struct rope *args, int n);
void lower_queue(struct lowering *l, struct node *node, struct node *queue, bool wants_result);
struct rope spawn_queue(struct lowering *l, struct node *queue);

/* ---- await_combinator.c ---- */
/* The operands of everything inside, in order, before anything of it starts. */
void evaluate_operands(struct lowering *l, struct node *combinator);
void lower_wait_for(struct lowering *l, struct node *node, struct node *call, bool wants_result);
void lower_shield(struct lowering *l, struct node *node, struct node *call, bool wants_result);
void lower_executor(struct lowering *l, struct node *node, struct node *call, bool wants_result);
void lower_catch(struct lowering *l, struct node *node, struct node *call, bool wants_result);
void lower_gather(struct lowering *l, struct node *node, struct node *call);
void lower_map(struct lowering *l, struct node *node, struct node *map);

/* ---- await_start.c ---- */
/* Starts the awaitable as something concurrent: the text of its handle. */
struct rope spawn(struct lowering *l, struct node *awaitable);
/* Nodes that are not awaits but need other text: async_create_task, async_coroutine, async_run... */
void replace_markers(struct lowering *l, struct node *node);

/* ---- vla.c ---- */
/* The kid of a declaration is of a run-time size and an await follows: move_declaration instead of printing it. */
bool has_to_move(struct lowering *l, const struct node *kid);
void move_declaration(struct lowering *l, struct node *kid);
void keep_parameter_bounds(struct lowering *l, struct var *var);
/* What a REGION_CLEANUP asks for. */
void say_cleanup(struct lowering *l, const struct region *region);
void guard_allocas(struct lowering *l, struct region *region);
void replace_alloca(struct lowering *l, struct node *call);

/* ---- region.c ---- */
void push_region(struct lowering *l, struct region *region, enum region_kind kind, struct node *owner);
void pop_region(struct lowering *l, struct region *region);
struct label *error_label(struct lowering *l);
/* Text that leaves with an error that is in flight: a goto to the handler, or out of the function. */
void go_to_error(struct lowering *l);
/* Leaves every region inside `target` (NULL: all of them), then goes where `way` says. */
void leave(struct lowering *l, struct way_out way);
bool leaves_quietly(struct lowering *l, struct region *target);
/* result = what was kept of it; */
void store_kept_result(struct lowering *l, struct rope *rope);
void end_finally(struct lowering *l, struct region *region);
/* The same for the ways out that are no errors. */
/* what(&its pending error), if there is one. */
void say_pending(struct lowering *l, struct region *region, const char *what);
void go_on(struct lowering *l, struct region *region);

/* ---- lower.c ---- */
void lower_statement(struct lowering *l, struct node *node);
void lower_statements(struct lowering *l, struct node *compound);
/* In an ordinary function: only the markers get other text. */
void replace_in_ordinary(struct lowering *l, struct node *node);
/* The block of a statement expression: the value of `last`, its last statement, goes to `value`; NULL: nobody wants it. */
void lower_block_value(struct lowering *l, struct node *block, struct node *last, struct var *value);
/* The end of what its variables' cleanup functions guard: the regions inside `outer`. */
void end_cleanups(struct lowering *l, struct region *outer);
/* A statement that is part of another, in a block if it becomes several. */
void lower_part(struct lowering *l, struct node *node);
/* Where the text of a head ends that `part` follows. */
unsigned head_end(struct lowering *l, unsigned start, struct node *part);
/* The text as it stands. */
void say_span(struct lowering *l, unsigned start, unsigned end);
/* Control does not come here: what it would pass through since the last jump are ends of blocks. */
bool ends_here(const struct lowering *l);
/* __label__ allows several of one name: `at` tells them apart. */
struct user_label *find_label_at(struct lowering *l, const char *name, unsigned at, bool *alone);

/* ---- lower_declaration.c ---- */
void lower_declaration(struct lowering *l, struct node *node, bool in_head);
/* One declarator at a time, each with its initialiser hoisted. */
void lower_declarators(struct lowering *l, struct node *node);
bool needs_declarators(struct lowering *l, struct node *node);
void say_declaration(struct lowering *l, struct node *node, int first, int n, bool in_head);
void declare_kid(struct lowering *l, struct node *kid);

/* ---- lower_loop.c ---- */
/* Behind a statement that ends_turn: back to the loop by its head. */
void reenter_loop(struct lowering *l);
void lower_while(struct lowering *l, struct node *node);
void lower_do(struct lowering *l, struct node *node);
void lower_for(struct lowering *l, struct node *node);

/* ---- lower_jump.c ---- */
/* Fills l->user_labels. */
void find_labels(struct lowering *l, struct node *node, struct node **owners, int n);
void lower_loop_exit(struct lowering *l, struct node *node); /* break, continue */
void lower_goto(struct lowering *l, struct node *node);
void lower_indirect_goto(struct lowering *l, struct node *node);
void flow_asm_goto(struct lowering *l, struct node *node);
void lower_return(struct lowering *l, struct node *node);

/* ---- lower_try.c ---- */
void lower_try(struct lowering *l, struct node *node);
void lower_timeout(struct lowering *l, struct node *node);
void lower_group(struct lowering *l, struct node *node);
/* The rest of the block of a variable whose cleanup function is async: a REGION_FINALLY. */
void push_awaited_cleanup(struct lowering *l, struct region *region, struct node *kid);
void end_awaited_cleanup(struct lowering *l, struct region *region);

#endif
