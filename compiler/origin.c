/* origin.c: where the text that is parsed comes from in the user's file, for messages.  normalize.c says what it replaces. */
#include "compiler.h"

#include <ctype.h>
#include <string.h>

struct piece { /* of the text that is as the user wrote it */
	unsigned start, size;
	unsigned user_start;
};

/* ---- keeping up with the text ---- */

static void move_span(struct span *span, struct span change, unsigned new_size)
{
	unsigned growth = new_size - (change.end - change.start);
	if (span->start >= change.end)
		span->start += growth;
	if (span->end >= change.end)
		span->end += growth;
}

static void cut_piece(struct unit *unit, struct piece piece, struct span change, unsigned growth)
{
	unsigned end = piece.start + piece.size;
	if (piece.start < change.start) {
		struct piece before = piece;
		before.size = (end < change.start ? end : change.start) - piece.start;
		list_add(unit->arena, &unit->pieces, before);
	}
	if (end > change.end) {
		unsigned start = piece.start > change.end ? piece.start : change.end;
		struct piece after = {start + growth, end - start, piece.user_start + (start - piece.start)};
		list_add(unit->arena, &unit->pieces, after);
	}
}

void note_replacement(struct unit *unit, struct span span, unsigned new_size, const char *macro)
{
	struct piece whole = {0, unit->source->size, 0};
	if (!unit->user_source) {
		unit->user_source = unit->source;
		list_add(unit->arena, &unit->pieces, whole);
	}
	struct piece *old = unit->pieces.at;
	int n = unit->pieces.n;
	unit->pieces.at = NULL;
	unit->pieces.n = 0;
	for (int i = 0; i < n; i++)
		cut_piece(unit, old[i], span, new_size - (span.end - span.start));
	for (int i = 0; i < unit->expansions.n; i++)
		move_span(&unit->expansions.at[i].span, span, new_size);
	struct expansion expansion = {{span.start, span.start + new_size}, macro};
	if (macro)
		list_add(unit->arena, &unit->expansions, expansion);
}

/* ---- asking ---- */

/* The outermost, which is the one that the user wrote. */
static const struct expansion *expansion_at(const struct unit *unit, unsigned offset)
{
	for (int i = 0; i < unit->expansions.n; i++)
		if (unit->expansions.at[i].span.start <= offset && offset < unit->expansions.at[i].span.end)
			return &unit->expansions.at[i];
	return NULL;
}

bool is_expanded(const struct unit *unit, unsigned offset)
{
	return expansion_at(unit, offset) != NULL;
}

static const struct piece *piece_at(const struct unit *unit, unsigned offset)
{
	for (int i = 0; i < unit->pieces.n; i++)
		if (unit->pieces.at[i].start <= offset && offset < unit->pieces.at[i].start + unit->pieces.at[i].size)
			return &unit->pieces.at[i];
	return NULL;
}

/* What stood there before it was expanded. */
static struct span invocation_of(const struct unit *unit, const struct expansion *expansion)
{
	struct span span = {0, unit->user_source->size};
	for (int i = 0; i < unit->pieces.n; i++) {
		const struct piece *piece = &unit->pieces.at[i];
		if (piece->start + piece->size <= expansion->span.start)
			span.start = piece->user_start + piece->size;
		else if (piece->start >= expansion->span.end && piece->user_start < span.end)
			span.end = piece->user_start;
	}
	return span;
}

static bool continues_word(char a, char b)
{
	return (isalnum((unsigned char)a) || a == '_') && (isalnum((unsigned char)b) || b == '_');
}

static bool stands_at(const struct unit *unit, struct span where, unsigned at)
{
	const char *text = unit->source->text + where.start, *user = unit->user_source->text;
	unsigned size = where.end - where.start;
	return size && memcmp(user + at, text, size) == 0 && !continues_word(at ? user[at - 1] : ' ', user[at]) &&
	       !continues_word(user[at + size - 1], user[at + size]);
}

/* The same words in the invocation, if they are there once: an argument. */
static bool find_argument(const struct unit *unit, struct span where, struct span *invocation)
{
	unsigned size = where.end - where.start, found = 0;
	for (unsigned at = invocation->start; at + size <= invocation->end; at++)
		if (stands_at(unit, where, at)) {
			if (found)
				return false;
			found = at;
		}
	if (found)
		*invocation = (struct span){found, found + size};
	return found;
}

struct origin origin_of(const struct unit *unit, struct span where)
{
	struct origin origin = {unit->source, where, NULL};
	if (!unit->user_source)
		return origin;
	const struct expansion *expansion = expansion_at(unit, where.start);
	const struct piece *piece = piece_at(unit, where.start);
	if (expansion) {
		origin = (struct origin){unit->user_source, invocation_of(unit, expansion), expansion->name};
		if (find_argument(unit, where, &origin.span))
			origin.macro = NULL;
	} else if (piece) {
		unsigned start = piece->user_start + (where.start - piece->start);
		origin = (struct origin){unit->user_source, {start, start + (where.end - where.start)}, NULL};
	}
	return origin;
}
