/* type.c: types as structs of ours, and C declarators written from them.
 * Declarators are printed from the type's structure, never by splicing a name into clang's spelling of it. */
#include "parse.h"

#include <string.h>

static const struct {
	enum CXTypeKind kind;
	const char *name;
} builtin_names[] = {
	{CXType_Void, "void"}, {CXType_Bool, "_Bool"}, {CXType_Char_U, "char"}, {CXType_UChar, "unsigned char"},
	{CXType_UShort, "unsigned short"}, {CXType_UInt, "unsigned int"}, {CXType_ULong, "unsigned long"},
	{CXType_ULongLong, "unsigned long long"}, {CXType_UInt128, "unsigned __int128"}, {CXType_Char_S, "char"},
	{CXType_SChar, "signed char"}, {CXType_Short, "short"}, {CXType_Int, "int"}, {CXType_Long, "long"},
	{CXType_LongLong, "long long"}, {CXType_Int128, "__int128"}, {CXType_Float, "float"}, {CXType_Double, "double"},
	{CXType_LongDouble, "long double"}, {CXType_Float128, "__float128"}, {CXType_Float16, "_Float16"},
};

static const char *builtin_name(enum CXTypeKind kind)
{
	for (size_t i = 0; i < sizeof builtin_names / sizeof *builtin_names; i++)
		if (builtin_names[i].kind == kind)
			return builtin_names[i].name;
	return NULL;
}

static bool is_inside_function(CXCursor declaration)
{
	enum CXCursorKind kind;
	CXCursor at = declaration;
	while (kind = clang_getCursorKind(at), !clang_isInvalid(kind) && kind != CXCursor_TranslationUnit) {
		if (kind == CXCursor_FunctionDecl)
			return true;
		at = clang_getCursorSemanticParent(at);
	}
	return false;
}

/* Sugar that cannot be written down again (typeof, attributes, __auto_type) is taken off; typedefs stay. */
static CXType without_sugar(CXType type)
{
	for (;;) {
		if (type.kind == CXType_Elaborated) {
			type = clang_Type_getNamedType(type);
		} else if (type.kind == CXType_Attributed) {
			type = clang_Type_getModifiedType(type);
		} else if (type.kind == CXType_Unexposed || type.kind == CXType_Auto) {
			CXType canonical = clang_getCanonicalType(type);
			if (canonical.kind == type.kind)
				return type;
			type = canonical;
		} else {
			return type;
		}
	}
}

static void name_tagged(struct unit *unit, struct type *t, CXType type, const char *keyword)
{
	CXCursor declaration = clang_getTypeDeclaration(type);
	const char *name = keep_string(unit, clang_getCursorSpelling(declaration));
	t->is_local = is_inside_function(declaration);
	t->local = t->is_local ? find_local_type(unit, declaration) : NULL;
	t->is_unnamed = clang_Cursor_isAnonymous(declaration) || !name[0] || strchr(name, '(') || strchr(name, ' ');
	if (!t->is_unnamed) {
		/* A nameless struct with a typedef is called by that in clang's spelling of the canonical type. */
		const char *spelling = keep_string(unit, clang_getTypeSpelling(clang_getCanonicalType(type)));
		bool tagged = strstr(spelling, "struct ") || strstr(spelling, "union ") || strstr(spelling, "enum ");
		t->name = tagged ? arena_printf(unit->arena, "%s %s", keyword, name) : name;
		if (strcmp(name, "__va_list_tag") == 0) /* clang's own: gcc's has the same name, but is another */
			t->name = "__typeof__(**(__builtin_va_list *)0)";
	}
}

static const char *record_keyword(CXType type)
{
	return clang_getCursorKind(clang_getTypeDeclaration(type)) == CXCursor_UnionDecl ? "union" : "struct";
}

/* Only the spelling shows it. */
bool type_never_returns(struct unit *unit, CXType function)
{
	static const char suffix[] = "__attribute__((noreturn))";
	const char *spelling = keep_string(unit, clang_getTypeSpelling(clang_getCanonicalType(function)));
	size_t size = strlen(spelling);
	return size >= sizeof suffix && strcmp(spelling + size - (sizeof suffix - 1), suffix) == 0;
}

