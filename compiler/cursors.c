/* cursors.c: the cursors of a function's body, read from libclang in one go: to begin a visit costs it more than to go on with
 * one, and to look for a cursor's extent more than to remember it.  Knows libclang. */
#include "tree.h"

#include <stdint.h>
#include <string.h>

struct seen_cursors {
	struct seen *at; /* each before those below it */
	int n, capacity;
	CXCursor *kids;  /* those that children() gives, those of one cursor together */
	int *kid_numbers; /* ... theirs */
	int *slots;      /* a hash table: numbers from 1, by node_of() */
	int n_slots;     /* a power of two */
	int *open;       /* while reading: the cursors around the latest one */
	int n_open;
};

/* ---- each_child ---- */

struct visit {
	child_visitor *visit;
	void *arg;
};

static enum CXChildVisitResult visit_one(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct visit *v = data;
	(void)parent;
	v->visit(cursor, v->arg);
	return CXChildVisit_Continue;
}

void each_child(CXCursor cursor, child_visitor *visit, void *arg)
{
	struct visit v = {visit, arg};
	clang_visitChildren(cursor, visit_one, &v);
}

void each_declaration(const struct unit *unit, child_visitor *visit, void *arg)
{
	for (int i = 0; i < unit->clang->declarations.n; i++)
		visit(unit->clang->declarations.at[i], arg);
}

/* ---- places ---- */

unsigned file_offset(const struct unit *unit, CXSourceLocation location)
{
	const struct clang_unit *clang = unit->clang;
	unsigned offset = location.int_data - clang->first_location;
	if (clang->first_location && offset <= clang->file_size)
		return offset;
	clang_getFileLocation(location, NULL, NULL, NULL, &offset);
	return offset;
}

struct span extent_of(const struct unit *unit, CXCursor cursor)
{
	CXSourceRange range = clang_getCursorExtent(cursor);
	return (struct span){file_offset(unit, clang_getRangeStart(range)), file_offset(unit, clang_getRangeEnd(range))};
}

/* A place that comes out of a macro has a number with the highest bit. */
bool is_in_input(const struct unit *unit, CXSourceLocation location, unsigned *offset)
{
	const struct clang_unit *clang = unit->clang;
	CXFile file;
	*offset = location.int_data - clang->first_location;
	if (clang->first_location && location.int_data <= INT32_MAX)
		return *offset <= clang->file_size;
	clang_getFileLocation(location, &file, NULL, NULL, offset);
	return file && clang_File_isEqual(file, clang->file);
}

bool starts_in_input(const struct unit *unit, CXCursor cursor)
{
	unsigned offset;
	return is_in_input(unit, clang_getRangeStart(clang_getCursorExtent(cursor)), &offset);
}

const char *text_of_file(struct unit *unit, CXFile file, size_t *size)
{
	struct clang_unit *clang = unit->clang;
	if (file != clang->latest.file) {
		clang->latest.file = file;
		clang->latest.text = clang_getFileContents(clang->tu, file, &clang->latest.size);
	}
	*size = clang->latest.size;
	return clang->latest.text;
}

/* ---- reading ---- */

/* libclang's node that the cursor is about; what else is in a cursor says by which way it was reached. */
static const void *node_of(CXCursor cursor)
{
	return cursor.kind >= CXCursor_FirstExpr && cursor.kind <= CXCursor_LastStmt ? cursor.data[1] : cursor.data[0];
}

static bool is_same(CXCursor a, CXCursor b)
{
	return a.kind == b.kind && node_of(a) == node_of(b);
}

static void *more(struct unit *unit, const void *at, size_t size, int n)
{
	void *larger = arena_alloc(unit->arena, 2 * n * size);
	return n ? memcpy(larger, at, n * size) : larger;
}

static int add_seen(struct unit *unit, CXCursor cursor)
{
	struct seen_cursors *all = unit->clang->seen;
	if (all->n == all->capacity) {
		all->at = more(unit, all->at, sizeof *all->at, all->capacity);
		all->open = more(unit, all->open, sizeof *all->open, all->capacity);
		all->kids = arena_alloc(unit->arena, 2 * all->capacity * sizeof *all->kids);
		all->kid_numbers = arena_alloc(unit->arena, 2 * all->capacity * sizeof *all->kid_numbers);
		all->capacity *= 2;
	}
	all->at[all->n] = (struct seen){.cursor = cursor};
	all->open[all->n_open++] = all->n;
	return all->n++;
}

