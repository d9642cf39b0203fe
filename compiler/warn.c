/* warn.c: what we warn of: where the final compiler would have, had it seen the function as it was written.  Needs the trees and
 * clang's own warnings of the same text; changes nothing. */
#include "compiler.h"

#include <string.h>

/* The outermost expression with an await around `at`: what is in it is evaluated in the language's own order, in statements of
 * its own.  NULL: what is there stays as written. */
static const struct node *rewritten_at(const struct node *node, unsigned at)
{
	if (is_expression(node))
		return node->awaits ? node : NULL;
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *kid = node->kids[i];
		if (kid && kid->span.start <= at && at < kid->span.end)
			return rewritten_at(kid, at);
	}
	return NULL;
}

static const struct node *await_at(const struct node *node, unsigned at)
{
	const struct node *found = NULL;
	for (int i = 0; i < node->n_kids && !found; i++)
		if (node->kids[i] && node->kids[i]->span.start <= at && at < node->kids[i]->span.end)
			found = await_at(node->kids[i], at);
	return found ? found : node->kind == N_AWAIT ? node : NULL;
}

static bool has_break(const struct node *node)
{
	if (node->kind == N_BREAK || node->kind == N_GOTO || node->kind == N_INDIRECT_GOTO)
		return true;
	if (node->kind == N_WHILE || node->kind == N_DO || node->kind == N_FOR || node->kind == N_SWITCH)
		return false;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && has_break(node->kids[i]))
			return true;
	return false;
}

static bool completes(const struct unit *unit, const struct node *node);

static bool block_completes(const struct unit *unit, const struct node *block)
{
	bool comes = true;
	for (int i = 0; i < block->n_kids; i++) {
		const struct node *kid = block->kids[i];
		bool is_target = kid && (kid->kind == N_LABEL || kid->kind == N_CASE || kid->kind == N_DEFAULT);
		comes = (comes || is_target) && (!kid || completes(unit, kid));
	}
	return comes;
}

/* A loop's condition, NULL if a for has none. */
static bool is_always(const struct unit *unit, const struct node *condition)
{
	return !condition || (condition->kind == N_CONST && (span_is(unit->source, condition->span, "1") || span_is(unit->source, condition->span, "true")));
}

static bool has_default(const struct node *node)
{
	if (node->kind == N_DEFAULT)
		return true;
	for (int i = 0; i < node->n_kids && node->kind != N_SWITCH; i++)
		if (node->kids[i] && !is_expression(node->kids[i]) && has_default(node->kids[i]))
			return true;
	return false;
}

static bool never_returns(const struct node *function)
{
	while (function->kind == N_PAREN || function->kind == N_CONVERSION)
		function = function->kids[0];
	return function->type && function->type->kind == TYPE_FUNCTION && function->type->never_returns;
}

/* Control may come to what follows the statement.  Unlike clang it knows what async.h's blocks do. */
static bool completes(const struct unit *unit, const struct node *node)
{
	switch (node->kind) {
	case N_RETURN: case N_GOTO: case N_INDIRECT_GOTO: case N_RAISE: case N_RAISE_ERROR: case N_RERAISE:
		return false;
	case N_EXPR_STMT: case N_PAREN: case N_CONVERSION: case N_LABEL: case N_CASE: case N_DEFAULT:
		return !node->n_kids || !node->kids[0] || completes(unit, node->kids[0]);
	case N_COMPOUND:
		return block_completes(unit, node);
	case N_IF:
		return !node->kids[2] || completes(unit, node->kids[1]) || completes(unit, node->kids[2]);
	case N_FOR:
		return !is_always(unit, node->kids[1]) || has_break(node->kids[3]);
	case N_WHILE:
		return !is_always(unit, node->kids[0]) || has_break(node->kids[1]);
	case N_DO:
		return !is_always(unit, node->kids[1]) || has_break(node->kids[0]);
	case N_SWITCH:
		return completes(unit, node->kids[1]) || !has_default(node->kids[1]) || has_break(node->kids[1]);
	case N_CALL:
		return !never_returns(node->kids[0]);
	case N_TIMEOUT:
		return completes(unit, node->kids[1]);
	case N_GROUP:
		return completes(unit, node->kids[0]);
	case N_TRY:
		return (completes(unit, node->kids[0]) || (node->kids[1] && completes(unit, node->kids[1]))) && (!node->kids[2] || completes(unit, node->kids[2]));
	default:
		return true;
	}
}

