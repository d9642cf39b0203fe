/* tree_initialiser.c: lists of initialisers, and where each element belongs. */
#include "tree.h"

#include <string.h>

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
		d->bits += clang_Cursor_getOffsetOfField(field); /* those of unnamed unions and structs on the way come, too */
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
	element->is_empty = clang_Type_getSizeOf(d.type) == 0;
	for (int j = 0; j < i && !element->is_empty; j++)
		if (list->kids[j]->offset == d.bits && list->kids[j]->kind == N_DESIGNATED && !list->kids[j]->is_empty && list->awaits)
			error_at(b->unit, element->span, "initialised twice, in a list with an await: say it once");
	element->kind = N_DESIGNATED;
	element->kids[0] = element->kids[element->n_kids - 1];
	element->n_kids = 1;
	element->writes = element->reads = false;
	element->awaits = 0;
	finish(element);
}

/* The elements of an initialiser, designated or not. */
struct node *build_init_list(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	node->kind = N_INIT_LIST;
	build_kids(b, node, list);
	finish(node);
	for (int i = 0; i < node->n_kids; i++)
		place_element(b, node, i, clang_getCursorType(cursor), list.at[i]);
	return node;
}
