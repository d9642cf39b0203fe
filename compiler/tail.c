/* tail.c: awaits that are the last thing their function does.  What is awaited there answers whoever awaits the function: a callee
 * whose frame would be embedded takes the function's own frame over, any other one begins for the function's caller, if there is no
 * frame yet; the function itself begins again in its frame.  As a C compiler does with calls, and when it does: from -O2 on, as the
 * function is then missing where others look for it. */
#include "compiler.h"

#include <string.h>

/* As gcc: the last -O counts, and what is said of sibling calls more. */
bool forwards_tails(const struct options *options)
{
	bool optimizes = false;
	int said = 0;
	for (int i = 0; i < options->n_clang_args; i++) {
		const char *word = options->clang_args[i];
		if (strncmp(word, "-O", 2) == 0)
			optimizes = word[2] && strchr("23456789sz", word[2]);
		else if (strcmp(word, "-foptimize-sibling-calls") == 0)
			said = 1;
		else if (strcmp(word, "-fno-optimize-sibling-calls") == 0)
			said = -1;
	}
	return said > 0 || (optimizes && said == 0);
}

static struct node *await_in(struct node *value)
{
	while (value->kind == N_PAREN)
		value = value->kids[0];
	return value->kind == N_AWAIT ? value : NULL;
}

static bool does_nothing(const struct node *statement)
{
	return statement->kind == N_NULL || (statement->kind == N_COMPOUND && statement->n_kids == 0);
}

/* The function ends behind block's kid i, if it does behind the block. */
static bool is_last(const struct node *block, int i, bool block_is_last)
{
	while (++i < block->n_kids) {
		if (block->kids[i]->kind == N_RETURN && block->kids[i]->n_kids == 0)
			return true;
		if (!does_nothing(block->kids[i]))
			return false;
	}
	return block_is_last;
}

static void mark_statement(struct node *node, bool last, bool is_void)
{
	struct node *value = node->kind == N_RETURN || (node->kind == N_EXPR_STMT && last && is_void) ? node : NULL;
	if (value) {
		struct node *await = value->n_kids && value->kids[0] ? await_in(value->kids[0]) : NULL;
		if (await)
			await->is_tail = true;
		return;
	}
	if (is_expression(node) || node->kind == N_EXPR_STMT)
		return;
	bool passes_on = node->kind == N_IF || node->kind == N_LABEL;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && node->kind == N_COMPOUND)
			mark_statement(node->kids[i], is_last(node, i, last), is_void);
		else if (node->kids[i])
			mark_statement(node->kids[i], last && passes_on, is_void);
}

void mark_tail_awaits(struct unit *unit, struct async_fn *fn)
{
	if (forwards_tails(unit->options) && strcmp(fn->name, "main") != 0)
		mark_statement(fn->tree, true, fn->callee->result->kind == TYPE_VOID);
}

bool answers_for(const struct callee *callee, const struct async_fn *fn)
{
	const struct type *mine = fn->callee->result, *its = callee->result;
	if (begins_at_once(callee) || its->is_unassignable)
		return false;
	return mine->kind == TYPE_VOID || (mine->kind == its->kind && mine->size == its->size && mine->align == its->align);
}

/* ---- a callee takes the frame over ---- */

static bool mentions_frame(const struct async_fn *fn, const struct rope *rope)
{
	for (int i = 0; i < rope->n; i++)
		if (rope->at[i].kind == CHUNK_TEXT && strstr(rope->at[i].text, fn->frame_name))
			return true;
	return false;
}

/* Its arguments are stored where our parameters were, so that nothing of ours may be needed from there. */
static bool can_take_over(const struct async_fn *fn, const struct await_point *await)
{
	const struct callee *callee = await->callee;
	for (int i = 0; i < callee->n_params; i++)
		if (callee->params[i]->is_unassignable || mentions_frame(fn, &await->args[i]))
			return false;
	for (int i = 0; i < fn->awaits.n; i++) /* otherwise it has a place of its own in our frame */
		if (fn->awaits.at[i]->embedded && fn->awaits.at[i]->callee == callee && !fn->awaits.at[i]->is_tail)
			return false;
	return true;
}

static bool uses_its_frame(const struct async_fn *fn)
{
	for (int i = 0; i < fn->vars.n; i++)
		if (fn->vars.at[i]->place == PLACE_FRAME || fn->vars.at[i]->place == PLACE_ELSEWHERE)
			return true;
	return false;
}

static void add_heir(struct unit *unit, struct async_fn *fn, struct callee *callee)
{
	for (int i = 0; i < fn->frame->heirs.n; i++)
		if (fn->frame->heirs.at[i] == callee)
			return;
	list_add(unit->arena, &fn->frame->heirs, callee);
}

void hand_frames_over(struct unit *unit, struct async_fn *fn)
{
	if (uses_its_frame(fn))
		return;
	for (int i = 0; i < fn->awaits.n; i++) {
		struct await_point *await = fn->awaits.at[i];
		if (!await->is_tail || !await->embedded || !can_take_over(fn, await))
			continue;
		await->takes_over = true;
		add_heir(unit, fn, await->callee);
	}
}

static void begin_again(struct await_point *await)
{
	await->takes_over = true;
	await->outcome->place = PLACE_AS_WRITTEN; /* nowhere, that is */
	if (await->result)
		await->result->place = PLACE_AS_WRITTEN;
}

/* Where there is a frame for sure, the function begins again in it. */
static void reuse_own_frame(struct async_fn *fn)
{
	if (uses_its_frame(fn))
		return;
	for (int i = 0; i < fn->awaits.n; i++) {
		struct await_point *await = fn->awaits.at[i];
		bool has_frame = fn->begins == BEGINS_IN_A_FRAME || (fn->begins == BEGINS_WITHOUT && !await->may_be_first);
		if (await->is_tail && await->started && await->callee == fn->callee && has_frame && can_take_over(fn, await))
			begin_again(await);
	}
}

void finish_tails(struct async_fn *fn)
{
	reuse_own_frame(fn);
	for (int i = 0; i < fn->ops.n; i++) /* the result is in its place, then */
		if (fn->ops.at[i].returns && fn->ops.at[i].returns->takes_over)
			fn->ops.at[i].rope.n = 0;
}
