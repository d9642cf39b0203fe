/* local.c: types that are declared inside an async function.  The frame needs them at file scope, so one whose block has an await
 * moves there under a mangled name, and whatever names it is told the new one: it cannot clash with what it shadowed.
 * Knows libclang. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct unit *unit;
	struct async_fn *fn;
	unsigned block;        /* the compound statement we are in: offset of its brace */
	int statement;         /* the declaration we are in, in fn->type_moves; -1: none */
};

static const char *keyword_of(enum CXCursorKind kind)
{
	switch ((int)kind) {
	case CXCursor_StructDecl: return "struct";
	case CXCursor_UnionDecl: return "union";
	case CXCursor_EnumDecl: return "enum";
	default: return NULL;
	}
}

struct local_type *find_local_type(struct unit *unit, CXCursor declaration)
{
	unsigned at = file_offset(unit, clang_getCursorLocation(clang_getCanonicalCursor(declaration)));
	for (int i = unit->local_types.n - 1; i >= 0; i--)
		if (unit->local_types.at[i]->at == at)
			return unit->local_types.at[i];
	return NULL;
}

/* What asyncc makes of a function's name itself. */
static bool is_generated(const char *stem)
{
	static const char *const stems[] = {"state", "frame", "call", "resume", "async", "awaits", "entry", "create_task",
					    "create_task_eager", "coroutine"};
	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (strcmp(stem, stems[i]) == 0)
			return true;
	return false;
}

static bool is_taken(struct unit *unit, const char *name)
{
	for (int i = 0; i < unit->local_types.n; i++)
		if (strcmp(unit->local_types.at[i]->out, name) == 0)
			return true;
	return name_is_used(unit, name);
}

static const char *mangled_name(struct unit *unit, const struct async_fn *fn, const char *stem)
{
	const char *name = arena_printf(unit->arena, "%s__%s", fn->name, stem);
	for (int n = 2; is_taken(unit, name) || (n == 2 && is_generated(stem)); n++)
		name = arena_printf(unit->arena, "%s__%s_%d", fn->name, stem, n);
	return name;
}

/* libclang makes up a spelling for what has no name. */
static bool has_name(const struct unit *unit, CXCursor cursor, const char *spelling)
{
	unsigned at = file_offset(unit, clang_getCursorLocation(cursor));
	size_t size = strlen(spelling);
	return size && !strchr(spelling, ' ') && strncmp(unit->source->text + at, spelling, size) == 0;
}

static struct local_type *add_local_type(struct walk *w, CXCursor cursor)
{
	struct unit *unit = w->unit;
	struct local_type *known = find_local_type(unit, cursor);
	if (known)
		return known;
	const char *keyword = keyword_of(clang_getCursorKind(cursor));
	struct local_type *type = arena_alloc(unit->arena, sizeof *type);
	type->at = file_offset(unit, clang_getCursorLocation(clang_getCanonicalCursor(cursor)));
	type->name = keep_string(unit, clang_getCursorSpelling(cursor));
	if (!has_name(unit, cursor, type->name))
		type->name = "";
	type->block = w->block;
	type->out = mangled_name(unit, w->fn, type->name[0] ? type->name : keyword);
	type->written = keyword ? arena_printf(unit->arena, "%s %s", keyword, type->out) : type->out;
	list_add(unit->arena, &unit->local_types, type);
	return type;
}

static void add_type_ref(struct walk *w, CXCursor cursor, struct local_type *type)
{
	struct type_ref ref = {file_offset(w->unit, clang_getCursorLocation(cursor)), strlen(type->name), type};
	if (ref.size == 0) { /* after the keyword */
		struct token keyword = next_token(w->unit->source, extent_of(w->unit, cursor).start, w->fn->body.end);
		ref.at = keyword.span.end;
	}
	for (int i = 0; i < w->fn->type_refs.n; i++)
		if (w->fn->type_refs.at[i].at == ref.at)
			return;
	list_add(w->unit->arena, &w->fn->type_refs, ref);
}

static void note_use(struct walk *w, CXCursor cursor)
{
	if (w->statement < 0 && w->unit->local_types.n == 0)
		return;
	CXCursor target = clang_getCursorReferenced(cursor);
	enum CXCursorKind kind = clang_getCursorKind(target);
	if (kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl) {
		if (w->statement >= 0 && clang_getCursorKind(clang_getCursorSemanticParent(target)) == CXCursor_FunctionDecl)
			w->fn->type_moves.at[w->statement].uses_variable = keep_string(w->unit, clang_getCursorSpelling(target));
		return;
	}
	struct local_type *type = find_local_type(w->unit, target);
	if (type)
		add_type_ref(w, cursor, type);
}

/* A specifier shows again below each of its statement's variables. */
static void add_move(struct walk *w, struct span span, struct local_type *type, bool is_whole)
{
	for (w->statement = w->fn->type_moves.n - 1; w->statement >= 0; w->statement--)
		if (w->fn->type_moves.at[w->statement].span.start == span.start)
			return;
	w->statement = w->fn->type_moves.n;
	struct type_move move = {.span = span, .type = type, .is_whole = is_whole};
	list_add(w->unit->arena, &w->fn->type_moves, move);
}