static void close_latest(struct seen_cursors *all)
{
	all->at[all->open[--all->n_open]].end = all->n;
}

static enum CXChildVisitResult see(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct unit *unit = data;
	struct seen_cursors *all = unit->clang->seen;
	while (all->n_open && !is_same(all->at[all->open[all->n_open - 1]].cursor, parent))
		close_latest(all);
	if (!all->n_open)
		ice("a cursor whose parent has not been visited");
	if (!is_same(cursor, parent)) /* libclang shows a constant expression twice, one in the other */
		add_seen(unit, cursor);
	return CXChildVisit_Recurse;
}

static int *find_slot(const struct seen_cursors *all, CXCursor cursor)
{
	const void *node = node_of(cursor);
	unsigned i = (unsigned)(((uintptr_t)node * 0x9e3779b97f4a7c15u) >> 40) & (all->n_slots - 1);
	while (all->slots[i] && !is_same(all->at[all->slots[i] - 1].cursor, cursor))
		i = (i + 1) & (all->n_slots - 1);
	return &all->slots[i];
}

static void fill_slots(struct unit *unit, struct seen_cursors *all)
{
	if (all->n_slots < 2 * all->n) {
		while (all->n_slots < 2 * all->n)
			all->n_slots = all->n_slots ? all->n_slots * 2 : 1024;
		all->slots = arena_alloc(unit->arena, all->n_slots * sizeof *all->slots);
	}
	memset(all->slots, 0, all->n_slots * sizeof *all->slots);
	for (int i = 0; i < all->n; i++) {
		int *slot = find_slot(all, all->at[i].cursor);
		if (!*slot)
			*slot = i + 1;
	}
}

static bool is_child(CXCursor cursor)
{
	enum CXCursorKind kind = cursor.kind;
	return !(kind >= CXCursor_FirstAttr && kind <= CXCursor_LastAttr) && !(kind >= CXCursor_FirstRef && kind <= CXCursor_LastRef);
}

void read_cursors(struct unit *unit, CXCursor body)
{
	struct seen_cursors *all = unit->clang->seen;
	if (!all) {
		all = unit->clang->seen = arena_alloc(unit->arena, sizeof *all);
		all->capacity = 512;
		all->at = arena_alloc(unit->arena, all->capacity * sizeof *all->at);
		all->open = arena_alloc(unit->arena, all->capacity * sizeof *all->open);
		all->kids = arena_alloc(unit->arena, all->capacity * sizeof *all->kids);
		all->kid_numbers = arena_alloc(unit->arena, all->capacity * sizeof *all->kid_numbers);
	}
	int n_kids = 0;
	all->n = all->n_open = 0;
	add_seen(unit, body);
	clang_visitChildren(body, see, unit);
	while (all->n_open)
		close_latest(all);
	for (int i = 0; i < all->n; i++) {
		struct seen *seen = &all->at[i];
		seen->first_kid = n_kids;
		for (int j = i + 1; j < seen->end; j = all->at[j].end) {
			if (!is_child(all->at[j].cursor))
				continue;
			all->kid_numbers[n_kids] = j;
			all->kids[n_kids++] = all->at[j].cursor;
		}
		seen->n_kids = n_kids - seen->first_kid;
	}
	fill_slots(unit, all);
}

/* ---- what has been read ---- */

struct seen *seen_at(const struct unit *unit, int i)
{
	return &unit->clang->seen->at[i];
}

static struct seen *find_seen(const struct unit *unit, CXCursor cursor)
{
	const struct seen_cursors *all = unit->clang->seen;
	int number = all && all->n ? *find_slot(all, cursor) : 0;
	return number ? &all->at[number - 1] : NULL;
}

static void add_cursor(CXCursor child, void *arg)
{
	struct cursors *list = arg;
	if (is_child(child))
		list_add(list->arena, list, child);
}

struct cursors children(struct builder *b, CXCursor cursor)
{
	struct cursors list = {.arena = b->unit->arena};
	const struct seen *seen = find_seen(b->unit, cursor);
	if (seen)
		return (struct cursors){.at = b->unit->clang->seen->kids + seen->first_kid, .n = seen->n_kids};
	each_child(cursor, add_cursor, &list);
	return list;
}

