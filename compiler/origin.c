/* origin.c: where the text that is parsed comes from in the user's file, for messages.  normalize.c says what it replaces. */
#include "compiler.h"

#include <ctype.h>
#include <string.h>

struct piece { /* of the text that is as the user wrote it */
	unsigned start, size;
	unsigned user_start;
};

/* ---- keeping up with the text ---- */

struct replacements {
	struct { struct replacement { struct span span; unsigned new_size; const char *macro; } *at; int n; } list;
};

struct replacements *replacements_begin(struct unit *unit)
{
	struct piece whole = {0, unit->source->size, 0};
	if (!unit->user_source) {
		unit->user_source = unit->source;
		list_add(unit->arena, &unit->pieces, whole);
	}
	return arena_alloc(unit->arena, sizeof(struct replacements));
}

void replacements_add(struct unit *unit, struct replacements *replacements, struct span span, unsigned new_size, const char *macro)
{
	struct replacement replacement = {span, new_size, macro};
	list_add(unit->arena, &replacements->list, replacement);
}

/* By how much the text grows before offset. */
static unsigned growth_before(const unsigned *growth, const struct replacements *replacements, unsigned offset)
{
	return growth[first_from(replacements->list, struct replacement, span.end, offset + 1)];
}

/* growth[i]: of the first i together. */
static unsigned *sum_growth(struct unit *unit, const struct replacements *replacements)
{
	unsigned *growth = arena_alloc(unit->arena, (replacements->list.n + 1) * sizeof *growth);
	for (int i = 0; i < replacements->list.n; i++) {
		const struct replacement *one = &replacements->list.at[i];
		growth[i + 1] = growth[i] + one->new_size - (one->span.end - one->span.start);
	}
	return growth;
}

/* What is left of the pieces between the replaced spans. */
static void cut_pieces(struct unit *unit, const struct replacements *replacements, const unsigned *growth)
{
	struct piece *old = unit->pieces.at;
	int n = unit->pieces.n, r = 0;
	unit->pieces.at = NULL;
	unit->pieces.n = 0;
	for (int i = 0; i < n; i++) {
		unsigned at = old[i].start, end = old[i].start + old[i].size;
		while (r > 0 && replacements->list.at[r - 1].span.end > at)
			r--; /* one may reach over several pieces */
		while (at < end) {
			while (r < replacements->list.n && replacements->list.at[r].span.end <= at)
				r++;
			unsigned next = r < replacements->list.n ? replacements->list.at[r].span.start : end;
			struct piece piece = {at + growth[r], (next < end ? next : end) - at, old[i].user_start + (at - old[i].start)};
			if (next > at)
				list_add(unit->arena, &unit->pieces, piece);
			if (next >= end)
				break;
			at = replacements->list.at[r].span.end;
		}
	}
}

void replacements_end(struct unit *unit, struct replacements *replacements)
{
	unsigned *growth = sum_growth(unit, replacements);
	cut_pieces(unit, replacements, growth);
	for (int i = 0; i < unit->expansions.n; i++) {
		struct span *span = &unit->expansions.at[i].span;
		span->start += growth_before(growth, replacements, span->start);
		span->end += growth_before(growth, replacements, span->end);
	}
	for (int i = 0; i < replacements->list.n; i++) {
		const struct replacement *one = &replacements->list.at[i];
		unsigned start = one->span.start + growth[i];
		struct expansion expansion = {{start, start + one->new_size}, one->macro};
		if (one->macro)
			list_add(unit->arena, &unit->expansions, expansion);
	}
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
