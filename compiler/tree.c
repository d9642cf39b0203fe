/* tree.c: a function's body as our tree of nodes.  Knows libclang, and what async.h's markers look like in its tree.
 *
 * A node's span is what stands in the text.  What comes out of a macro invocation stands where the invocation does: the
 * outermost node that lies in an invocation gets the invocation's whole span and `in_macro`; the nodes below it have spans
 * only for the references in the macro's arguments. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- spans ---- */

bool same_span(struct span a, struct span b)
{
	return a.start == b.start && a.end == b.end;
}

/* The span ends where the invocation starts, that is with what comes out of it: nothing else leaves no room between. */
static bool ends_before(struct unit *unit, struct span span, struct span macro)
{
	return span.end == macro.start && span.start < span.end && !strchr("};", unit->source->text[span.end - 1]);
}

/* The cursor's span in the text, widened so that it cuts no macro invocation in two. */
struct span place_in_text(struct builder *b, CXCursor cursor, bool *in_macro)
{
	struct span span = raw_span(b, cursor);
	struct unit *unit = b->unit;
	*in_macro = b->in_macro;
	/* libclang gives no end for what comes out of a macro in another one's argument. */
	int own = first_reaching(&unit->own_reach, span.start);
	for (int i = own; i < unit->own_invocations.n && unit->own_invocations.at[i].start <= span.end; i++)
		if (unit->own_invocations.at[i].end > span.end &&
		    (unit->own_invocations.at[i].start == span.start || ends_before(unit, span, unit->own_invocations.at[i])))
			span.end = unit->own_invocations.at[i].end;
	if (b->in_macro)
		return span;
	int first = first_reaching(&unit->reach, span.start);
	for (int i = first; i < unit->invocations.n; i++) {
		struct span macro = unit->invocations.at[i].span;
		if (macro.start > span.end)
			break;
		if (span_contains(macro, span) && !span_contains(macro, b->outer)) {
			*in_macro = true;
			return macro;
		}
		if (macro.start < span.start && span.start < macro.end && macro.end < span.end)
			span.start = macro.start;
		if (span.start <= macro.start && span.end < macro.end && (macro.start < span.end || ends_before(unit, span, macro)))
			span.end = macro.end;
	}
	return span;
}

/* ---- nodes ---- */

struct node *new_node(struct builder *b, enum node_kind kind, struct span span)
{
	struct node *node = arena_alloc(b->unit->arena, sizeof *node);
	node->kind = kind;
	node->span = span;
	node->in_macro = b->in_macro;
	node->unevaluated = b->unevaluated;
	return node;
}

void set_kids(struct builder *b, struct node *node, int n, ...)
{
	va_list list;
	node->kids = arena_alloc(b->unit->arena, (n + 1) * sizeof *node->kids);
	node->n_kids = n;
	va_start(list, n);
	for (int i = 0; i < n; i++)
		node->kids[i] = va_arg(list, struct node *);
	va_end(list);
}

bool writes_itself(const struct node *node)
{
	switch (node->kind) {
	case N_CALL: case N_ASSIGN: case N_COMPOUND_ASSIGN: case N_AWAIT: case N_CREATE_TASK: case N_CREATE_TASK_EAGER:
	case N_COROUTINE: case N_CREATE_TASK_IN: case N_RUN: case N_RUN_ON: case N_RUN_THREADSAFE: case N_RAISE: case N_RAISE_ERROR: case N_RERAISE: case N_OTHER: case N_STMT_EXPR:
	case N_EXECUTOR: case N_MAP: case N_GATHER: case N_QUEUE: case N_ASM:
		return true;
	case N_UNARY:
		return strstr(node->name, "++") || strstr(node->name, "--");
	default:
		return node->type && node->type->is_volatile && node->is_lvalue;
	}
}

