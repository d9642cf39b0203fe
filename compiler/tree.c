/* tree.c: a function's body as our tree of nodes.  Knows libclang, and what async.h's markers look like in its tree.
 *
 * A node's span is what stands in the text.  What comes out of a macro invocation stands where the invocation does: the
 * outermost node that lies in an invocation gets the invocation's whole span and `in_macro`; the nodes below it have spans
 * only for the references in the macro's arguments. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

struct builder {
	struct unit *unit;
	struct async_fn *fn;
	CXCursor function;
	struct node *scope;     /* the compound or for statement we are in */
	struct span outer;      /* the parent node's span */
	bool in_macro, unevaluated;
	struct { struct decl { unsigned at; struct var *var; } *at; int n; } decls;
	struct { unsigned *at; int n; } awaits; /* where they start */
};

static struct node *build(struct builder *b, CXCursor cursor);
static struct node *build_statement(struct builder *b, CXCursor cursor);

/* ---- cursors' children as arrays ---- */

struct cursors {
	struct arena *arena;
	CXCursor *at;
	int n;
};

static void add_cursor(CXCursor child, void *arg)
{
	struct cursors *list = arg;
	enum CXCursorKind kind = clang_getCursorKind(child);
	if (clang_isAttribute(kind) || clang_isReference(kind))
		return;
	list_add(list->arena, list, child);
}

static struct cursors children(struct builder *b, CXCursor cursor)
{
	struct cursors list = {.arena = b->unit->arena};
	each_child(cursor, add_cursor, &list);
	return list;
}

/* ---- spans ---- */

static unsigned file_offset(CXSourceLocation location)
{
	unsigned offset;
	clang_getFileLocation(location, NULL, NULL, NULL, &offset);
	return offset;
}

static struct span raw_span(CXCursor cursor)
{
	CXSourceRange range = clang_getCursorExtent(cursor);
	return (struct span){file_offset(clang_getRangeStart(range)), file_offset(clang_getRangeEnd(range))};
}

