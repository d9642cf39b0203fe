/* collect.c: reads the program through libclang: its functions, their calls, where in the text they are, and what would not do as
 * an async function.  Decides nothing about functions that follow from others: decide.c does. */
#include "asyncify.h"

#include <clang-c/Index.h>
#include <string.h>

struct reader {
	struct program *program;
	CXTranslationUnit unit;
	CXFile file;
	struct { struct span *at; int n; } directives, unevaluated; /* of the text */
};

struct context { /* of what is being walked */
	struct reader *reader;
	struct function *from;
	CXCursor parent;   /* implicit ones left out */
	const char *fixed; /* see struct call */
};

static void walk(CXCursor cursor, struct context context);

static char *keep(struct program *program, CXString string)
{
	const char *text = clang_getCString(string);
	char *copy = arena_copy(program->arena, text ? text : "", text ? strlen(text) : 0);
	clang_disposeString(string);
	return copy;
}

/* ---- the text ---- */

static bool is_one_of(const struct source *source, struct token token, const char *const *names)
{
	for (; *names; names++)
		if (token_is(source, token, *names))
			return true;
	return false;
}

static struct span bracketed(const struct source *source, unsigned open, bool to_comma)
{
	struct span span = {open, closing_bracket(source, open, source->size)};
	struct token token;
	for (unsigned at = open + 1; to_comma && at < span.end; at = token.span.end) {
		token = next_token(source, at, span.end);
		if (token_is(source, token, "(") || token_is(source, token, "["))
			token.span.end = closing_bracket(source, token.span.start, span.end) + 1;
		else if (token_is(source, token, ",") || token.kind == TOKEN_END)
			span.end = token.span.start, to_comma = false;
	}
	return span;
}

static void read_text(struct reader *reader)
{
	static const char *const not_run[] = {"typeof", "__typeof", "__typeof__", "offsetof", "__builtin_offsetof",
		"__builtin_constant_p", "_Generic", "_Alignof", "__alignof__", NULL};
	struct program *program = reader->program;
	const struct source *source = program->source;
	struct token token, next;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind != TOKEN_END; at = token.span.end) {
		if (token.kind == TOKEN_DIRECTIVE)
			list_add(program->arena, &reader->directives, token.span);
		if (token.kind != TOKEN_NAME || !is_one_of(source, token, not_run))
			continue;
		next = next_token(source, token.span.end, source->size);
		if (token_is(source, next, "("))
			list_add(program->arena, &reader->unevaluated, bracketed(source, next.span.start, token_is(source, token, "_Generic")));
	}
}

static bool is_unevaluated(const struct reader *reader, unsigned at)
{
	for (int i = 0; i < reader->unevaluated.n; i++)
		if (reader->unevaluated.at[i].start <= at && at < reader->unevaluated.at[i].end)
			return true;
	return false;
}

static const struct span *directive_at(const struct reader *reader, unsigned at)
{
	for (int i = 0; i < reader->directives.n; i++)
		if (reader->directives.at[i].start <= at && at < reader->directives.at[i].end)
			return &reader->directives.at[i];
	return NULL;
}

/* ---- places ---- */

typedef void locator(CXSourceLocation, CXFile *, unsigned *, unsigned *, unsigned *);

static bool find(const struct reader *reader, CXSourceLocation location, locator *locate, unsigned *offset)
{
	CXFile file;
	locate(location, &file, NULL, NULL, offset);
	return file && clang_File_isEqual(file, reader->file);
}

static bool in_macro(const struct reader *reader, CXSourceLocation location)
{
	unsigned spelt, expanded;
	return !find(reader, location, clang_getSpellingLocation, &spelt) ||
	       !find(reader, location, clang_getExpansionLocation, &expanded) || spelt != expanded;
}

