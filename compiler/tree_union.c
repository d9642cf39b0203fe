/* tree_union.c: arguments for a parameter that is a transparent union, as connect() has one: a C compiler makes the union of
 * them, in a call.  Where we assign them to a field or a temporary, that has to be written. */
#include "tree.h"

struct choice {
	CXType value;
	const char *same, *pointer; /* members: of the value's type, the first that is a pointer */
	struct unit *unit;
};

static CXType without_qualifiers(CXType type)
{
	return clang_getUnqualifiedType(clang_getCanonicalType(type));
}

static bool is_same(CXType a, CXType b)
{
	CXType left = without_qualifiers(a), right = without_qualifiers(b);
	if (left.kind == CXType_Pointer && right.kind == CXType_Pointer)
		return clang_equalTypes(without_qualifiers(clang_getPointeeType(left)), without_qualifiers(clang_getPointeeType(right)));
	return clang_equalTypes(left, right);
}

static enum CXVisitorResult consider(CXCursor field, CXClientData arg)
{
	struct choice *choice = arg;
	CXType type = clang_getCursorType(field);
	const char *name = keep_string(choice->unit, clang_getCursorSpelling(field));
	if (!choice->same && is_same(type, choice->value))
		choice->same = name;
	if (!choice->pointer && without_qualifiers(type).kind == CXType_Pointer)
		choice->pointer = name; /* takes NULL and void * */
	return CXVisit_Continue;
}

bool is_union_of_argument(struct builder *b, CXCursor literal, CXCursor list)
{
	struct cursors values = children(b, list);
	return clang_getCursorKind(list) == CXCursor_InitListExpr && values.n == 1 &&
	       same_span(raw_span(b, literal), raw_span(b, values.at[0]));
}

struct node *build_union_of_argument(struct builder *b, CXCursor literal, CXCursor list, struct node *node)
{
	struct cursors values = children(b, list);
	struct choice choice = {.value = clang_getCursorType(values.at[0]), .unit = b->unit};
	clang_Type_visitFields(clang_getCanonicalType(clang_getCursorType(literal)), consider, &choice);
	node->kind = N_CONVERSION;
	node->member = choice.same ? choice.same : choice.pointer;
	build_kids(b, node, values);
	return finish(node);
}
