/* decide.c: which functions stay plain.  Some are told by collect.c; the rest follow: a plain function cannot await, so what it calls
 * has to be plain, and what it calls through pointers too; so has what others call back. */
#include "asyncify.h"

#include <stdlib.h>
#include <string.h>

bool becomes_async(const struct function *function)
{
	return function->defined && !function->plain;
}

bool is_awaited(const struct call *call)
{
	return becomes_async(call->from) && !call->fixed && call->placed && (!call->to || becomes_async(call->to));
}

static bool leave_plain(struct function *function, const char *why)
{
	if (!function || !becomes_async(function))
		return false;
	function->plain = why;
	return true;
}

/* Everything that a pointer may lead to. */
static bool leave_targets_plain(struct program *program, const char *type, const char *why)
{
	bool changed = false;
	for (int i = 0; i < program->functions.n; i++) {
		struct function *function = program->functions.at[i];
		if (function->address_taken && (!type || strcmp(function->type, type) == 0))
			changed |= leave_plain(function, why);
	}
	return changed;
}

static bool spread_from_calls(struct program *program)
{
	bool changed = false;
	for (int i = 0; i < program->calls.n; i++) {
		struct call *call = &program->calls.at[i];
		if (is_awaited(call))
			continue;
		const char *why = call->fixed ? call->fixed : call->placed ? "called by a plain function" : "called out of a header's macro";
		changed |= call->to ? leave_plain(call->to, why) : leave_targets_plain(program, NULL, "called through a pointer by a plain function");
	}
	return changed;
}

static bool spread_from_escapes(struct program *program)
{
	bool changed = false;
	for (int i = 0; i < program->escapes.n; i++) {
		struct escape *escape = &program->escapes.at[i];
		if (escape->to && escape->to->defined)
			continue; /* it calls back itself, and is looked at by itself */
		changed |= escape->function ? leave_plain(escape->function, "called back by other code")
		                            : leave_targets_plain(program, escape->type, "called back by other code");
	}
	return changed;
}

/* Functions that one macro defines, or one declaration declares, become async together: there is one place for the word. */
static bool spread_along_declarations(struct program *program)
{
	bool changed = false;
	for (int i = 0; i < program->functions.n; i++)
		for (int j = 0; j < program->functions.n; j++) {
			struct function *one = program->functions.at[i], *other = program->functions.at[j];
			if (becomes_async(one) || !becomes_async(other))
				continue;
			for (int k = 0; k < one->declarations.n * other->declarations.n; k++)
				if (one->declarations.at[k / other->declarations.n] == other->declarations.at[k % other->declarations.n])
					changed |= leave_plain(other, "declared together with a plain function");
		}
	return changed;
}

static int compare_calls(const void *a, const void *b)
{
	const struct call *one = a, *other = b;
	if (one->placed != other->placed)
		return one->placed - other->placed;
	return one->span.start != other->span.start ? (one->span.start > other->span.start) - (one->span.start < other->span.start)
	                                            : (one->span.end > other->span.end) - (one->span.end < other->span.end);
}

/* A call that is written once, in a macro, and stands for several is awaited everywhere or nowhere. */
static bool spread_along_macros(struct program *program)
{
	bool changed = false;
	for (int i = 1; i < program->calls.n; i++) {
		struct call *one = &program->calls.at[i - 1], *other = &program->calls.at[i];
		if (compare_calls(one, other) || is_awaited(one) == is_awaited(other))
			continue;
		struct call *awaited = is_awaited(one) ? one : other;
		awaited->fixed = "called where a plain call is written";
		changed = true;
	}
	return changed;
}

static void spread(struct program *program)
{
	while (spread_from_calls(program) | spread_from_escapes(program) | spread_along_declarations(program) | spread_along_macros(program))
		;
}

/* It must not have suspended before it has read its arguments. */
static bool leave_variadic_plain(struct program *program)
{
	bool changed = false;
	for (int i = 0; i < program->calls.n; i++) {
		struct call *call = &program->calls.at[i];
		if (call->from && call->from->variadic && is_awaited(call) && call->span.start < call->from->last_va_end)
			changed |= leave_plain(call->from, "variadic, with calls before its last va_end");
	}
	return changed;
}

void decide_what_stays_plain(struct program *program)
{
	qsort(program->calls.at, program->calls.n, sizeof *program->calls.at, compare_calls);
	do
		spread(program);
	while (leave_variadic_plain(program));
}
