/* handler.c: async functions given to what calls them at a time when none can run: signal handlers, functions called at exit, and, from
 * an async function, what calls back before it returns.  They are the ordinary functions of the file as well, which have no tree.
 * Knows libclang; changes nothing. */
#include "tree.h"

#include <string.h>

static const struct taker {
	const char *name;   /* of a function, or of a member */
	bool is_member;
	bool only_in_async; /* it calls back at once, which ordinary C may want: that blocks */
	const char *why;
} takers[] = {
	{"signal", false, false, "a signal handler cannot wait: use async_add_signal_handler"},
	{"sigset", false, false, "a signal handler cannot wait: use async_add_signal_handler"},
	{"sa_handler", true, false, "a signal handler cannot wait: use async_add_signal_handler"},
	{"sa_sigaction", true, false, "a signal handler cannot wait: use async_add_signal_handler"},
	{"atexit", false, false, "no loop runs at exit: await it at the end of async main"},
	{"at_quick_exit", false, false, "no loop runs at exit: await it at the end of async main"},
	{"on_exit", false, false, "no loop runs at exit: await it at the end of async main"},
	{"pthread_atfork", false, false, "a fork cannot wait"},
	{"qsort", false, true, "its caller does not suspend"}, {"qsort_r", false, true, "its caller does not suspend"},
	{"bsearch", false, true, "its caller does not suspend"}, {"lfind", false, true, "its caller does not suspend"},
	{"lsearch", false, true, "its caller does not suspend"}, {"twalk", false, true, "its caller does not suspend"},
	{"ftw", false, true, "its caller does not suspend"}, {"nftw", false, true, "its caller does not suspend"},
	{"scandir", false, true, "its caller does not suspend"}, {"pthread_once", false, true, "its caller does not suspend"},
	{"call_once", false, true, "its caller does not suspend"},
};

struct walk {
	struct unit *unit;
	bool in_async;
	const struct taker *taker; /* of the expression that is visited next */
};

static const struct taker *find_taker(struct walk *w, CXCursor cursor, bool is_member)
{
	const char *name = keep_string(w->unit, clang_getCursorSpelling(cursor));
	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		if (takers[i].is_member == is_member && strcmp(takers[i].name, name) == 0)
			return takers[i].only_in_async && !w->in_async ? NULL : &takers[i];
	return NULL;
}

static void refuse_async(struct walk *w, CXCursor reference)
{
	CXCursor target = clang_getCursorReferenced(reference);
	if (clang_getCursorKind(target) != CXCursor_FunctionDecl || !cursor_is_async(target))
		return;
	unsigned at = file_offset(w->unit, clang_getCursorLocation(reference));
	const char *name = keep_string(w->unit, clang_getCursorSpelling(target)), *own = adopted_name(name);
	struct span where = {at, next_token(w->unit->source, at, w->unit->source->size).span.end};
	error_at(w->unit, where, "the async function '%s' cannot be given to '%s': %s", own ? own : name, w->taker->name, w->taker->why);
}

/* What keeps the value of an expression what it is. */
static bool passes_on(enum CXCursorKind kind)
{
	return kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr || kind == CXCursor_UnaryOperator || kind == CXCursor_CStyleCastExpr ||
	       kind == CXCursor_ConditionalOperator || kind == CXCursor_InitListExpr;
}

struct part {
	struct walk *walk;
	const struct taker *taker; /* of this child */
	const struct taker *next;  /* of the children behind it */
};

static void visit(CXCursor cursor, void *arg);

/* A member's name, in an assignment's target or a designator, says what takes the value behind it. */
static void visit_part(CXCursor child, void *arg)
{
	struct part *part = arg;
	enum CXCursorKind kind = clang_getCursorKind(child);
	part->walk->taker = part->taker;
	visit(child, part->walk);
	part->walk->taker = NULL;
	if (kind == CXCursor_MemberRefExpr || kind == CXCursor_MemberRef)
		part->next = find_taker(part->walk, child, true);
	part->taker = part->next;
}

static void visit(CXCursor cursor, void *arg)
{
	struct walk *w = arg;
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	const struct taker *taker = w->taker;
	struct part part = {w, NULL, NULL};
	if (kind == CXCursor_DeclRefExpr && taker)
		refuse_async(w, cursor);
	if (kind == CXCursor_CallExpr)
		part.next = find_taker(w, cursor, false);
	else if (passes_on(kind))
		part.taker = part.next = taker;
	w->taker = NULL;
	each_child(cursor, visit_part, &part);
}

static void visit_top(CXCursor cursor, void *arg)
{
	struct walk *w = arg;
	unsigned offset;
	if (!is_in_input(w->unit, clang_getCursorLocation(cursor), &offset))
		return;
	w->in_async = clang_getCursorKind(cursor) == CXCursor_FunctionDecl && cursor_is_async(cursor);
	w->taker = NULL;
	visit(cursor, w);
}

void check_handlers(struct unit *unit)
{
	struct walk w = {.unit = unit};
	bool any = false;
	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		any |= name_is_used(unit, takers[i].name);
	if (any)
		each_declaration(unit, visit_top, &w);
}