static bool contains(struct span outer, struct span inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

static bool same_span(struct span a, struct span b)
{
	return a.start == b.start && a.end == b.end;
}

/* The span ends where the invocation starts, that is with what comes out of it: nothing else leaves no room between. */
static bool ends_before(struct unit *unit, struct span span, struct span macro)
{
	return span.end == macro.start && span.start < span.end && !strchr("};", unit->source->text[span.end - 1]);
}

/* The cursor's span in the text, widened so that it cuts no macro invocation in two. */
static struct span place_in_text(struct builder *b, CXCursor cursor, bool *in_macro)
{
	struct span span = raw_span(cursor);
	struct unit *unit = b->unit;
	*in_macro = b->in_macro;
	/* libclang gives no end for what comes out of a macro in another one's argument. */
	int own = first_reaching(unit->own_reach, unit->own_invocations.n, span.start);
	for (int i = own; i < unit->own_invocations.n && unit->own_invocations.at[i].start <= span.end; i++)
		if (unit->own_invocations.at[i].end > span.end &&
		    (unit->own_invocations.at[i].start == span.start || ends_before(unit, span, unit->own_invocations.at[i])))
			span.end = unit->own_invocations.at[i].end;
	if (b->in_macro)
		return span;
	int first = first_reaching(unit->reach, unit->invocations.n, span.start);
	for (int i = first; i < unit->invocations.n; i++) {
		struct span macro = unit->invocations.at[i].span;
		if (macro.start > span.end)
			break;
		if (contains(macro, span) && !contains(macro, b->outer)) {
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

static struct node *new_node(struct builder *b, enum node_kind kind, struct span span)
{
	struct node *node = arena_alloc(b->unit->arena, sizeof *node);
	node->kind = kind;
	node->span = span;
	node->in_macro = b->in_macro;
	node->unevaluated = b->unevaluated;
	return node;
}

static void set_kids(struct builder *b, struct node *node, int n, ...)
{
	va_list list;
	node->kids = arena_alloc(b->unit->arena, (n + 1) * sizeof *node->kids);
	node->n_kids = n;
	va_start(list, n);
	for (int i = 0; i < n; i++)
		node->kids[i] = va_arg(list, struct node *);
	va_end(list);
}

static bool writes_itself(const struct node *node)
{
	switch (node->kind) {
	case N_CALL: case N_ASSIGN: case N_COMPOUND_ASSIGN: case N_AWAIT: case N_CREATE_TASK: case N_CREATE_TASK_EAGER:
	case N_COROUTINE: case N_CREATE_TASK_IN: case N_RUN: case N_RUN_ON: case N_RUN_THREADSAFE: case N_RAISE: case N_RAISE_ERROR: case N_RERAISE: case N_OTHER: case N_STMT_EXPR:
	case N_EXECUTOR: case N_GATHER: case N_QUEUE: case N_ASM:
		return true;
	case N_UNARY:
		return strstr(node->name, "++") || strstr(node->name, "--");
	default:
		return node->type && node->type->is_volatile && node->is_lvalue;
	}
}

/* Sums up what the tree below does; called when the kids are complete. */
static struct node *finish(struct node *node)
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

/* The kids of `node`, built inside its span. */
static void build_kids(struct builder *b, struct node *node, struct cursors list)
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

static struct var *new_var(struct builder *b, CXCursor cursor, struct span span)
{
	struct var *var = arena_alloc(b->unit->arena, sizeof *var);
	var->name = keep_string(b->unit, clang_getCursorSpelling(cursor));
	var->out = var->name;
	var->type = make_type(b->unit, clang_getCursorType(cursor));
	var->is_volatile = var->type->is_volatile;
	var->span = span;
	var->scope = b->scope;
	var->in_macro = b->in_macro && b->scope && b->scope->in_macro;
	var->index = b->fn->vars.n;
	list_add(b->unit->arena, &b->fn->vars, var);
	struct decl decl = {file_offset(clang_getCursorLocation(cursor)), var};
	list_add(b->unit->arena, &b->decls, decl);
	return var;
}

static struct var *find_var(struct builder *b, CXCursor declaration)
{
	const char *name = keep_string(b->unit, clang_getCursorSpelling(declaration));
	unsigned at = file_offset(clang_getCursorLocation(declaration));
	for (int i = b->decls.n - 1; i >= 0; i--)
		if (b->decls.at[i].at == at && strcmp(b->decls.at[i].var->name, name) == 0)
			return b->decls.at[i].var;
	return NULL;
}

static bool is_invocation(struct unit *unit, unsigned at)
{
	for (int i = 0; i < unit->invocations.n && unit->invocations.at[i].span.start <= at; i++)
		if (unit->invocations.at[i].span.start == at)
			return true;
	return false;
}

/* What comes out of a macro's body cannot be called by another name; nor can what is a macro itself. */
static void add_ref(struct builder *b, unsigned at, struct var *var)
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

static struct node *build_name(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor target = clang_getCursorReferenced(cursor);
	enum CXCursorKind kind = clang_getCursorKind(target);
	node->name = keep_string(b->unit, clang_getCursorSpelling(target));
	node->name_at = file_offset(clang_getCursorLocation(cursor));
	node->is_lvalue = true;
	if (kind == CXCursor_FunctionDecl) {
		node->kind = N_FUNCTION;
		if (cursor_is_async(target))
			node->callee = callee_of(b->unit, target);
	} else if (kind == CXCursor_EnumConstantDecl) {
		node->kind = N_CONST;
	} else {
		node->var = find_var(b, target);
		node->kind = node->var ? N_REF : N_GLOBAL;
		if (node->var)
			add_ref(b, node->name_at, node->var);
	}
	return finish(node);
}

/* ---- markers ---- */

static const struct marker {
	const char *name;
	enum node_kind kind;
} markers[] = {
	{"async__mark_gather", N_GATHER}, {"async__mark_wait_for", N_WAIT_FOR}, {"async__mark_shield", N_SHIELD},
	{"async__mark_catch", N_CATCH}, {"async__mark_run_in_executor", N_EXECUTOR},
	{"async__mark_awaitable", N_AWAITABLE}, {"async__mark_create_task", N_CREATE_TASK},
	{"async__mark_create_task_eager", N_CREATE_TASK_EAGER}, {"async__mark_coroutine", N_COROUTINE},
	{"async__mark_run", N_RUN}, {"async__mark_run_on", N_RUN_ON}, {"async__mark_raise", N_RAISE},
	{"async__mark_reraise", N_RERAISE}, {"async__mark_try", N_TRY}, {"async__mark_finally", N_TRY},
	{"async__mark_caught", N_TRY}, {"async__mark_timeout", N_TIMEOUT},
	{"async__mark_threadsafe", N_RUN_THREADSAFE}, {"async__mark_group", N_GROUP}, {"async__mark_create_task_in", N_CREATE_TASK_IN}, {"async__mark_raise_error", N_RAISE_ERROR},
	{"async__mark_queue_put", N_QUEUE}, {"async__mark_queue_get", N_QUEUE}, {"async__mark_queue_join", N_QUEUE},
};

static const struct marker *find_marker(struct builder *b, CXCursor call)
{
	if (clang_getCursorKind(call) != CXCursor_CallExpr)
		return NULL;
	CXString spelling = clang_getCursorSpelling(call);
	const char *name = clang_getCString(spelling);
	const struct marker *found = NULL;
	if (name && strncmp(name, "async__mark_", 12) == 0)
		for (size_t i = 0; i < sizeof markers / sizeof *markers && !found; i++)
			if (strcmp(markers[i].name, name) == 0)
				found = &markers[i];
	clang_disposeString(spelling);
	(void)b;
	return found;
}

/* Takes parentheses, casts and implicit conversions off. */
static CXCursor strip(struct builder *b, CXCursor cursor)
{
	for (;;) {
		enum CXCursorKind kind = clang_getCursorKind(cursor);
		if (kind != CXCursor_ParenExpr && kind != CXCursor_CStyleCastExpr && kind != CXCursor_UnexposedExpr)
			return cursor;
		struct cursors kids = children(b, cursor);
		if (kids.n != 1)
			return cursor;
		cursor = kids.at[0];
	}
}

static bool is_comma(CXCursor cursor)
{
	return clang_getCursorKind(cursor) == CXCursor_BinaryOperator &&
	       clang_getCursorBinaryOperatorKind(cursor) == CXBinaryOperator_Comma;
}

/* The operands of a chain of commas that came out of one macro, left to right. */
static void flatten_commas(struct builder *b, CXCursor cursor, struct cursors *list)
{
	if (is_comma(cursor)) {
		struct cursors kids = children(b, cursor);
		flatten_commas(b, kids.at[0], list);
		list_add(b->unit->arena, list, kids.at[1]);
	} else {
		list_add(b->unit->arena, list, cursor);
	}
}

static struct node *build_marker_call(struct builder *b, const struct marker *marker, CXCursor call, struct node *node)
{
	int n = clang_Cursor_getNumArguments(call);
	struct cursors list = {.arena = b->unit->arena};
	for (int i = 0; i < n; i++)
		list_add(b->unit->arena, &list, clang_Cursor_getArgument(call, i));
	node->kind = marker->kind;
	if (marker->kind == N_CATCH) { /* ((void)(A), 0) */
		struct cursors parts = {.arena = b->unit->arena};
		flatten_commas(b, strip(b, list.at[0]), &parts);
		list.n = 0;
		list_add(b->unit->arena, &list, strip(b, parts.at[0]));
	} else if (marker->kind == N_RAISE) { /* ((code), format, ...) */
		list.at[0] = strip(b, list.at[0]);
	} else if (marker->kind == N_AWAITABLE) { /* (&(object)->awaitable) */
		CXCursor member = children(b, strip(b, list.at[0])).at[0];
		list.at[0] = strip(b, children(b, member).at[0]);
	}
	build_kids(b, node, list);
	return finish(node);
}

/* A gather in a gather: its elements are elements of the outer one. */
static void join_gathers(struct builder *b, struct node *gather)
{
	struct { struct node **at; int n; } elements = {0};
	for (int i = 0; i < gather->n_kids; i++) {
		struct node *element = gather->kids[i];
		if (element->kind != N_GATHER) {
			list_add(b->unit->arena, &elements, element);
			continue;
		}
		for (int j = 0; j < element->n_kids; j++)
			list_add(b->unit->arena, &elements, element->kids[j]);
	}
	gather->kids = elements.at;
	gather->n_kids = elements.n;
}

/* (marker(...), operands...) : the node for it, or NULL if the cursor is something else. */
static struct node *build_marked(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor inner = strip(b, cursor);
	const struct marker *marker = find_marker(b, inner);
	if (marker && marker->kind < N_COMPOUND)
		return build_marker_call(b, marker, inner, node);
	if (marker && marker->kind == N_TRY)
		return NULL;
	if (clang_getCursorKind(inner) == CXCursor_UnaryOperator) { /* *mark_awaitable(object) */
		struct cursors kids = children(b, inner);
		CXCursor pointer = kids.n ? strip(b, kids.at[0]) : inner;
		marker = find_marker(b, pointer);
		if (marker && marker->kind == N_AWAITABLE &&
		    clang_getCursorUnaryOperatorKind(inner) == CXUnaryOperator_Deref) {
			node->type = make_type(b->unit, clang_getCursorType(inner));
			return build_marker_call(b, marker, pointer, node);
		}
		return NULL;
	}
	if (!is_comma(inner))
		return NULL;
	struct cursors list = {.arena = b->unit->arena};
	flatten_commas(b, inner, &list);
	marker = find_marker(b, strip(b, list.at[0]));
	if (!marker)
		return NULL;
	CXCursor call = strip(b, list.at[0]);
	struct cursors kids = {.arena = b->unit->arena};
	node->kind = marker->kind;
	switch (marker->kind) {
	case N_GATHER:
		for (int i = 1; i < list.n; i++)
			list_add(b->unit->arena, &kids, strip(b, list.at[i]));
		break;
	case N_WAIT_FOR:
		list_add(b->unit->arena, &kids, strip(b, list.at[1]));
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		break;
	case N_QUEUE:
		node->name = marker->name + strlen("async__mark_queue_");
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		if (strcmp(node->name, "put") == 0) /* (**(q) = value) */
			list_add(b->unit->arena, &kids, children(b, strip(b, list.at[1])).at[1]);
		break;
	case N_RUN_ON:
	case N_RUN_THREADSAFE:
	case N_CREATE_TASK_IN:
	case N_EXECUTOR:
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		list_add(b->unit->arena, &kids, strip(b, list.at[1]));
		break;
	default:
		list_add(b->unit->arena, &kids, strip(b, list.at[1]));
	}
	build_kids(b, node, kids);
	if (node->kind == N_GATHER)
		join_gathers(b, node);
	return finish(node);
}

/* ---- expressions ---- */

static const char *unary_name(enum CXUnaryOperatorKind kind)
{
	switch (kind) {
	case CXUnaryOperator_PostInc: return "x++";
	case CXUnaryOperator_PostDec: return "x--";
	case CXUnaryOperator_PreInc: return "++x";
	case CXUnaryOperator_PreDec: return "--x";
	case CXUnaryOperator_AddrOf: return "&";
	case CXUnaryOperator_Deref: return "*";
	case CXUnaryOperator_Extension: return "__extension__";
	default: return "value";
	}
}

static bool starts_with_await(struct unit *unit, struct span span)
{
	struct token token = next_token(unit->source, span.start, span.end);
	return token_is(unit->source, token, "await") || token_is(unit->source, token, "_Await");
}

static bool starts_with(struct unit *unit, struct span span, const char *name)
{
	return token_is(unit->source, next_token(unit->source, span.start, span.end), name);
}

/* A variable that is reached without a pointer: the one whose address `&node` or an array's decay takes. */
static struct var *addressed_var(struct node *node)
{
	for (;;) {
		if (node->kind == N_REF)
			return node->var;
		if (node->kind == N_MEMBER && !node->is_arrow)
			node = node->kids[0];
		else if (node->kind == N_INDEX || node->kind == N_PAREN || node->kind == N_CONVERSION)
			node = node->kids[0];
		else if (node->kind == N_UNARY && strcmp(node->name, "value") == 0)
			node = node->kids[0];
		else
			return NULL;
	}
}

/* A compound literal whose address is taken lives as long as its block, which may contain awaits: lowering gives it a place of
 * its own, by the same means that take awaits out of expressions.  `node` is what the address is taken of. */
static void give_literal_a_home(struct builder *b, struct node *node)
{
	struct node *literal = node;
	while (literal->kind == N_PAREN || literal->kind == N_CONVERSION || (literal->kind == N_MEMBER && !literal->is_arrow) ||
	       (literal->kind == N_INDEX && literal->kids[0]->kind == N_COMPOUND_LITERAL))
		literal = literal->kids[0];
	if (literal->kind != N_COMPOUND_LITERAL || literal->unevaluated || !b->fn->is_async || literal->needs_home)
		return;
	literal->needs_home = true;
	for (;; node = node->kids[0]) {
		node->awaits++;
		node->special = node->writes = true;
		if (node == literal)
			return;
	}
}

static struct node *build_unary(struct builder *b, CXCursor cursor, struct node *node)
{
	enum CXUnaryOperatorKind kind = clang_getCursorUnaryOperatorKind(cursor);
	node->name = unary_name(kind);
	node->kind = N_UNARY;
	if (kind == CXUnaryOperator_Extension && starts_with_await(b->unit, node->span)) {
		node->kind = N_AWAIT;
		if (!b->unevaluated)
			list_add(b->unit->arena, &b->awaits, node->span.start);
	}
	node->is_lvalue = kind == CXUnaryOperator_Deref;
	build_kids(b, node, children(b, cursor));
	if (kind == CXUnaryOperator_AddrOf && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->address_taken = true;
	if (kind == CXUnaryOperator_AddrOf)
		give_literal_a_home(b, node->kids[0]);
	if (writes_itself(node) && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->assigned = true;
	return finish(node);
}

static struct node *build_binary(struct builder *b, CXCursor cursor, struct node *node)
{
	switch (clang_getCursorBinaryOperatorKind(cursor)) {
	case CXBinaryOperator_LAnd: node->kind = N_AND; break;
	case CXBinaryOperator_LOr: node->kind = N_OR; break;
	case CXBinaryOperator_Comma: node->kind = N_COMMA; break;
	case CXBinaryOperator_Assign: node->kind = N_ASSIGN; break;
	default: node->kind = N_BINARY;
	}
	build_kids(b, node, children(b, cursor));
	if (node->kind == N_ASSIGN && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->assigned = true;
	return finish(node);
}

/* One arm of a _Generic or __builtin_choose_expr, known to be chosen: the node is only a shell around it. */
static struct node *choose(struct node *node, struct node *chosen)
{
	node->kind = N_CONVERSION;
	node->kids[0] = chosen;
	node->n_kids = 1;
	node->is_lvalue = chosen->is_lvalue;
	return finish(node);
}

static void add_chunk(struct builder *b, struct rope *rope, unsigned start, unsigned end, const char *text)
{
	struct chunk span = {.kind = CHUNK_SPAN, .span = {start, end}}, ours = {.kind = CHUNK_TEXT, .text = text};
	list_add(b->unit->arena, rope, span);
	list_add(b->unit->arena, rope, ours);
}

/* The _Generic itself says which arm it is: with 1 for this arm and 0 for all others. */
static struct node *build_generic_test(struct builder *b, struct node *node, struct cursors list, int arm)
{
	struct node *test = new_node(b, N_CONST, node->span);
	unsigned at = node->span.start;
	test->as = arena_alloc(b->unit->arena, sizeof *test->as);
	for (int i = 1; i < list.n; i++) {
		struct span span = raw_span(list.at[i]);
		add_chunk(b, test->as, at, span.start, i == arm ? "1" : "0");
		at = span.end;
	}
	add_chunk(b, test->as, at, node->span.end, "");
	return test;
}

/* libclang does not tell which arm of a _Generic is chosen, only its type: among arms of that type the program asks. */
static struct node *build_generic(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	struct node *rest = NULL;
	struct node control = *node;
	bool unevaluated = b->unevaluated, special = false;
	b->unevaluated = true;
	build_kids(b, &control, (struct cursors){.at = list.at, .n = 1});
	b->unevaluated = unevaluated;
	build_kids(b, node, (struct cursors){.at = list.at + 1, .n = list.n - 1});
	for (int i = 0; i < node->n_kids; i++)
		special |= node->kids[i]->special;
	for (int i = list.n - 1; i > 0; i--) {
		struct node *arm = node->kids[i - 1];
		if (strcmp(arm->type->spelling, node->type->spelling) != 0)
			continue;
		if (!rest || !special) {
			rest = arm;
			continue;
		}
		struct node *pick = new_node(b, N_CONDITIONAL, node->span);
		pick->type = node->type;
		set_kids(b, pick, 3, build_generic_test(b, node, list, i), arm, rest);
		arm->in_order = rest->in_order = pick->in_order = true;
		rest = finish(pick);
	}
	if (!rest || node->in_macro)
		return node->kind = N_OTHER, finish(node);
	return choose(node, rest);
}

static struct node *build_choose_expr(struct builder *b, struct node *node, struct cursors list)
{
	CXEvalResult result = clang_Cursor_Evaluate(list.at[0]);
	bool first = result && clang_EvalResult_getAsLongLong(result) != 0;
	if (result)
		clang_EvalResult_dispose(result);
	build_kids(b, node, list);
	if (node->in_macro)
		return node->kind = N_OTHER, finish(node);
	return choose(node, node->kids[first ? 1 : 2]);
}

static struct node *build_conversion(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	if (list.n == 4 && same_span(raw_span(list.at[0]), raw_span(list.at[1]))) { /* GNU a ?: b shows a three times */
		list.at[1] = list.at[3];
		list.n = 2;
		node->kind = N_ELVIS;
	} else if (list.n == 3 && starts_with(b->unit, node->span, "__builtin_choose_expr")) {
		return build_choose_expr(b, node, list);
	} else if (list.n == 1) {
		node->kind = same_span(raw_span(cursor), raw_span(list.at[0])) ? N_CONVERSION : N_OTHER;
	} else {
		node->kind = list.n ? N_OTHER : N_CONST;
	}
	build_kids(b, node, list);
	/* An array that decays gives its address away. */
	if (node->kind == N_CONVERSION && node->type->kind == TYPE_POINTER && node->kids[0]->type &&
	    node->kids[0]->type->kind == TYPE_ARRAY && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->address_taken = true;
	if (node->kind == N_CONVERSION && node->type->kind == TYPE_POINTER && node->kids[0]->type &&
	    node->kids[0]->type->kind == TYPE_ARRAY)
		give_literal_a_home(b, node->kids[0]);
	if (node->kind == N_CONVERSION && !node->in_macro)
		node->span = node->kids[0]->span;
	return finish(node);
}

static struct node *build_member(struct builder *b, CXCursor cursor, struct node *node)
{
	node->kind = N_MEMBER;
	node->name = keep_string(b->unit, clang_getCursorSpelling(cursor));
	node->name_at = file_offset(clang_getCursorLocation(cursor));
	node->is_lvalue = true;
	build_kids(b, node, children(b, cursor));
	if (node->n_kids == 0) {
		node->kind = N_OTHER;
		return finish(node);
	}
	node->is_arrow = node->kids[0]->type && node->kids[0]->type->kind == TYPE_POINTER;
	return finish(node);
}

/* The stack of a function that is suspended is gone: vla.c takes the memory from elsewhere. */
static void note_alloca(struct builder *b, struct node *call)
{
	struct node *function = call->n_kids ? call->kids[0] : NULL;
	while (function && (function->kind == N_CONVERSION || function->kind == N_PAREN))
		function = function->kids[0];
	if (!function || function->kind != N_FUNCTION || call->unevaluated || !b->fn->is_async)
		return;
	if (strcmp(function->name, "alloca") != 0 && strcmp(function->name, "__builtin_alloca") != 0)
		return;
	const struct invocation *invocation = call->in_macro ? invocation_at(b->unit, call->span.start) : NULL;
	if (invocation)
		add_dirty(b->unit, b->fn, invocation, "allocates on the stack");
	call->takes_stack = call->special = b->fn->uses_alloca = true;
}

static struct node *build_call(struct builder *b, CXCursor cursor, struct node *node)
{
	CXString name = clang_getCursorSpelling(cursor);
	bool unevaluated = b->unevaluated;
	if (strcmp(clang_getCString(name), "__builtin_constant_p") == 0)
		b->unevaluated = true;
	clang_disposeString(name);
	node->kind = N_CALL;
	build_kids(b, node, children(b, cursor));
	b->unevaluated = unevaluated;
	note_alloca(b, node);
	return finish(node);
}

/* Follows an element's designators (.member, [index]) down from the list's type. */
struct designators {
	struct builder *b;
	CXType type;
	long bits;
	int left; /* how many of the designated element's children are designators */
	bool in_range;
};

static void follow_designator(CXCursor child, void *arg)
{
	struct designators *d = arg;
	CXType type = clang_getCanonicalType(d->type);
	if (d->left-- <= 0)
		return;
	if (clang_getCursorKind(child) == CXCursor_MemberRef) {
		CXCursor field = clang_getCursorReferenced(child);
		const char *name = keep_string(d->b->unit, clang_getCursorSpelling(field));
		d->bits += clang_Type_getOffsetOf(type, name);
		d->type = clang_getCursorType(field);
	} else if (type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray) { /* else: a range's other end */
		CXEvalResult result = clang_Cursor_Evaluate(child);
		d->type = clang_getArrayElementType(type);
		if (result) {
			d->bits += 8 * clang_Type_getSizeOf(d->type) * clang_EvalResult_getAsLongLong(result);
			clang_EvalResult_dispose(result);
		}
	}
}

static void count_child(CXCursor child, void *arg)
{
	(void)child;
	++*(int *)arg;
}

static bool is_designated(const struct node *element)
{
	return element->kind == N_OTHER && element->type && element->type->kind == TYPE_VOID && element->n_kids;
}

/* An element comes after those before it, unless it says where it belongs. */
static void place_element(struct builder *b, struct node *list, int i, CXType type, CXCursor cursor)
{
	struct node *element = list->kids[i];
	element->offset = i ? list->kids[i - 1]->offset : 0;
	if (!is_designated(element))
		return;
	struct designators d = {.b = b, .type = type};
	each_child(cursor, count_child, &d.left);
	d.left--; /* the last one is the value */
	each_child(cursor, follow_designator, &d);
	element->offset = d.bits;
	for (int j = 0; j < i; j++)
		if (list->kids[j]->offset == d.bits && list->kids[j]->kind == N_DESIGNATED && list->awaits)
			error_at(b->unit, element->span, "initialised twice, in a list with an await: say it once");
	element->kind = N_DESIGNATED;
	element->kids[0] = element->kids[element->n_kids - 1];
	element->n_kids = 1;
	element->writes = element->reads = false;
	element->awaits = 0;
	finish(element);
}

/* The elements of an initialiser, designated or not. */
static struct node *build_init_list(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	node->kind = N_INIT_LIST;
	build_kids(b, node, list);
	finish(node);
	for (int i = 0; i < node->n_kids; i++)
		place_element(b, node, i, clang_getCursorType(cursor), list.at[i]);
	return node;
}

static struct node *build_unevaluated(struct builder *b, CXCursor cursor, struct node *node)
{
	bool unevaluated = b->unevaluated;
	b->unevaluated = true;
	node->kind = N_CONST;
	build_kids(b, node, children(b, cursor));
	b->unevaluated = unevaluated;
	for (int i = 0; i < node->n_kids; i++) /* sizeof of a VLA looks at the variable's bounds */
		if (node->kids[i]->type && node->kids[i]->type->kind == TYPE_VLA)
			node->kind = N_OTHER;
	return finish(node);
}

static struct node *build_compound_literal(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	node->kind = N_COMPOUND_LITERAL;
	node->is_lvalue = true;
	if (list.n > 1) { /* the type may show its own pieces first */
		list.at[0] = list.at[list.n - 1];
		list.n = 1;
	}
	build_kids(b, node, list);
	return finish(node);
}

static struct node *build_cast(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	node->kind = N_CAST;
	if (list.n > 1) {
		list.at[0] = list.at[list.n - 1];
		list.n = 1;
	}
	build_kids(b, node, list);
	return finish(node);
}

static struct node *build_other(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	node->kind = kind;
	build_kids(b, node, children(b, cursor));
	return finish(node);
}

static bool leaves_by_itself(const struct node *node)
{
	if (!node || (node->kind >= N_GOTO && node->kind <= N_CONTINUE))
		return node != NULL;
	for (int i = 0; i < node->n_kids; i++)
		if (leaves_by_itself(node->kids[i]))
			return true;
	return false;
}

/* One that returns or jumps, or holds a marker, cannot be copied as written either: it counts as an await. */
static struct node *build_statement_expression(struct builder *b, CXCursor cursor, struct node *node)
{
	build_other(b, cursor, node, N_STMT_EXPR);
	if (b->fn->is_async && !node->awaits && !node->unevaluated && (node->special || leaves_by_itself(node))) {
		node->awaits = 1;
		node->special = true;
	}
	return node;
}

static struct node *build_expression(struct builder *b, CXCursor cursor, struct node *node)
{
	node->type = make_type(b->unit, clang_getCursorType(cursor));
	switch ((int)clang_getCursorKind(cursor)) {
	case CXCursor_IntegerLiteral:
	case CXCursor_FloatingLiteral:
	case CXCursor_ImaginaryLiteral:
	case CXCursor_StringLiteral:
	case CXCursor_CharacterLiteral:
		node->kind = N_CONST;
		return finish(node);
	case CXCursor_DeclRefExpr:
		return build_name(b, cursor, node);
	case CXCursor_MemberRefExpr:
		return build_member(b, cursor, node);
	case CXCursor_ArraySubscriptExpr:
		node->is_lvalue = true;
		return build_other(b, cursor, node, N_INDEX);
	case CXCursor_CallExpr:
	case CXCursor_ParenExpr:
	case CXCursor_CStyleCastExpr: {
		struct node *marked = build_marked(b, cursor, node);
		if (marked)
			return marked;
		if (clang_getCursorKind(cursor) == CXCursor_CallExpr)
			return build_call(b, cursor, node);
		if (clang_getCursorKind(cursor) == CXCursor_CStyleCastExpr)
			return build_cast(b, cursor, node);
		build_other(b, cursor, node, N_PAREN);
		node->is_lvalue = node->n_kids && node->kids[0]->is_lvalue;
		return node;
	}
	case CXCursor_UnaryOperator: {
		struct node *marked = clang_getCursorUnaryOperatorKind(cursor) == CXUnaryOperator_Deref
					      ? build_marked(b, cursor, node)
					      : NULL;
		return marked ? marked : build_unary(b, cursor, node);
	}
	case CXCursor_BinaryOperator: {
		struct node *marked = is_comma(cursor) ? build_marked(b, cursor, node) : NULL;
		return marked ? marked : build_binary(b, cursor, node);
	}
	case CXCursor_CompoundAssignOperator:
		build_other(b, cursor, node, N_COMPOUND_ASSIGN);
		if (addressed_var(node->kids[0]))
			addressed_var(node->kids[0])->assigned = true;
		return node;
	case CXCursor_ConditionalOperator:
		return build_other(b, cursor, node, N_CONDITIONAL);
	case CXCursor_UnaryExpr:
		return build_unevaluated(b, cursor, node);
	case CXCursor_InitListExpr:
		return build_init_list(b, cursor, node);
	case CXCursor_CompoundLiteralExpr:
		return build_compound_literal(b, cursor, node);
	case CXCursor_GenericSelectionExpr:
		return build_generic(b, cursor, node);
	case CXCursor_StmtExpr:
		return build_statement_expression(b, cursor, node);
	case CXCursor_UnexposedExpr:
		return build_conversion(b, cursor, node);
	default:
		build_other(b, cursor, node, N_OTHER);
		if (node->awaits)
			error_at(b->unit, node->span, "an await inside this construct is not supported");
		return node;
	}
}

/* ---- declarations ---- */

struct attributed {
	struct builder *b;
	struct var *var;
};

static void note_var_attribute(const struct attribute *attribute, void *arg)
{
	struct attributed *to = arg;
	struct arena *arena = to->b->unit->arena;
	struct var *var = to->var;
	const char *before = var->attributes ? var->attributes : "";
	bool matters = true;
	if (attribute->kind == CXCursor_AsmLabelAttr) {
		var->register_asm = true;
	} else if (strcmp(attribute->name, "cleanup") == 0) {
		size_t size = strlen(attribute->arguments);
		var->cleanup = size > 2 ? arena_copy(arena, attribute->arguments + 1, size - 2) : "";
		var->cleanup_callee = find_callee(to->b->unit, var->cleanup);
		var->address_taken = true;
	} else if (strcmp(attribute->name, "_Alignas") == 0 || strcmp(attribute->name, "alignas") == 0) {
		var->attributes = arena_printf(arena, "%s_Alignas%s ", before, attribute->arguments);
	} else if (strcmp(attribute->name, "aligned") == 0 || strcmp(attribute->name, "unused") == 0) {
		var->attributes = arena_printf(arena, "%s__attribute__((%s%s)) ", before, attribute->name, attribute->arguments);
	} else {
		matters = false;
	}
	const struct invocation *invocation = invocation_at(to->b->unit, attribute->at);
	if (matters && attribute->in_macro && invocation && strchr(attribute->arguments, '('))
		add_dirty(to->b->unit, to->b->fn, invocation, "has an attribute in it");
}

static bool is_automatic(CXCursor cursor)
{
	enum CX_StorageClass storage = clang_Cursor_getStorageClass(cursor);
	return clang_getCursorKind(cursor) == CXCursor_VarDecl && storage != CX_SC_Static && storage != CX_SC_Extern;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;
	return ((*x)->span.start > (*y)->span.start) - ((*x)->span.start < (*y)->span.start);
}

/* `[n]` or `[static n]`, not the operand of a typeof. */
static bool is_in_brackets(struct builder *b, CXCursor bound)
{
	const char *text = b->unit->source->text;
	unsigned at = raw_span(bound).start;
	while (at && (strchr(" \t\r\n_", text[at - 1]) || (text[at - 1] >= 'a' && text[at - 1] <= 'z')))
		at--;
	return at && text[at - 1] == '[';
}

/* What is evaluated in a declarator whose type has a run-time size. */
static void build_bounds(struct builder *b, CXCursor cursor, struct node *node, CXCursor init)
{
	struct cursors all = children(b, cursor), list = {.arena = b->unit->arena};
	struct node parts = *node;
	if (!has_run_time_size(node->var->type))
		return;
	for (int i = 0; i < all.n; i++)
		if (clang_isExpression(clang_getCursorKind(all.at[i])) && !clang_equalCursors(all.at[i], init) &&
		    is_in_brackets(b, all.at[i]))
			list_add(b->unit->arena, &list, all.at[i]);
	build_kids(b, &parts, list);
	qsort(parts.kids, parts.n_kids, sizeof *parts.kids, compare_nodes);
	finish(&parts);
	node->awaits = parts.awaits;
	node->special = parts.special;
	node->reads |= parts.reads;
	node->writes |= parts.writes;
	node->var->bounds = parts.kids;
	node->var->n_bounds = parts.n_kids;
}

/* A typedef of a run-time size is evaluated where it stands. */
static void build_run_time_typedef(struct builder *b, CXCursor cursor, struct node *node)
{
	struct type *type = make_type(b->unit, clang_getTypedefDeclUnderlyingType(cursor));
	if (!has_run_time_size(type))
		return;
	node->var = arena_alloc(b->unit->arena, sizeof *node->var);
	node->var->name = keep_string(b->unit, clang_getCursorSpelling(cursor));
	node->var->type = type;
	node->var->span = node->span;
	node->var->scope = b->scope;
	node->local = find_local_type(b->unit, cursor);
	build_bounds(b, cursor, node, clang_getNullCursor());
}

static struct node *build_variable(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor init = clang_Cursor_getVarDeclInitializer(cursor);
	struct cursors list = {.arena = b->unit->arena};
	node->kind = N_VAR;
	node->var = new_var(b, cursor, node->span);
	node->var->initialised = !clang_Cursor_isNull(init);
	node->name_at = file_offset(clang_getCursorLocation(cursor));
	add_ref(b, node->name_at, node->var);
	struct attributed attributed = {b, node->var};
	each_attribute(b->unit, cursor, note_var_attribute, &attributed);
	if (!clang_Cursor_isNull(init)) {
		list_add(b->unit->arena, &list, init);
		build_kids(b, node, list);
		node->span.end = node->kids[0]->span.end > node->span.end ? node->kids[0]->span.end : node->span.end;
		finish(node);
	}
	build_bounds(b, cursor, node, init);
	return node;
}

static struct node *build_declaration(struct builder *b, CXCursor cursor)
{
	struct node *node = new_node(b, N_OTHER_DECL, (struct span){0, 0});
	node->span = place_in_text(b, cursor, &node->in_macro);
	if (is_automatic(cursor))
		return build_variable(b, cursor, node);
	if (clang_getCursorKind(cursor) == CXCursor_TypedefDecl)
		build_run_time_typedef(b, cursor, node);
	return node;
}

static struct node *build_decl_statement(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	node->kind = N_DECL_STMT;
	b->outer = node->span;
	b->in_macro = node->in_macro;
	node->kids = arena_alloc(b->unit->arena, (list.n + 1) * sizeof *node->kids);
	for (int i = 0; i < list.n; i++)
		node->kids[node->n_kids++] = build_declaration(b, list.at[i]);
	b->outer = outer;
	b->in_macro = in_macro;
	return finish(node);
}

/* ---- statements ---- */

static void extend_to_semicolon(struct builder *b, struct node *node)
{
	if (node->in_macro && b->in_macro)
		return;
	struct token token = next_token(b->unit->source, node->span.end, b->fn->body.end);
	if (token_is(b->unit->source, token, ";"))
		node->span.end = token.span.end;
}

static struct node *statement_kid(struct builder *b, struct node *parent, CXCursor cursor)
{
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	b->outer = parent->span;
	b->in_macro = parent->in_macro;
	struct node *kid = build_statement(b, cursor);
	b->outer = outer;
	b->in_macro = in_macro;
	if (!parent->in_macro && kid->span.end > parent->span.end)
		parent->span.end = kid->span.end;
	return kid;
}

static struct node *expression_kid(struct builder *b, struct node *parent, CXCursor cursor)
{
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	b->outer = parent->span;
	b->in_macro = parent->in_macro;
	struct node *kid = build(b, cursor);
	b->outer = outer;
	b->in_macro = in_macro;
	return kid;
}

/* What an `if` or a `for` really is: just that, or a piece of async_try ... async_finally, or a block of another kind. */
static const struct marker *statement_marker(struct builder *b, CXCursor cursor)
{
	if (clang_getCursorKind(cursor) == CXCursor_ForStmt) { /* for (async_group *g = mark();;) */
		CXCursor decl = children(b, cursor).at[0];
		CXCursor var = clang_getCursorKind(decl) == CXCursor_DeclStmt ? children(b, decl).at[0] : decl;
		CXCursor init = clang_getCursorKind(var) == CXCursor_VarDecl ? clang_Cursor_getVarDeclInitializer(var) : var;
		return clang_getCursorKind(var) == CXCursor_VarDecl && !clang_Cursor_isNull(init) ? find_marker(b, strip(b, init)) : NULL;
	}
	if (clang_getCursorKind(cursor) != CXCursor_IfStmt)
		return NULL;
	struct cursors kids = children(b, cursor);
	return find_marker(b, strip(b, kids.at[0]));
}

static bool marker_is(const struct marker *marker, const char *name)
{
	return marker && strcmp(marker->name, name) == 0;
}

static void build_except(struct builder *b, struct node *node, CXCursor loop)
{
	struct cursors kids = children(b, loop);
	struct node *scope = b->scope;
	if (clang_getCursorKind(loop) != CXCursor_ForStmt || kids.n < 2) {
		error_at(b->unit, raw_span(loop), "an async_try is followed by async_except or async_finally, not by else");
		return;
	}
	struct cursors decl = children(b, kids.at[0]);
	/* The variable is declared by the macro; its name is the macro's argument. */
	struct span head = raw_span(loop);
	struct token open = next_token(b->unit->source, head.start + strlen("async_except"), b->fn->body.end);
	struct token name = next_token(b->unit->source, open.span.end, b->fn->body.end);
	b->scope = node;
	node->var = new_var(b, decl.at[0], name.span);
	node->name_at = name.span.start;
	add_ref(b, name.span.start, node->var);
	node->kids[1] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
}

static struct node *build_try(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	node->kind = N_TRY;
	node->kids = arena_alloc(b->unit->arena, 4 * sizeof *node->kids);
	node->n_kids = 3;
	node->head = (struct span){node->span.start, node->span.start + strlen("async_try")};
	node->kids[0] = statement_kid(b, node, kids.at[1]);
	if (kids.n > 2)
		build_except(b, node, kids.at[2]);
	return node;
}

/* The variable is declared by the macro; its name is the macro's argument. */
static void declare_head_variable(struct builder *b, struct node *node, CXCursor loop, const char *macro)
{
	struct token open = next_token(b->unit->source, raw_span(loop).start + strlen(macro), b->fn->body.end);
	struct token name = next_token(b->unit->source, open.span.end, b->fn->body.end);
	b->scope = node;
	node->var = new_var(b, children(b, children(b, loop).at[0]).at[0], name.span);
	node->name_at = name.span.start;
	add_ref(b, name.span.start, node->var);
	node->head = (struct span){node->span.start, closing_bracket(b->unit->source, open.span.start, b->fn->body.end) + 1};
}

static struct node *build_group(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	struct node *scope = b->scope;
	node->kind = N_GROUP;
	node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
	node->n_kids = 1;
	declare_head_variable(b, node, cursor, "async_task_group");
	node->kids[0] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
	node->special = true;
	return finish(node);
}

static struct node *build_for(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	struct node *scope = b->scope;
	struct source *source = b->unit->source;
	node->kind = N_FOR;
	node->kids = arena_alloc(b->unit->arena, 5 * sizeof *node->kids);
	node->n_kids = 4;
	b->scope = node;
	/* libclang leaves absent parts out: tell the three apart by the semicolons. */
	unsigned open = next_token(source, node->span.start + 3, node->span.end).span.start;
	unsigned close = closing_bracket(source, open, b->fn->body.end);
	unsigned semicolons[2] = {close, close};
	int found = 0;
	struct token token;
	for (unsigned at = open + 1; found < 2 && (token = next_token(source, at, close)).kind != TOKEN_END;) {
		at = token.span.end;
		if (token_is(source, token, "(") || token_is(source, token, "{") || token_is(source, token, "["))
			at = closing_bracket(source, token.span.start, close) + 1;
		else if (token_is(source, token, ";"))
			semicolons[found++] = token.span.start;
	}
	node->head = (struct span){node->span.start, close + 1};
	for (int i = 0; i < kids.n - 1; i++) {
		unsigned start = raw_span(kids.at[i]).start;
		int part = start < semicolons[0] ? 0 : start < semicolons[1] ? 1 : 2;
		if (node->in_macro)
			part = kids.n == 4 ? i : 1;
		if (part == 0)
			node->kids[0] = statement_kid(b, node, kids.at[i]);
		else
			node->kids[part] = expression_kid(b, node, kids.at[i]);
	}
	node->kids[3] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
	return finish(node);
}

/* async_finally belongs to the async_try before it. */
static bool join_finally(struct builder *b, struct node *compound, CXCursor cursor)
{
	if (!marker_is(statement_marker(b, cursor), "async__mark_finally"))
		return false;
	struct node *previous = compound->n_kids ? compound->kids[compound->n_kids - 1] : NULL;
	if (!previous || previous->kind != N_TRY || previous->kids[2]) {
		error_at(b->unit, raw_span(cursor), "async_finally without async_try before it");
		return true;
	}
	struct cursors kids = children(b, cursor);
	previous->kids[2] = statement_kid(b, previous, kids.at[1]);
	previous->span.end = previous->kids[2]->span.end;
	return true;
}

static struct node *build_compound(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	struct node *scope = b->scope;
	node->kind = N_COMPOUND;
	node->kids = arena_alloc(b->unit->arena, (list.n + 1) * sizeof *node->kids);
	b->scope = node;
	for (int i = 0; i < list.n; i++)
		if (!join_finally(b, node, list.at[i]))
			node->kids[node->n_kids++] = statement_kid(b, node, list.at[i]);
	b->scope = scope;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i]->kind == N_TRY) {
			if (!node->kids[i]->kids[1] && !node->kids[i]->kids[2])
				error_at(b->unit, node->kids[i]->head, "async_try without async_except or async_finally after it");
			finish(node->kids[i]);
			node->kids[i]->special = true;
		}
	return finish(node);
}

/* A statement made of expressions and statements: kinds says which kid is what ('e' or 's'). */
static struct node *build_parts(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind, const char *kinds)
{
	struct cursors list = children(b, cursor);
	int n = strlen(kinds);
	node->kind = kind;
	node->kids = arena_alloc(b->unit->arena, (n + 1) * sizeof *node->kids);
	node->n_kids = n;
	for (int i = 0; i < list.n && i < n; i++)
		node->kids[i] = kinds[i] == 's' ? statement_kid(b, node, list.at[i]) : expression_kid(b, node, list.at[i]);
	return finish(node);
}

static struct node *build_labelled(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	struct cursors list = children(b, cursor);
	node->kind = kind;
	node->name = keep_string(b->unit, clang_getCursorSpelling(cursor));
	node->name_at = file_offset(clang_getCursorLocation(cursor));
	node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
	node->n_kids = 1;
	node->kids[0] = statement_kid(b, node, list.at[list.n - 1]);
	return finish(node);
}

static struct node *build_jump(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	struct cursors list = children(b, cursor);
	node->kind = kind;
	if (list.n) {
		node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
		node->kids[0] = expression_kid(b, node, list.at[0]);
		node->n_kids = 1;
		if (!node->in_macro && node->kids[0]->span.end > node->span.end)
			node->span.end = node->kids[0]->span.end;
	}
	extend_to_semicolon(b, node);
	return finish(node);
}

static void note_label_name(CXCursor child, void *arg)
{
	if (clang_getCursorKind(child) == CXCursor_LabelRef)
		*(CXCursor *)arg = child;
}

static struct node *build_goto(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor label = clang_getNullCursor();
	each_child(cursor, note_label_name, &label);
	node->kind = N_GOTO;
	node->name = keep_string(b->unit, clang_getCursorSpelling(label));
	node->name_at = file_offset(clang_getCursorLocation(clang_getCursorReferenced(label)));
	extend_to_semicolon(b, node);
	return finish(node);
}

static struct node *build_statement(struct builder *b, CXCursor cursor)
{
	struct node *node = new_node(b, N_OTHER_STMT, (struct span){0, 0});
	node->span = place_in_text(b, cursor, &node->in_macro);
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	if (clang_isExpression(kind)) {
		struct node *expression = build(b, cursor);
		node->kind = N_EXPR_STMT;
		node->span = expression->span;
		node->in_macro = expression->in_macro;
		set_kids(b, node, 1, expression);
		extend_to_semicolon(b, node);
		return finish(node);
	}
	const struct marker *marker = statement_marker(b, cursor);
	if (marker_is(marker, "async__mark_try"))
		return build_try(b, cursor, node);
	if (marker_is(marker, "async__mark_finally")) {
		error_at(b->unit, raw_span(cursor), "async_finally without async_try before it");
		return node;
	}
	if (marker_is(marker, "async__mark_group"))
		return build_group(b, cursor, node);
	if (marker_is(marker, "async__mark_timeout")) {
		struct cursors kids = children(b, cursor);
		CXCursor seconds = clang_Cursor_getArgument(strip(b, kids.at[0]), 0);
		node->kind = N_TIMEOUT;
		node->kids = arena_alloc(b->unit->arena, 3 * sizeof *node->kids);
		node->n_kids = 2;
		node->kids[0] = expression_kid(b, node, seconds);
		node->kids[1] = statement_kid(b, node, kids.at[1]);
		node->special = true;
		return finish(node);
	}
	switch ((int)kind) {
	case CXCursor_CompoundStmt: return build_compound(b, cursor, node);
	case CXCursor_DeclStmt: return build_decl_statement(b, cursor, node);
	case CXCursor_IfStmt: return build_parts(b, cursor, node, N_IF, "ess");
	case CXCursor_WhileStmt: return build_parts(b, cursor, node, N_WHILE, "es");
	case CXCursor_DoStmt:
		build_parts(b, cursor, node, N_DO, "se");
		extend_to_semicolon(b, node);
		return node;
	case CXCursor_ForStmt: return build_for(b, cursor, node);
	case CXCursor_SwitchStmt: return build_parts(b, cursor, node, N_SWITCH, "es");
	case CXCursor_CaseStmt: return build_labelled(b, cursor, node, N_CASE);
	case CXCursor_DefaultStmt: return build_labelled(b, cursor, node, N_DEFAULT);
	case CXCursor_LabelStmt: return build_labelled(b, cursor, node, N_LABEL);
	case CXCursor_GotoStmt:
		return build_goto(b, cursor, node);
	case CXCursor_IndirectGotoStmt: return build_jump(b, cursor, node, N_INDIRECT_GOTO);
	case CXCursor_ReturnStmt:
		return build_jump(b, cursor, node, N_RETURN);
	case CXCursor_BreakStmt: return build_jump(b, cursor, node, N_BREAK);
	case CXCursor_ContinueStmt: return build_jump(b, cursor, node, N_CONTINUE);
	case CXCursor_NullStmt:
		node->kind = N_NULL;
		return finish(node);
	case CXCursor_GCCAsmStmt:
		build_other(b, cursor, node, N_ASM);
		extend_to_semicolon(b, node);
		return node;
	default:
		return build_other(b, cursor, node, N_OTHER_STMT);
	}
}

static struct node *build(struct builder *b, CXCursor cursor)
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

/* Every await in the text is one in the tree, or stands where libclang shows nothing: in a type, say.  What a macro makes of
 * its argument (assert has a sizeof of it) is not the user's doing. */
static void refuse_hidden_awaits(struct builder *b)
{
	struct unit *unit = b->unit;
	for (int i = 0; i < unit->own_invocations.n; i++) {
		struct span span = unit->own_invocations.at[i];
		bool found = !contains(b->fn->body, span) || !starts_with_await(unit, span) || invocation_at(unit, span.start) ||
			     is_expanded(unit, span.start);
		for (int j = 0; j < b->awaits.n && !found; j++)
			found = b->awaits.at[j] == span.start;
		if (!found)
			error_at(unit, span, "an await that would never run: this is not evaluated");
	}
}

void build_tree(struct unit *unit, struct async_fn *fn, CXCursor definition)
{
	static const char *const frame_names[] = {"f", "frame", "async_frame_", "async__f"};
	struct builder b = {.unit = unit, .fn = fn, .function = definition};
	CXCursor body = clang_getNullCursor();
	for (int i = 0; i < clang_Cursor_getNumArguments(definition); i++) {
		CXCursor parameter = clang_Cursor_getArgument(definition, i);
		struct var *var = new_var(&b, parameter, raw_span(parameter));
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
	collect_local_types(unit, fn, body);
	fn->tree = build_statement(&b, body);
	place_local_types(unit, fn);
	refuse_hidden_awaits(&b);
	fn->frame_name = free_name(unit, fn, frame_names, sizeof frame_names / sizeof *frame_names);
	sort_refs(fn);
}
