/* attribute.c: attributes as they are spelled, also inside macros, and what those of an async function mean for it.
 * Knows libclang, which tells where an attribute stands but not which it is. */
#include "tree.h"

#include <ctype.h>
#include <string.h>

/* Where an attribute of an async function goes; docs/lowering.md has the table.  One that is not here stays with the entry,
 * the function that ordinary C sees. */
static const struct {
	const char *name;
	enum { TO_BOTH, TO_NONE, TO_CALLEE } where; /* also to the resume function; refused; noted for callers */
	const char *why;
} rules[] = {
	{"hot", TO_BOTH, NULL}, {"cold", TO_BOTH, NULL}, {"target", TO_BOTH, NULL}, {"optimize", TO_BOTH, NULL},
	{"optnone", TO_BOTH, NULL}, {"minsize", TO_BOTH, NULL}, {"section", TO_BOTH, NULL}, {"flatten", TO_BOTH, NULL},
	{"no_sanitize", TO_BOTH, NULL}, {"no_sanitize_address", TO_BOTH, NULL}, {"no_sanitize_thread", TO_BOTH, NULL},
	{"no_sanitize_undefined", TO_BOTH, NULL}, {"no_sanitize_memory", TO_BOTH, NULL},
	{"no_instrument_function", TO_BOTH, NULL}, {"no_stack_protector", TO_BOTH, NULL},
	{"no_profile_instrument_function", TO_BOTH, NULL},
	{"constructor", TO_NONE, "no loop runs before main"},
	{"destructor", TO_NONE, "no loop runs after main"},
	{"interrupt", TO_NONE, "an interrupt handler cannot wait"},
	{"interrupt_handler", TO_NONE, "an interrupt handler cannot wait"},
	{"signal", TO_NONE, "an interrupt handler cannot wait"},
	{"naked", TO_NONE, "asyncc generates the function's body"},
	{"ifunc", TO_NONE, "a resolver runs before main"},
	{"returns_twice", TO_NONE, "an await cannot be returned to twice"},
	{"pure", TO_NONE, "the function that ordinary C calls runs an event loop"},
	{"const", TO_NONE, "the function that ordinary C calls runs an event loop"},
	{"weak", TO_CALLEE, NULL}, {"noreturn", TO_CALLEE, NULL}, {"_Noreturn", TO_CALLEE, NULL}, {"deprecated", TO_CALLEE, NULL},
	{"alias", TO_CALLEE, NULL}, {"weakref", TO_CALLEE, NULL},
};