static void fill_function(struct unit *unit, struct type *t, CXType type)
{
	t->kind = TYPE_FUNCTION;
	t->to = make_type(unit, clang_getResultType(type));
	t->has_prototype = type.kind == CXType_FunctionProto;
	t->is_variadic = clang_isFunctionTypeVariadic(type);
	t->never_returns = type_never_returns(unit, type);
	t->n_params = t->has_prototype ? clang_getNumArgTypes(type) : 0;
	t->params = arena_alloc(unit->arena, (t->n_params + 1) * sizeof *t->params);
	for (int i = 0; i < t->n_params; i++)
		t->params[i] = make_parameter_type(unit, clang_getArgType(type, i));
}

/* The structure: kind, to, count, params.  `type` has no sugar and is no typedef. */
static void fill_structure(struct unit *unit, struct type *t, CXType type)
{
	switch ((int)type.kind) {
	case CXType_Pointer:
		t->kind = TYPE_POINTER;
		t->is_handle = clang_getAddressSpace(clang_getPointeeType(type)) == 42;
		t->to = make_type(unit, clang_getPointeeType(type));
		break;
	case CXType_ConstantArray:
		t->kind = TYPE_ARRAY;
		t->count = clang_getArraySize(type);
		t->to = make_type(unit, clang_getArrayElementType(type));
		break;
	case CXType_IncompleteArray:
		t->kind = TYPE_ARRAY;
		t->count = -1;
		t->to = make_type(unit, clang_getArrayElementType(type));
		break;
	case CXType_VariableArray:
		t->kind = TYPE_VLA;
		t->to = make_type(unit, clang_getArrayElementType(type));
		break;
	case CXType_FunctionProto:
	case CXType_FunctionNoProto:
		fill_function(unit, t, type);
		break;
	case CXType_Record:
		t->kind = TYPE_RECORD;
		if (!t->name)
			name_tagged(unit, t, type, record_keyword(type));
		break;
	case CXType_Enum:
		t->kind = TYPE_SCALAR;
		if (!t->name)
			name_tagged(unit, t, type, "enum");
		break;
	case CXType_Void:
		t->kind = TYPE_VOID;
		break;
	case CXType_Vector:
	case CXType_ExtVector:
		t->kind = TYPE_VECTOR;
		break;
	case CXType_Atomic:
		t->kind = TYPE_SCALAR;
		t->is_atomic = true;
		t->to = make_type(unit, clang_Type_getValueType(type));
		break;
	case CXType_Complex:
		t->kind = TYPE_SCALAR;
		t->is_complex = true;
		break;
	default:
		t->kind = builtin_name(type.kind) ? TYPE_SCALAR : TYPE_OTHER;
	}
}

/* An array counts as its elements; *innermost is their type. */
static bool is_const(CXType type, CXType *innermost)
{
	bool found = clang_isConstQualifiedType(type);
	for (;;) {
		type = clang_getCanonicalType(type);
		found |= clang_isConstQualifiedType(type);
		if (type.kind != CXType_ConstantArray && type.kind != CXType_IncompleteArray && type.kind != CXType_VariableArray)
			break;
		type = clang_getArrayElementType(type);
	}
	*innermost = type;
	return found;
}

static bool has_const_member(CXType type);

static enum CXVisitorResult note_const(CXCursor field, CXClientData found)
{
	CXType type;
	if (!is_const(clang_getCursorType(field), &type) && !has_const_member(type))
		return CXVisit_Continue;
	*(bool *)found = true;
	return CXVisit_Break;
}

static bool has_const_member(CXType type)
{
	bool found = false;
	if (type.kind == CXType_Record)
		clang_Type_visitFields(type, note_const, &found);
	return found;
}

static bool has_pointers(CXType type);

static enum CXVisitorResult note_pointer(CXCursor field, CXClientData found)
{
	if (!has_pointers(clang_getCanonicalType(clang_getCursorType(field))))
		return CXVisit_Continue;
	*(bool *)found = true;
	return CXVisit_Break;
}

static bool has_pointers(CXType type)
{
	bool found = type.kind == CXType_Pointer;
	CXType element = clang_getArrayElementType(type);
	if (element.kind != CXType_Invalid)
		return has_pointers(clang_getCanonicalType(element));
	if (type.kind == CXType_Record)
		clang_Type_visitFields(type, note_pointer, &found);
	return found;
}

static enum CXVisitorResult note_last(CXCursor field, CXClientData last)
{
	*(CXType *)last = clang_getCanonicalType(clang_getCursorType(field));
	return CXVisit_Continue;
}

static bool ends_open(CXType type)
{
	CXType last = {.kind = CXType_Invalid};
	if (type.kind == CXType_Record)
		clang_Type_visitFields(type, note_last, &last);
	return type.kind == CXType_IncompleteArray || (last.kind != CXType_Invalid && ends_open(last));
}