/* Sums up what the tree below does; called when the kids are complete. */
struct node *finish(struct node *node)
{
	if (node->unevaluated)
		return node;
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		if (!kid)
			continue;
		node->awaits += kid->awaits;
		node->special |= kid->special;
		node->reads |= kid->reads;
		node->writes |= kid->writes;
	}
	if (node->kind == N_AWAIT || (node->kind >= N_RAISE && node->kind <= N_RERAISE) || node->kind == N_GROUP)
		node->awaits++;
	if (node->kind >= N_AWAIT && node->kind <= N_RERAISE)
		node->special = true;
	node->writes |= writes_itself(node);
	node->reads |= node->writes || node->kind == N_REF || node->kind == N_GLOBAL || node->kind == N_MEMBER ||
		       node->kind == N_INDEX || (node->kind == N_UNARY && strcmp(node->name, "*") == 0);
	return node;
}

bool leaves_by_itself(const struct node *node)
{
	if (!node || (node->kind >= N_GOTO && node->kind <= N_CONTINUE))
		return node != NULL;
	for (int i = 0; i < node->n_kids; i++)
		if (leaves_by_itself(node->kids[i]))
			return true;
	return false;
}

/* The kids of `node`, built inside its span. */
void build_kids(struct builder *b, struct node *node, struct cursors list)
{
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	b->outer = node->span;
	b->in_macro = node->in_macro;
	node->kids = arena_alloc(b->unit->arena, (list.n + 1) * sizeof *node->kids);
	node->n_kids = list.n;
	for (int i = 0; i < list.n; i++)
		node->kids[i] = build(b, list.at[i]);
	b->outer = outer;
	b->in_macro = in_macro;
}

/* ---- names ---- */

struct var *new_var(struct builder *b, CXCursor cursor, struct span span)
{
	struct var *var = arena_alloc(b->unit->arena, sizeof *var);
	struct declared *known = declared(b->unit, cursor);
	known->var = var;
	var->name = known->name;
	var->out = var->name;
	var->type = make_type(b->unit, clang_getCursorType(cursor));
	var->is_volatile = var->type->is_volatile;
	var->span = span;
	var->scope = b->scope;
	var->in_macro = b->in_macro && b->scope && b->scope->in_macro;
	var->index = b->fn->vars.n;
	list_add(b->unit->arena, &b->fn->vars, var);
	return var;
}

static bool is_invocation(struct unit *unit, unsigned at)
{
	int i = first_reaching(&unit->reach, at);
	while (i < unit->invocations.n && unit->invocations.at[i].span.start < at)
		i++;
	return i < unit->invocations.n && unit->invocations.at[i].span.start == at;
}

/* What comes out of a macro's body cannot be called by another name; nor can what is a macro itself. */
void add_ref(struct builder *b, unsigned at, struct var *var)
{
	struct token token = next_token(b->unit->source, at, b->fn->span.end);
	const struct invocation *invocation = invocation_at(b->unit, at);
	if (var->in_macro || (!b->fn->is_async && invocation))
		return;
	if (token.span.start != at || !token_is(b->unit->source, token, var->name) || is_invocation(b->unit, at)) {
		if (invocation)
			add_dirty(b->unit, b->fn, invocation, "names a local variable");
		return;
	}
	struct ref ref = {at, token.span.end - at, var};
	list_add(b->unit->arena, &b->fn->refs, ref);
}

struct node *build_name(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor target = clang_getCursorReferenced(cursor);
	const struct declared *known = declared(b->unit, target);
	node->name = known->name;
	node->name_at = file_offset(b->unit, clang_getCursorLocation(cursor));
	node->is_lvalue = true;
	if (known->kind == CXCursor_FunctionDecl) {
		node->kind = N_FUNCTION;
		if (known->is_async)
			node->callee = callee_for(b->unit, target);
	} else if (known->kind == CXCursor_EnumConstantDecl) {
		node->kind = N_CONST;
	} else {
		node->var = known->var;
		node->kind = node->var ? N_REF : N_GLOBAL;
		if (node->var)
			add_ref(b, node->name_at, node->var);
	}
	return finish(node);
}

struct node *build(struct builder *b, CXCursor cursor)
{
	if (!clang_isExpression(clang_getCursorKind(cursor)))
		return build_statement(b, cursor);
	struct node *node = new_node(b, N_OTHER, (struct span){0, 0});
	node->span = place_in_text(b, cursor, &node->in_macro);
	return build_expression(b, cursor, node);
}