struct walk {
	struct unit *unit;
	attribute_visitor *visit;
	void *arg;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The arguments in brackets that follow, or "". */
static const char *arguments(struct unit *unit, const char *text, const char *end)
{
	while (text < end && isspace((unsigned char)*text))
		text++;
	if (text == end || *text != '(')
		return "";
	const char *at = text;
	int depth = 0;
	bool quoted = false;
	for (; at < end; at++) {
		if (*at == '"' && at[-1] != '\\')
			quoted = !quoted;
		else if (!quoted && *at == '(')
			depth++;
		else if (!quoted && *at == ')' && --depth == 0)
			break;
	}
	return at < end ? arena_copy(unit->arena, text, at + 1 - text) : "";
}

/* gnu::noinline, __noinline__ and noinline are the same. */
static const char *plain_name(struct unit *unit, const char *name, size_t size)
{
	if (size > 4 && name[0] == '_' && name[1] == '_' && name[size - 1] == '_' && name[size - 2] == '_')
		return arena_copy(unit->arena, name + 2, size - 4);
	return arena_copy(unit->arena, name, size);
}

static void visit_attribute(CXCursor cursor, void *arg)
{
	struct walk *walk = arg;
	if (!clang_isAttribute(clang_getCursorKind(cursor)))
		return;
	CXSourceLocation start = clang_getRangeStart(clang_getCursorExtent(cursor));
	CXFile file;
	unsigned at, seen_at;
	size_t size = 0;
	clang_getSpellingLocation(start, &file, NULL, NULL, &at);
	clang_getFileLocation(start, NULL, NULL, NULL, &seen_at);
	const char *text = file ? text_of_file(walk->unit, file, &size) : NULL;
	if (!text || at >= size)
		return;
	const char *name = text + at, *end = text + size;
	for (const char *colon = name; colon + 1 < end && (is_word(*colon) || *colon == ':'); colon++)
		if (colon[0] == ':' && colon[1] == ':')
			name = colon + 2;
	const char *after = name;
	while (after < end && is_word(*after))
		after++;
	struct attribute attribute = {.kind = clang_getCursorKind(cursor), .at = seen_at};
	attribute.name = plain_name(walk->unit, name, after - name);
	attribute.arguments = arguments(walk->unit, after, end);
	attribute.in_macro = at != seen_at;
	walk->visit(&attribute, walk->arg);
}

void each_attribute(struct unit *unit, CXCursor declaration, attribute_visitor *visit, void *arg)
{
	struct walk walk = {unit, visit, arg};
	each_child(declaration, visit_attribute, &walk);
}

/* ---- of async functions ---- */

static void note_for_callers(const struct attribute *attribute, void *arg)
{
	struct callee *callee = arg;
	callee->is_weak |= strcmp(attribute->name, "weak") == 0;
	callee->is_noreturn |= strcmp(attribute->name, "noreturn") == 0 || strcmp(attribute->name, "_Noreturn") == 0;
	callee->is_deprecated |= strcmp(attribute->name, "deprecated") == 0;
	callee->is_alias |= strcmp(attribute->name, "alias") == 0 || strcmp(attribute->name, "weakref") == 0;
}

struct promises {
	struct unit *unit;
	struct callee *callee;
};

/* async.h's own. */
static void note_promise(CXCursor cursor, void *arg)
{
	static const char max[] = "async_frame_max ";
	struct promises *promises = arg;
	struct callee *callee = promises->callee;
	if (clang_getCursorKind(cursor) != CXCursor_AnnotateAttr)
		return;
	const char *text = keep_string(promises->unit, clang_getCursorSpelling(cursor));
	callee->no_malloc |= strcmp(text, "async_no_malloc") == 0;
	callee->noinline_frame |= strcmp(text, "async_noinline_frame") == 0;
	callee->by_hand |= strcmp(text, "async_by_hand") == 0;
	callee->frameless |= strcmp(text, "async_frameless") == 0;
	if (strncmp(text, max, sizeof max - 1) == 0)
		callee->frame_max = text + sizeof max - 1;
}

void note_callee_attributes(struct unit *unit, struct callee *callee, CXCursor function)
{
	struct promises promises = {unit, callee};
	each_child(function, note_promise, &promises);
	each_attribute(unit, function, note_for_callers, callee);
	callee->is_noreturn |= type_never_returns(unit, clang_getCursorType(function));
}

struct sorting {
	struct unit *unit;
	struct async_fn *fn;
};

/* Arguments out of a macro may still have its parameters in them. */
static bool is_literal(const char *arguments)
{
	bool quoted = false;
	for (; *arguments; arguments++) {
		if (*arguments == '"')
			quoted = !quoted;
		else if (!quoted && (isalpha((unsigned char)*arguments) || *arguments == '#'))
			return false;
	}
	return true;
}

static void sort_attribute(const struct attribute *attribute, void *arg)
{
	struct sorting *sorting = arg;
	struct async_fn *fn = sorting->fn;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (strcmp(rules[i].name, attribute->name) != 0)
			continue;
		struct span where = {attribute->at, attribute->at + strlen(attribute->name)};
		if (rules[i].where == TO_NONE)
			error_at(sorting->unit, where, "an async function cannot be '%s': %s", attribute->name, rules[i].why);
		if (rules[i].where == TO_BOTH && is_literal(attribute->arguments))
			fn->resume_attributes = arena_printf(sorting->unit->arena, "%s%s%s%s", fn->resume_attributes,
							     fn->resume_attributes[0] ? ", " : "", attribute->name,
							     attribute->arguments);
	}
}

void sort_attributes(struct unit *unit, struct async_fn *fn, CXCursor definition)
{
	struct sorting sorting = {unit, fn};
	fn->resume_attributes = "";
	each_attribute(unit, definition, sort_attribute, &sorting);
}