static bool is_lost(const struct unit *unit, const struct async_fn *fn, const struct clang_warning *warning)
{
	if (strcmp(warning->option, "-Wreturn-type") == 0)
		return completes(unit, fn->tree);
	if (strcmp(warning->option, "-Wunused-result") == 0 || strncmp(warning->option, "-Wformat", 8) == 0)
		return await_at(fn->tree, warning->at) != NULL;
	return rewritten_at(fn->tree, warning->at) != NULL;
}

static void repeat_clangs_warnings(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < unit->clang_warnings.n; i++) {
		const struct clang_warning *warning = &unit->clang_warnings.at[i];
		struct span where = {warning->at, warning->at + 1};
		if (span_contains(fn->body, where) && is_lost(unit, fn, warning))
			warning_at(unit, where, "%s [%s]", warning->message, warning->option);
	}
}

static void warn_of_return_address(struct unit *unit, const struct node *node)
{
	const struct node *function = node->n_kids ? node->kids[0] : NULL;
	while (function && (function->kind == N_PAREN || function->kind == N_CONVERSION))
		function = function->kids[0];
	if (node->kind != N_CALL || function->kind != N_FUNCTION)
		return;
	if (strcmp(function->name, "__builtin_return_address") == 0 || strcmp(function->name, "__builtin_frame_address") == 0)
		warning_at(unit, node->span, "'%s' in an async function tells of its resume function", function->name);
}

static bool leaves(const struct node *node, int loops)
{
	bool inner = node->kind == N_WHILE || node->kind == N_DO || node->kind == N_FOR;
	if (node->awaits || node->kind == N_RETURN || node->kind == N_GOTO || node->kind == N_INDIRECT_GOTO || node->kind == N_ASM ||
	    node->kind == N_CALL || node->kind == N_STMT_EXPR || (node->kind == N_BREAK && !loops))
		return true;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && leaves(node->kids[i], loops + (inner || node->kind == N_SWITCH)))
			return true;
	return false;
}

/* Nothing else runs any more on a loop's thread.  A call may end the program, so only loops without one are told of. */
static void warn_of_endless_loop(struct unit *unit, const struct node *node)
{
	const struct node *condition = node->kind == N_FOR ? node->kids[1] : node->kind == N_WHILE ? node->kids[0] : NULL;
	const struct node *body = node->kind == N_FOR ? node->kids[3] : node->kind == N_WHILE ? node->kids[1] : NULL;
	bool is_endless = body && (condition ? condition->kind == N_CONST && !span_is(unit->source, condition->span, "0")
					     : node->kind == N_FOR);
	if (is_endless && !node->in_macro && !leaves(body, 0) && !(node->kind == N_FOR && node->kids[2] && leaves(node->kids[2], 1)))
		warning_at(unit, node->span, "this loop neither ends nor awaits: nothing else runs on this thread from here on");
}

static void walk(struct unit *unit, const struct node *node)
{
	warn_of_return_address(unit, node);
	warn_of_endless_loop(unit, node);
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			walk(unit, node->kids[i]);
}

static bool has_option(const struct unit *unit, const char *option)
{
	for (int i = 0; i < unit->options->n_clang_args; i++)
		if (strcmp(unit->options->clang_args[i], option) == 0)
			return true;
	return false;
}

static bool is_warned_of(const struct async_fn *fn)
{
	return fn->is_async && !fn->is_adopted;
}

/* What reaches the end of main returns 0. */
static bool may_lack_return(const struct unit *unit, const struct async_fn *fn)
{
	return is_warned_of(fn) && fn->callee->result->kind != TYPE_VOID && completes(unit, fn->tree) &&
	       (strcmp(fn->name, "main") != 0 || has_option(unit, "-ffreestanding"));
}

void warn_functions(struct unit *unit)
{
	if (has_option(unit, "-w"))
		return;
	for (int i = 0; i < unit->fns.n; i++) {
		if (may_lack_return(unit, unit->fns.at[i])) {
			warn_of_returns_too(unit);
			break;
		}
	}
	for (int i = 0; i < unit->fns.n && !unit->errors; i++) {
		if (!is_warned_of(unit->fns.at[i]))
			continue;
		repeat_clangs_warnings(unit, unit->fns.at[i]);
		walk(unit, unit->fns.at[i]->tree);
	}
}