/* [start, end) is text that ends with the bracket of a call. */
static bool is_balanced(const struct source *source, struct span span)
{
	int depth = 0;
	struct token token, last = {0};
	if (span.start >= span.end || span.end > source->size)
		return false;
	for (unsigned at = span.start; (token = next_token(source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		depth += token_is(source, token, "(") - token_is(source, token, ")");
		if (depth < 0)
			return false;
		last = token;
	}
	return depth == 0 && token_is(source, last, ")");
}

/* name(...) in a macro's definition. */
static bool call_by_name(const struct reader *reader, struct span *span)
{
	const struct source *source = reader->program->source;
	const struct span *directive = directive_at(reader, span->start);
	struct token open;
	if (!directive)
		return false;
	open = next_token(source, next_token(source, span->start, directive->end).span.end, directive->end);
	if (!token_is(source, open, "("))
		return false;
	span->end = closing_bracket(source, open.span.start, directive->end) + 1;
	return span->end <= directive->end;
}

static bool place_call(const struct reader *reader, CXCursor cursor, struct call *call)
{
	CXSourceRange range = clang_getCursorExtent(cursor);
	CXSourceLocation start = clang_getRangeStart(range);
	bool ends = find(reader, clang_getRangeEnd(range), clang_getSpellingLocation, &call->span.end);
	if (!find(reader, start, clang_getSpellingLocation, &call->span.start))
		return false;
	if (call->to && call_by_name(reader, &call->span)) /* one place for all that the macro stands for */
		return true;
	if (ends && is_balanced(reader->program->source, call->span))
		return true;
	call->span.end = call->span.start;
	if (call_by_name(reader, &call->span))
		return true;
	/* Where it ends need not be known if nothing follows.  A name that is a macro's argument is awaited where it is written. */
	return !call->brackets && (!in_macro(reader, start) || directive_at(reader, call->span.start) || call->to);
}

/* ---- functions ---- */

static struct function *function_named(struct program *program, const char *name)
{
	for (int i = 0; i < program->functions.n; i++)
		if (strcmp(program->functions.at[i]->name, name) == 0)
			return program->functions.at[i];
	struct function *function = arena_alloc(program->arena, sizeof *function);
	function->name = name;
	list_add(program->arena, &program->functions, function);
	return function;
}

static struct function *function_of(struct reader *reader, CXCursor cursor)
{
	struct function *function = function_named(reader->program, keep(reader->program, clang_getCursorSpelling(cursor)));
	if (!function->type)
		function->type = keep(reader->program, clang_getTypeSpelling(clang_getCanonicalType(clang_getCursorType(cursor))));
	return function;
}

/* The name of an attribute that asyncc refuses, between the declaration's start and its body. */
static const char *refused_attribute(const struct source *source, struct span span)
{
	static const char *const refused[] = {"constructor", "destructor", "interrupt", "naked", "ifunc", "returns_twice", "pure", "const",
		"__constructor__", "__destructor__", "__naked__", "__ifunc__", "__returns_twice__", "__pure__", "__const__", NULL};
	struct token token;
	unsigned end = 0;
	for (unsigned at = span.start; (token = next_token(source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		if (token_is(source, token, "__attribute__") || token_is(source, token, "__attribute"))
			end = closing_bracket(source, next_token(source, token.span.end, span.end).span.start, span.end);
		if (token.span.start < end && is_one_of(source, token, refused))
			return "an attribute";
	}
	return NULL;
}

/* What its caller passed for `...` is gone when it has suspended. */
static void note_variadic(struct reader *reader, struct function *function, CXCursor cursor, CXCursor body)
{
	const struct source *source = reader->program->source;
	struct token token;
	unsigned end;
	function->variadic = clang_isFunctionTypeVariadic(clang_getCursorType(cursor)) && clang_getCursorType(cursor).kind == CXType_FunctionProto;
	if (!function->variadic || !find(reader, clang_getRangeEnd(clang_getCursorExtent(body)), clang_getSpellingLocation, &end))
		return;
	for (unsigned at = function->body; (token = next_token(source, at, end)).kind != TOKEN_END; at = token.span.end)
		if (token_is(source, token, "va_end"))
			function->last_va_end = token.span.start;
}

static enum CXChildVisitResult note_body(CXCursor child, CXCursor parent, CXClientData data)
{
	(void)parent;
	if (clang_getCursorKind(child) == CXCursor_CompoundStmt)
		*(CXCursor *)data = child;
	return CXChildVisit_Continue;
}

/* `async` goes before the declaration; into the macro's definition if all of it comes from there. */
static void note_declaration(struct reader *reader, struct function *function, CXCursor cursor)
{
	unsigned start, name;
	CXSourceLocation at = clang_getRangeStart(clang_getCursorExtent(cursor));
	bool inside = in_macro(reader, clang_getCursorLocation(cursor)) &&
		      find(reader, clang_getCursorLocation(cursor), clang_getSpellingLocation, &name) &&
		      find(reader, at, clang_getSpellingLocation, &start) && directive_at(reader, start);
	if (find(reader, at, inside ? clang_getSpellingLocation : clang_getExpansionLocation, &start))
		list_add(reader->program->arena, &function->declarations, start);
	else
		function->plain = "declared out of the file";
}

static void note_definition(struct reader *reader, struct function *function, CXCursor cursor, CXCursor body)
{
	struct span head;
	function->defined = find(reader, clang_getRangeStart(clang_getCursorExtent(cursor)), clang_getExpansionLocation, &head.start) &&
			    find(reader, clang_getRangeStart(clang_getCursorExtent(body)), clang_getSpellingLocation, &function->body);
	if (!function->defined)
		return;
	head.end = function->body++ < head.start ? head.start : function->body;
	if (!function->plain)
		function->plain = refused_attribute(reader->program->source, head);
	note_variadic(reader, function, cursor, body);
}

static void walk_function(CXCursor cursor, struct context context)
{
	struct reader *reader = context.reader;
	struct function *function = function_of(reader, cursor);
	CXCursor body = clang_getNullCursor();
	if (clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
		return;
	note_declaration(reader, function, cursor);
	clang_visitChildren(cursor, note_body, &body);
	if (clang_Cursor_isNull(body))
		return;
	note_definition(reader, function, cursor, body);
	for (int i = 0; i < clang_Cursor_getNumArguments(cursor); i++)
		walk(clang_Cursor_getArgument(cursor, i), (struct context){.reader = reader, .from = function, .parent = cursor});
	walk(body, (struct context){.reader = reader, .from = function, .parent = cursor});
}

/* ---- calls ---- */

static enum CXChildVisitResult note_first(CXCursor child, CXCursor parent, CXClientData data)
{
	(void)parent;
	*(CXCursor *)data = child;
	return CXChildVisit_Break;
}

static CXCursor first_kid(CXCursor cursor)
{
	CXCursor kid = clang_getNullCursor();
	clang_visitChildren(cursor, note_first, &kid);
	return kid;
}

/* The function that an expression names: f, (f), *f, &f. */
static CXCursor named_function(CXCursor cursor)
{
	for (;;) {
		enum CXCursorKind kind = clang_getCursorKind(cursor);
		enum CXUnaryOperatorKind op = kind == CXCursor_UnaryOperator ? clang_getCursorUnaryOperatorKind(cursor) : 0;
		CXCursor referenced = clang_getCursorReferenced(cursor);
		if (kind == CXCursor_DeclRefExpr)
			return clang_getCursorKind(referenced) == CXCursor_FunctionDecl ? referenced : clang_getNullCursor();
		if (kind != CXCursor_UnexposedExpr && kind != CXCursor_ParenExpr && op != CXUnaryOperator_Deref && op != CXUnaryOperator_AddrOf)
			return clang_getNullCursor();
		cursor = first_kid(cursor);
	}
}

static bool binds_tighter(CXCursor parent, CXCursor call)
{
	enum CXCursorKind kind = clang_getCursorKind(parent);
	return (kind == CXCursor_MemberRefExpr || kind == CXCursor_ArraySubscriptExpr || kind == CXCursor_CallExpr) &&
	       clang_equalLocations(clang_getRangeStart(clang_getCursorExtent(parent)), clang_getRangeStart(clang_getCursorExtent(call)));
}

static bool is_jump(const char *name)
{
	static const char *const jumps[] = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "longjmp", "siglongjmp", "_longjmp",
		"__builtin_setjmp", "__builtin_longjmp", "vfork", "getcontext", NULL};
	for (const char *const *jump = jumps; *jump; jump++)
		if (strcmp(name, *jump) == 0)
			return true;
	return false;
}

/* A function, or what points to some, is given to somebody else's code. */
static void note_escape(struct reader *reader, CXCursor value, struct function *to)
{
	CXCursor function = named_function(value);
	CXType type = clang_getPointeeType(clang_getCanonicalType(clang_getCursorType(value)));
	struct escape escape = {.to = to};
	if (!clang_Cursor_isNull(function))
		escape.function = function_of(reader, function);
	else if (type.kind == CXType_FunctionProto || type.kind == CXType_FunctionNoProto)
		escape.type = keep(reader->program, clang_getTypeSpelling(type));
	else
		return;
	list_add(reader->program->arena, &reader->program->escapes, escape);
}

static void walk_call(CXCursor cursor, struct context context)
{
	struct reader *reader = context.reader;
	CXCursor callee = first_kid(cursor), function = named_function(callee);
	struct call call = {.from = context.from, .fixed = context.fixed, .brackets = binds_tighter(context.parent, cursor)};
	context.parent = cursor;
	if (!clang_Cursor_isNull(function)) {
		call.to = function_of(reader, function);
		if (is_jump(call.to->name))
			context.from->plain = "setjmp or its like";
	} else {
		walk(callee, context);
	}
	call.placed = place_call(reader, cursor, &call);
	if (!is_unevaluated(reader, call.span.start))
		list_add(reader->program->arena, &reader->program->calls, call);
	for (int i = 0; i < clang_Cursor_getNumArguments(cursor); i++) {
		CXCursor argument = clang_Cursor_getArgument(cursor, i);
		if (call.to)
			note_escape(reader, argument, call.to);
		walk(argument, context);
	}
}

/* ---- the walk ---- */

static enum CXChildVisitResult note_last(CXCursor child, CXCursor parent, CXClientData data)
{
	(void)parent;
	*(CXCursor *)data = child;
	return CXChildVisit_Continue;
}

/* sa.sa_handler = f: somebody else's struct. */
static void note_assignment(struct reader *reader, CXCursor cursor)
{
	CXCursor member = clang_getCursorReferenced(first_kid(cursor)), value = clang_getNullCursor();
	clang_visitChildren(cursor, note_last, &value);
	if (clang_getCursorKind(member) == CXCursor_FieldDecl && clang_Location_isInSystemHeader(clang_getCursorLocation(member)))
		note_escape(reader, value, NULL);
}

static enum CXChildVisitResult walk_kid(CXCursor kid, CXCursor parent, CXClientData data)
{
	(void)parent;
	walk(kid, *(struct context *)data);
	return CXChildVisit_Continue;
}

static void walk(CXCursor cursor, struct context context)
{
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	CXCursor function;
	switch (kind) {
	case CXCursor_FunctionDecl: walk_function(cursor, context); return;
	case CXCursor_CallExpr: walk_call(cursor, context); return;
	case CXCursor_UnaryExpr: return; /* sizeof, _Alignof */
	case CXCursor_DeclRefExpr:
		function = named_function(cursor);
		if (!clang_Cursor_isNull(function))
			function_of(context.reader, function)->address_taken = true;
		return;
	case CXCursor_ParmDecl: context.fixed = "called in a parameter's type"; break;
	case CXCursor_GCCAsmStmt: context.fixed = "called in an asm operand"; break;
	case CXCursor_BinaryOperator:
		if (clang_getCursorBinaryOperatorKind(cursor) == CXBinaryOperator_Assign)
			note_assignment(context.reader, cursor);
		break;
	default: break;
	}
	if (kind != CXCursor_UnexposedExpr)
		context.parent = cursor;
	clang_visitChildren(cursor, walk_kid, &context);
}

/* __attribute__((cleanup(f))): libclang does not tell the name. */
static void note_cleanups(struct reader *reader)
{
	static const char *const names[] = {"cleanup", "__cleanup__", NULL};
	struct program *program = reader->program;
	const struct source *source = program->source;
	struct token token, next;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind != TOKEN_END; at = token.span.end) {
		next = next_token(source, token.span.end, source->size);
		if (token.kind != TOKEN_NAME || !is_one_of(source, token, names) || !token_is(source, next, "("))
			continue;
		next = next_token(source, next.span.end, source->size);
		function_named(program, arena_copy(program->arena, source->text + next.span.start, next.span.end - next.span.start))->plain =
			"a cleanup attribute's";
	}
}

static bool print_errors(CXTranslationUnit unit)
{
	bool any = false;
	for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
		if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
			CXString text = clang_formatDiagnostic(diagnostic, clang_defaultDiagnosticDisplayOptions());
			fprintf(stderr, "%s\n", clang_getCString(text));
			clang_disposeString(text);
			any = true;
		}
		clang_disposeDiagnostic(diagnostic);
	}
	return any;
}

bool collect_program(struct program *program, const char **arguments, int n)
{
	const char **all = arena_alloc(program->arena, (n + 4) * sizeof *all);
	int count = 0;
	for (const char *const *own = (const char *const[]){"-xc", "-resource-dir", ASYNCC_RESOURCE_DIR, NULL}; *own; own++)
		all[count++] = *own;
	for (int i = 0; i < n; i++)
		all[count++] = arguments[i];
	struct reader reader = {.program = program};
	CXIndex index = clang_createIndex(0, 0);
	enum CXErrorCode code = clang_parseTranslationUnit2(index, program->source->path, all, count, NULL, 0, CXTranslationUnit_None, &reader.unit);
	if (code != CXError_Success)
		fprintf(stderr, "asyncify: libclang could not read '%s'\n", program->source->path);
	bool readable = code == CXError_Success && !print_errors(reader.unit);
	if (readable) {
		reader.file = clang_getFile(reader.unit, program->source->path);
		read_text(&reader);
		note_cleanups(&reader);
		walk(clang_getTranslationUnitCursor(reader.unit), (struct context){.reader = &reader});
	}
	if (code == CXError_Success)
		clang_disposeTranslationUnit(reader.unit);
	clang_disposeIndex(index);
	return readable;
}