struct kinds {
	int typedefs, tags, others;
};

static void count_kind(struct kinds *kinds, enum CXCursorKind kind)
{
	if (kind == CXCursor_TypedefDecl)
		kinds->typedefs++;
	else if (keyword_of(kind))
		kinds->tags++;
	else
		kinds->others++;
}

static bool is_run_time_type(CXCursor typedef_declaration)
{
	CXType type = clang_getCanonicalType(clang_getTypedefDeclUnderlyingType(typedef_declaration));
	while (type.kind == CXType_Pointer || type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray)
		type = type.kind == CXType_Pointer ? clang_getPointeeType(type) : clang_getArrayElementType(type);
	return type.kind == CXType_VariableArray;
}

/* The i-th cursor of the body, and those below it. */
static void visit(struct walk *w, int i)
{
	struct walk outer = *w;
	int end = seen_at(w->unit, i)->end;
	CXCursor cursor = seen_at(w->unit, i)->cursor;
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	if (kind == CXCursor_CompoundStmt) {
		w->block = extent_of(w->unit, cursor).start;
		w->statement = -1;
	} else if (kind == CXCursor_DeclStmt) {
		struct kinds kinds = {0};
		for (int j = i + 1; j < end; j = seen_at(w->unit, j)->end)
			count_kind(&kinds, clang_getCursorKind(seen_at(w->unit, j)->cursor));
		w->statement = -1;
		if (kinds.typedefs) {
			add_move(w, extent_of(w->unit, cursor), NULL, true);
		}
	} else if (keyword_of(kind)) {
		bool is_anonymous = clang_Cursor_isAnonymousRecordDecl(cursor);
		if (!is_anonymous) {
			struct local_type *type = add_local_type(w, cursor);
			add_type_ref(w, cursor, type);
			bool nested = w->statement >= 0;
			if (!nested)
				add_move(w, extent_of(w->unit, cursor), type, false);
		}
	} else if (kind == CXCursor_TypedefDecl) {
		if (is_run_time_type(cursor)) { /* vla.c's */
			w->statement = -1;
			struct local_type *type = add_local_type(w, cursor);
			type->has_run_time_size = true;
			add_type_ref(w, cursor, type);
		} else {
			struct local_type *type = add_local_type(w, cursor);
			add_type_ref(w, cursor, type);
			if (w->statement >= 0 && !w->fn->type_moves.at[w->statement].type)
				w->fn->type_moves.at[w->statement].type = type;
		}
	} else if (kind == CXCursor_EnumConstantDecl) {
		add_type_ref(w, cursor, add_local_type(w, cursor));
	} else if (kind == CXCursor_VarDecl || kind == CXCursor_FunctionDecl) {
		w->statement = -1;
	} else if (kind == CXCursor_TypeRef || kind == CXCursor_DeclRefExpr) {
		note_use(w, cursor);
	}
	for (int j = i + 1; j < end; j = seen_at(w->unit, j)->end)
		visit(w, j);
	*w = outer;
}

static int by_offset(const void *a, const void *b)
{
	const struct type_ref *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

/* Among the cursors that have been read. */
static bool any_type_is_declared(const struct unit *unit)
{
	for (int i = 0, end = seen_at(unit, 0)->end; i < end; i++) {
		enum CXCursorKind kind = seen_at(unit, i)->cursor.kind;
		if (kind == CXCursor_TypedefDecl || kind == CXCursor_EnumConstantDecl || keyword_of(kind))
			return true;
	}
	return false;
}

void collect_local_types(struct unit *unit, struct async_fn *fn)
{
	struct walk w = {.unit = unit, .fn = fn, .statement = -1};
	if (!fn->is_async || !any_type_is_declared(unit))
		return;
	visit(&w, 0);
	if (fn->type_refs.n)
		qsort(fn->type_refs.at, fn->type_refs.n, sizeof *fn->type_refs.at, by_offset);
}

/* ---- once the tree is there ---- */

static const struct node *block_at(const struct node *node, unsigned offset)
{
	if (node->kind == N_COMPOUND && node->span.start == offset)
		return node;
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *kid = node->kids[i];
		const struct node *found = kid && kid->span.start <= offset && offset < kid->span.end ? block_at(kid, offset) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

void place_local_types(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < fn->type_refs.n; i++) {
		struct local_type *type = fn->type_refs.at[i].type;
		const struct node *block = block_at(fn->tree, type->block);
		type->hoisted = block && block->awaits > 0 && !type->has_run_time_size;
	}
	for (int i = 0; i < fn->type_moves.n; i++) {
		const struct type_move *move = &fn->type_moves.at[i];
		if (move->type && move->type->hoisted && move->uses_variable)
			error_at(unit, move->span, "this type depends on the variable '%s', and its block contains an await", move->uses_variable);
		if (move->type && move->type->hoisted)
			fn->type_moves.at[i].packing = packing_at(unit, (struct span){fn->body.start, move->span.start});
	}
}