/* ---- the whole ---- */

static int compare_refs(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static void sort_refs(struct async_fn *fn)
{
	if (fn->refs.n)
		qsort(fn->refs.at, fn->refs.n, sizeof *fn->refs.at, compare_refs);
	int n = 0;
	for (int i = 0; i < fn->refs.n; i++)
		if (n == 0 || fn->refs.at[n - 1].at != fn->refs.at[i].at)
			fn->refs.at[n++] = fn->refs.at[i];
	fn->refs.n = n;
}

static const char *free_name(struct unit *unit, const struct async_fn *fn, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (name_is_free_in(unit, fn->span, names[i]))
			return names[i];
	return names[n - 1];
}

/* `int[await f()]`: the bound of an array in a type may be evaluated, but is nowhere in the tree. */
static bool is_bound(struct unit *unit, unsigned at)
{
	while (at && strchr(" \t\r\n", unit->source->text[at - 1]))
		at--;
	return at && unit->source->text[at - 1] == '[';
}

static int compare_offsets(const void *a, const void *b)
{
	const unsigned *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Every await in the text is one in the tree, or stands where libclang shows nothing: in a type, say.  What a macro makes of
 * its argument (assert has a sizeof of it) is not the user's doing. */
static void refuse_hidden_awaits(struct builder *b)
{
	struct unit *unit = b->unit;
	if (b->awaits.n)
		qsort(b->awaits.at, b->awaits.n, sizeof *b->awaits.at, compare_offsets);
	int first = first_reaching(&unit->own_reach, b->fn->body.start);
	for (int i = first; i < unit->own_invocations.n && unit->own_invocations.at[i].start < b->fn->body.end; i++) {
		struct span span = unit->own_invocations.at[i];
		bool is_seen = b->awaits.n && bsearch(&span.start, b->awaits.at, b->awaits.n, sizeof *b->awaits.at, compare_offsets);
		if (!is_seen && span_contains(b->fn->body, span) && starts_with_await(unit, span) && !invocation_at(unit, span.start) &&
		    !is_expanded(unit, span.start) && !is_in_openmp_region(b->fn, span))
			error_at(unit, span, is_bound(unit, span.start) ? "an await in a type, or in what is not evaluated: keep its result in a variable first"
								: "an await that would never run: this is not evaluated");
	}
}

void build_tree(struct unit *unit, struct async_fn *fn, CXCursor definition)
{
	static const char *const frame_names[] = {"f", "frame", "async_frame_", "async__f"};
	struct builder b = {.unit = unit, .fn = fn, .function = definition};
	CXCursor body = clang_getNullCursor();
	for (int i = 0; i < clang_Cursor_getNumArguments(definition); i++) {
		CXCursor parameter = clang_Cursor_getArgument(definition, i);
		struct var *var = new_var(&b, parameter, extent_of(unit, parameter));
		struct node node = {.var = var, .span = fn->span};
		build_bounds(&b, parameter, &node, clang_getNullCursor());
		var->outer_bounds = var->n_bounds && (var->type->kind == TYPE_VLA || (var->type->kind == TYPE_ARRAY && var->type->count >= 0));
		var->is_param = true;
		var->type = make_parameter_type(unit, clang_getCursorType(parameter));
	}
	fn->n_params = fn->vars.n;
	struct cursors list = children(&b, definition);
	for (int i = 0; i < list.n; i++)
		if (clang_getCursorKind(list.at[i]) == CXCursor_CompoundStmt)
			body = list.at[i];
	b.outer = fn->span;
	read_cursors(unit, body);
	collect_local_types(unit, fn);
	fn->tree = build_statement(&b, body);
	place_local_types(unit, fn);
	if (fn->is_async)
		find_names_in_typeof(&b);
	check_openmp(unit, fn);
	refuse_hidden_awaits(&b);
	fn->frame_name = free_name(unit, fn, frame_names, sizeof frame_names / sizeof *frame_names);
	sort_refs(fn);
}
