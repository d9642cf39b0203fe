/* tree_declaration.c: declarations, and what is evaluated in their types. */
#include "tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct attributed {
	struct builder *b;
	struct var *var;
};

/* cleanup(name): which function it is has to be known, so a macro's name is expanded. */
static void note_cleanup(struct attributed *to, const struct attribute *attribute)
{
	struct unit *unit = to->b->unit;
	unsigned start = 1, end = strlen(attribute->arguments);
	while (start < end && isspace((unsigned char)attribute->arguments[start]))
		start++;
	while (end > start && strchr(" \t\r\n)", attribute->arguments[end - 1]))
		end--;
	to->var->cleanup = end > start ? arena_copy(unit->arena, attribute->arguments + start, end - start) : "";
	to->var->cleanup_callee = find_callee(unit, to->var->cleanup);
	to->var->address_taken = true;
	struct occurrences names = occurrences_in(unit, to->b->outer, to->var->cleanup);
	for (int i = 0; i < names.n; i++) {
		const struct invocation *invocation = invocation_at(unit, names.at[i].at);
		if (invocation && strcmp(invocation->name, to->var->cleanup) == 0)
			add_dirty(unit, to->b->fn, invocation, "names a cleanup function");
	}
}

static void note_var_attribute(const struct attribute *attribute, void *arg)
{
	struct attributed *to = arg;
	struct arena *arena = to->b->unit->arena;
	struct var *var = to->var;
	const char *before = var->attributes ? var->attributes : "";
	bool matters = true, incomplete = false;
	if (attribute->kind == CXCursor_AsmLabelAttr) {
		var->register_asm = true;
	} else if (strcmp(attribute->name, "cleanup") == 0) {
		note_cleanup(to, attribute);
	} else if (strcmp(attribute->name, "_Alignas") == 0 || strcmp(attribute->name, "alignas") == 0) {
		incomplete = !*attribute->arguments; /* stdalign.h's alignas: they stand behind the macro */
		var->attributes = arena_printf(arena, "%s_Alignas%s ", before, attribute->arguments);
	} else if (strcmp(attribute->name, "aligned") == 0 || strcmp(attribute->name, "unused") == 0) {
		var->attributes = arena_printf(arena, "%s__attribute__((%s%s)) ", before, attribute->name, attribute->arguments);
	} else {
		matters = false;
	}
	const struct invocation *invocation = invocation_at(to->b->unit, attribute->at);
	if (matters && attribute->in_macro && invocation && (incomplete || strchr(attribute->arguments, '(')))
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
	unsigned at = raw_span(b, bound).start;
	while (at && (strchr(" \t\r\n_", text[at - 1]) || (text[at - 1] >= 'a' && text[at - 1] <= 'z')))
		at--;
	return at && text[at - 1] == '[';
}

/* What is evaluated in a declarator whose type has a run-time size. */
void build_bounds(struct builder *b, CXCursor cursor, struct node *node, CXCursor init)
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
	node->name_at = file_offset(b->unit, clang_getCursorLocation(cursor));
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
	if (node->var->cleanup_callee && b->fn->is_async && !b->unevaluated) { /* what ends its block awaits */
		node->awaits++;
		node->special = true;
	}
	return node;
}

/* A constexpr object of C23 is a constant wherever it can be named: it stays where it is, and becomes static, so that no jump
 * over it leaves it unset. */
static bool take_constexpr(struct builder *b, CXCursor cursor)
{
	unsigned name = file_offset(b->unit, clang_getCursorLocation(cursor));
	struct token token;
	for (unsigned at = b->outer.start; (token = next_token(b->unit->source, at, name)).kind != TOKEN_END; at = token.span.end) {
		if (!token_is(b->unit->source, token, "constexpr") || !b->fn->is_async)
			continue;
		for (int i = 0; i < b->fn->edits.n; i++)
			if (b->fn->edits.at[i].at == token.span.start)
				return true;
		struct edit edit = {token.span.start, 0, "static ", false};
		list_add(b->unit->arena, &b->fn->edits, edit);
		return true;
	}
	return false;
}

static struct node *build_declaration(struct builder *b, CXCursor cursor)
{
	struct node *node = new_node(b, N_OTHER_DECL, (struct span){0, 0});
	node->span = place_in_text(b, cursor, &node->in_macro);
	if (is_automatic(cursor) && !take_constexpr(b, cursor))
		return build_variable(b, cursor, node);
	if (clang_getCursorKind(cursor) == CXCursor_TypedefDecl)
		build_run_time_typedef(b, cursor, node);
	return node;
}

struct node *build_decl_statement(struct builder *b, CXCursor cursor, struct node *node)
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