/* A typedef whose name says const cannot be written without it: what it stands for can. */
static CXType without_const_typedef(CXType type)
{
	CXType innermost;
	while (type.kind == CXType_Typedef && is_const(type, &innermost))
		type = without_sugar(clang_getTypedefDeclUnderlyingType(clang_getTypeDeclaration(type)));
	return type;
}

/* va_list is an array on some machines, a pointer as a parameter there, and a struct on others. */
static bool is_va_list(struct unit *unit, CXType type)
{
	if (type.kind == CXType_ConstantArray)
		type = clang_getCanonicalType(clang_getArrayElementType(type));
	else if (type.kind == CXType_Pointer)
		type = clang_getCanonicalType(clang_getPointeeType(type));
	if (type.kind != CXType_Record)
		return false;
	const char *name = keep_string(unit, clang_getCursorSpelling(clang_getTypeDeclaration(type)));
	return strcmp(name, "__va_list_tag") == 0 || strcmp(name, "__va_list") == 0;
}

static struct type *read_type(struct unit *unit, CXType clang_type)
{
	struct type *t = arena_alloc(unit->arena, sizeof *t);
	CXType type = without_const_typedef(without_sugar(clang_type));
	t->spelling = keep_string(unit, clang_getTypeSpelling(clang_type));
	t->is_const = clang_isConstQualifiedType(clang_type) || clang_isConstQualifiedType(type);
	t->is_volatile = clang_isVolatileQualifiedType(clang_type) || clang_isVolatileQualifiedType(type);
	if (clang_getAddressSpace(clang_type) == 42 || clang_getAddressSpace(clang_getCanonicalType(clang_type)) == 42)
		t->is_volatile = false; /* the header's, not the user's: see ASYNC_AS */
	t->is_restrict = clang_isRestrictQualifiedType(clang_type);
	t->size = t->align = -1;
	if (type.kind != CXType_Unexposed) { /* libclang crashes on the size of a builtin function's type */
		t->size = clang_Type_getSizeOf(type);
		t->align = clang_Type_getAlignOf(type);
	}
	if (type.kind == CXType_Typedef) {
		CXCursor declaration = clang_getTypeDeclaration(type);
		t->name = keep_string(unit, clang_getTypedefName(type));
		t->by_name = true;
		unit->type_names.of_names = true;
		index_put(unit->arena, &unit->type_names, t->name, t);
		t->is_local = is_inside_function(declaration);
		t->local = t->is_local ? find_local_type(unit, declaration) : NULL;
		type = clang_getCanonicalType(type);
	} else if (builtin_name(type.kind)) {
		t->name = builtin_name(type.kind);
	}
	fill_structure(unit, t, type);
	t->is_unassignable = has_const_member(clang_getCanonicalType(type));
	t->ends_open = t->kind == TYPE_RECORD && ends_open(clang_getCanonicalType(type));
	t->has_pointers = has_pointers(clang_getCanonicalType(type));
	t->is_char = clang_getCanonicalType(type).kind == CXType_Char_S || clang_getCanonicalType(type).kind == CXType_Char_U;
	t->is_va_list = is_va_list(unit, clang_getCanonicalType(type));
	if (!t->name && (t->kind == TYPE_OTHER || t->kind == TYPE_VECTOR || (t->kind == TYPE_SCALAR && !t->is_unnamed)))
		t->name = keep_string(unit, clang_getTypeSpelling(clang_getUnqualifiedType(type)));
	if (t->kind == TYPE_OTHER && strncmp(t->name, "_BitInt", 7) == 0)
		t->kind = TYPE_SCALAR;
	if (t->to && !t->by_name) {
		t->is_local |= t->to->is_local;
		t->is_unnamed |= t->to->is_unnamed;
	}
	for (int i = 0; i < t->n_params && !t->by_name; i++)
		t->is_local |= t->params[i]->is_local;
	return t;
}

struct type *make_type(struct unit *unit, CXType clang_type)
{
	const void *key = clang_type.data[0];
	struct type *type = key ? index_get(&unit->clang->types, key) : NULL;
	if (type)
		return type;
	type = read_type(unit, clang_type);
	if (key && !type->is_local && !has_run_time_size(type)) /* what is local may be read before it is known */
		index_put(unit->arena, &unit->clang->types, key, type);
	return type;
}