/* ---- extents ----
 * To ask libclang where a cursor ends costs it reading that token again, and walking down to the part that ends there.  So it is
 * asked only where the text and the parts do not tell.  An end is libclang's for the last token, whichever cursor has it last: so
 * a cursor that ends with a part of it ends where that part does, macros or not. */

static struct span span_at(struct unit *unit, struct seen *seen);

static struct span kid_span(struct unit *unit, const struct seen *seen, int i)
{
	const struct seen_cursors *all = unit->clang->seen;
	return span_at(unit, &all->at[all->kid_numbers[seen->first_kid + i]]);
}

/* The cursor is about a place in the text itself, no macro's. */
static bool find_own_place(const struct unit *unit, CXCursor cursor, unsigned *offset)
{
	const struct clang_unit *clang = unit->clang;
	*offset = clang_getCursorLocation(cursor).int_data - clang->first_location;
	return clang->first_location && *offset < clang->file_size;
}

static bool find_token(const struct unit *unit, unsigned offset, enum token_kind kind, struct span *span)
{
	struct token token = next_token(unit->source, offset, unit->source->size);
	*span = token.span;
	return token.kind == kind && span->start == offset && !memchr(unit->source->text + offset, '\\', span->end - offset);
}

/* An implicit conversion is where its operand is.  What else libclang does not expose begins before its parts, or goes on behind. */
static bool is_conversion(const struct unit *unit, CXCursor cursor, struct span operand)
{
	unsigned at;
	struct token after = next_token(unit->source, operand.end, unit->source->size);
	return find_own_place(unit, cursor, &at) && at >= operand.start && at < operand.end && !token_is(unit->source, after, ".") &&
	       !token_is(unit->source, after, "->");
}

static bool find_expression(struct unit *unit, const struct seen *seen, struct span *span)
{
	unsigned at;
	switch ((int)seen->cursor.kind) {
	case CXCursor_DeclRefExpr:
		return find_own_place(unit, seen->cursor, &at) && find_token(unit, at, TOKEN_NAME, span);
	case CXCursor_IntegerLiteral:
	case CXCursor_FloatingLiteral:
		return find_own_place(unit, seen->cursor, &at) && find_token(unit, at, TOKEN_NUMBER, span);
	case CXCursor_UnexposedExpr:
		if (seen->n_kids != 1)
			return false;
		*span = kid_span(unit, seen, 0);
		return is_conversion(unit, seen->cursor, *span);
	case CXCursor_BinaryOperator:
	case CXCursor_CompoundAssignOperator:
	case CXCursor_ConditionalOperator:
		if (seen->n_kids != (seen->cursor.kind == CXCursor_ConditionalOperator ? 3 : 2))
			return false;
		*span = (struct span){kid_span(unit, seen, 0).start, kid_span(unit, seen, seen->n_kids - 1).end};
		return true;
	default:
		return false;
	}
}

static bool find_statement(struct unit *unit, const struct seen *seen, struct span *span)
{
	switch ((int)seen->cursor.kind) {
	case CXCursor_IfStmt:
	case CXCursor_WhileStmt:
	case CXCursor_ForStmt:
	case CXCursor_SwitchStmt:
	case CXCursor_CaseStmt:
	case CXCursor_DefaultStmt:
	case CXCursor_LabelStmt:
	case CXCursor_ReturnStmt:
		if (!seen->n_kids || !find_own_place(unit, seen->cursor, &span->start))
			return false;
		span->end = kid_span(unit, seen, seen->n_kids - 1).end;
		return true;
	default:
		return false;
	}
}

static struct span span_at(struct unit *unit, struct seen *seen)
{
	if (!seen->has_span && !find_expression(unit, seen, &seen->span) && !find_statement(unit, seen, &seen->span))
		seen->span = extent_of(unit, seen->cursor);
	seen->has_span = true;
	return seen->span;
}

struct span raw_span(struct builder *b, CXCursor cursor)
{
	struct seen *seen = find_seen(b->unit, cursor);
	return seen ? span_at(b->unit, seen) : extent_of(b->unit, cursor);
}
