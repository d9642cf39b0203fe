/* tree.h: what the files share that read libclang's tree: collect.c, tree.c and tree_*.c, local.c, header.c, attribute.c, macros.c.
 * No other file includes it. */
#ifndef TREE_H
#define TREE_H

#include "parse.h"

bool cursor_is_async(CXCursor function);
/* The callee struct of an async function, made at the first call. */
struct callee *callee_of(struct unit *unit, CXCursor function);
/* ... also of one that header.c has given another name. */
struct callee *callee_for(struct unit *unit, CXCursor function);
/* Fills fn->tree, vars, refs and n_params from the function's definition; adds to unit->dirty. */
void build_tree(struct unit *unit, struct async_fn *fn, CXCursor definition);

/* local.c */
void collect_local_types(struct unit *unit, struct async_fn *fn);
/* Decides which of them move to file scope; needs the tree. */
void place_local_types(struct unit *unit, struct async_fn *fn);

/* header.c: the name in the header; NULL if it has not been taken over. */
const char *adopted_name(const char *name);

/* address.c: the text's references to async functions that headers define, other than calls. */
struct addresses {
	struct address {
		const char *name;
		unsigned at;  /* offset of the name */
		unsigned top; /* where the declaration at file scope begins that it stands in */
	} *at;
	int n;
};
struct addresses find_addresses(struct unit *unit, bool warn); /* of those that are not in the text */
bool is_header_async(struct unit *unit, CXCursor function);

/* attribute.c */
struct attribute {
	enum CXCursorKind kind;
	const char *name;      /* "cleanup": without underscores around it */
	const char *arguments; /* "(close_file)", or "" */
	bool in_macro;         /* then its arguments may be the macro's parameters */
	unsigned at;           /* offset in the text: its own, or the macro invocation's */
};
typedef void attribute_visitor(const struct attribute *attribute, void *arg);
void each_attribute(struct unit *unit, CXCursor declaration, attribute_visitor *visit, void *arg);
/* What a caller has to know: weak, noreturn. */
void note_callee_attributes(struct unit *unit, struct callee *callee, CXCursor function);
/* Fills fn->resume_attributes; refuses those that make no sense. */
void sort_attributes(struct unit *unit, struct async_fn *fn, CXCursor definition);

/* ---- between tree.c and tree_*.c ---- */

struct builder {
	struct unit *unit;
	struct async_fn *fn;
	CXCursor function;
	struct node *scope;     /* the compound or for statement we are in */
	struct span outer;      /* the parent node's span */
	bool in_macro, unevaluated;
	CXCursor plain_comma;   /* the latest that is known to begin with no marker */
	struct { unsigned *at; int n; } awaits; /* where they start */
};
struct cursors { /* a cursor's children; not to be written to */
	struct arena *arena;
	CXCursor *at;
	int n;
};

/* cursors.c */
struct seen { /* a cursor of the function's body */
	CXCursor cursor;
	int end;               /* the number after that of the last one below it */
	int first_kid, n_kids;
	bool has_span;
	struct span span;
};
/* Reads the body's cursors; those of the function before are forgotten. */
void read_cursors(struct unit *unit, CXCursor body);
/* The i-th of them: 0 is the body itself, each comes before those below it. */
struct seen *seen_at(const struct unit *unit, int i);
/* Those that are evaluated or declared: no attributes, no names of types. */
struct cursors children(struct builder *b, CXCursor cursor);
struct span raw_span(struct builder *b, CXCursor cursor);

/* declared.c */
struct declared {
	const char *name;
	enum CXCursorKind kind;
	const struct marker *marker; /* a function of async.h's that stands for a construct */
	bool is_async;
	struct var *var;       /* once it is built: of a parameter or an automatic variable */
};
/* Never NULL. */
struct declared *declared(struct unit *unit, CXCursor declaration);

/* tree.c */
bool same_span(struct span a, struct span b);
/* The cursor's span in the text, widened so that it cuts no macro invocation in two. */
struct span place_in_text(struct builder *b, CXCursor cursor, bool *in_macro);
struct node *new_node(struct builder *b, enum node_kind kind, struct span span);
void set_kids(struct builder *b, struct node *node, int n, ...);
/* Sums up what the tree below does; called when the kids are complete. */
struct node *finish(struct node *node);
bool writes_itself(const struct node *node);
/* The kids of `node`, built inside its span. */
void build_kids(struct builder *b, struct node *node, struct cursors list);
struct var *new_var(struct builder *b, CXCursor cursor, struct span span);
void add_ref(struct builder *b, unsigned at, struct var *var);
struct node *build_name(struct builder *b, CXCursor cursor, struct node *node);
/* An expression or a statement. */
struct node *build(struct builder *b, CXCursor cursor);

/* tree_marker.c */
struct marker {
	const char *name;
	enum node_kind kind;
};
const struct marker *marker_named(const char *function); /* NULL: none is */
/* Takes parentheses, casts and implicit conversions off. */
CXCursor strip_cursor(struct builder *b, CXCursor cursor);
bool is_comma(CXCursor cursor);
/* (marker(...), operands...) : the node for it, or NULL if the cursor is something else. */
struct node *build_marked(struct builder *b, CXCursor cursor, struct node *node);
/* What an `if` or a `for` really is: NULL: just that; else a piece of async_try ... async_finally, or a block of another kind. */
const struct marker *statement_marker(struct builder *b, CXCursor cursor);
bool marker_is(const struct marker *marker, const char *name);

/* tree_expression.c; `node` has its span already */
struct node *build_expression(struct builder *b, CXCursor cursor, struct node *node);
/* One whose kids are evaluated left to right. */
struct node *build_other(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind);
bool starts_with_await(struct unit *unit, struct span span);
/* A variable that is reached without a pointer: the one whose address `&node` or an array's decay takes. */
struct var *addressed_var(struct node *node);
/* tree_generic.c */
struct node *build_generic(struct builder *b, CXCursor cursor, struct node *node);
struct node *build_choose_expr(struct builder *b, struct node *node, struct cursors list);
/* tree_union.c */
/* libclang shows such an argument as a literal with a list of one, all of the argument's own span. */
bool is_union_of_argument(struct builder *b, CXCursor literal, CXCursor list);
struct node *build_union_of_argument(struct builder *b, CXCursor literal, CXCursor list, struct node *node);
/* tree_initialiser.c */
struct node *build_init_list(struct builder *b, CXCursor cursor, struct node *node);
/* tree_declaration.c */
struct node *build_decl_statement(struct builder *b, CXCursor cursor, struct node *node);
/* What is evaluated in a declarator whose type has a run-time size. */
void build_bounds(struct builder *b, CXCursor cursor, struct node *node, CXCursor init);
/* tree_typeof.c; once the tree is there */
void find_names_in_typeof(struct builder *b);
/* tree_statement.c */
struct node *build_statement(struct builder *b, CXCursor cursor);

#endif