struct type *make_parameter_type(struct unit *unit, CXType clang_type)
{
	struct type *type = make_type(unit, clang_type);
	bool is_array = type->kind == TYPE_ARRAY || type->kind == TYPE_VLA;
	if (!is_array && type->kind != TYPE_FUNCTION)
		return type;
	struct type *pointer = arena_alloc(unit->arena, sizeof *pointer);
	pointer->kind = TYPE_POINTER;
	pointer->to = is_array ? type->to : type;
	pointer->spelling = type->spelling;
	pointer->is_local = type->is_local;
	pointer->is_unnamed = type->is_unnamed;
	pointer->is_va_list = type->is_va_list;
	pointer->size = pointer->align = sizeof(void *);
	return pointer;
}

static const char *qualifiers(const struct type *type, bool keep_const)
{
	static const char *const text[] = {"", "const ", "volatile ", "const volatile "};
	return text[(type->is_const && keep_const) + 2 * type->is_volatile];
}

static const char *write_type(struct unit *unit, const struct type *type, const char *declarator, bool keep_const);

static const char *write_parameters(struct unit *unit, const struct type *type)
{
	struct text text = {0};
	for (int i = 0; i < type->n_params; i++)
		text_printf(&text, "%s%s", i ? ", " : "", write_type(unit, type->params[i], "", true));
	if (type->is_variadic && type->has_prototype)
		text_puts(&text, type->n_params ? ", ..." : "...");
	if (type->has_prototype && type->n_params == 0 && !type->is_variadic)
		text_puts(&text, "void");
	const char *result = arena_copy(unit->arena, text.data ? text.data : "", text.size);
	text_finish(&text);
	return result;
}

static bool is_written_down(const struct type *type)
{
	for (; type && !type->by_name; type = type->to)
		if (type->kind == TYPE_VLA && !type->bound)
			return false;
	return true;
}

static const char *write_pointer(struct unit *unit, const struct type *type, const char *declarator, bool keep_const)
{
	if (has_run_time_size(type->to) && !is_written_down(type->to)) { /* a field of a caller's */
		const struct type *element = type->to;
		while (element->kind == TYPE_ARRAY || element->kind == TYPE_VLA)
			element = element->to;
		return arena_printf(unit->arena, "%svoid *%s%s", element->is_const ? "const " : "", qualifiers(type, keep_const),
				    declarator);
	}
	bool wrap = !type->to->by_name && (type->to->kind == TYPE_ARRAY || type->to->kind == TYPE_VLA ||
					   type->to->kind == TYPE_FUNCTION);
	const char *star = arena_printf(unit->arena, "%s*%s%s%s", wrap ? "(" : "", qualifiers(type, keep_const), declarator,
					wrap ? ")" : "");
	return write_type(unit, type->to, star, true);
}

static const char *write_type(struct unit *unit, const struct type *type, const char *declarator, bool keep_const)
{
	const char *gap = declarator[0] ? " " : "";
	if (!type->by_name && !type->is_atomic) {
		switch (type->kind) {
		case TYPE_POINTER:
			return write_pointer(unit, type, declarator, keep_const);
		case TYPE_ARRAY:
			declarator = type->count < 0 ? arena_printf(unit->arena, "%s[]", declarator)
						     : arena_printf(unit->arena, "%s[%ld]", declarator, type->count);
			return write_type(unit, type->to, declarator, keep_const);
		case TYPE_VLA:
			declarator = arena_printf(unit->arena, "%s[%s]", declarator, type->bound ? type->bound : "");
			return write_type(unit, type->to, declarator, keep_const);
		case TYPE_FUNCTION:
			declarator = arena_printf(unit->arena, "%s(%s)", declarator, write_parameters(unit, type));
			return write_type(unit, type->to, declarator, true);
		default:
			break;
		}
	}
	const char *name = type->local && type->local->hoisted ? type->local->written : type->name;
	return arena_printf(unit->arena, "%s%s%s%s", qualifiers(type, keep_const), name ? name : "/* unnamed */ void", gap,
			    declarator);
}

bool is_nameable(const struct type *type)
{
	if (type->local && type->local->hoisted)
		return true;
	if (!type->by_name && (type->kind == TYPE_POINTER || type->kind == TYPE_ARRAY || type->kind == TYPE_FUNCTION)) {
		for (int i = 0; i < type->n_params; i++)
			if (!is_nameable(type->params[i]))
				return false;
		return is_nameable(type->to);
	}
	return !type->is_local && !type->is_unnamed;
}

const char *declare(struct unit *unit, const struct type *type, const char *name)
{
	return write_type(unit, type, name, false);
}
