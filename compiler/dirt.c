/* dirt.c: which macro invocations have to be expanded before their function can be lowered, and why.  An invocation stays as
 * it is when the text around it can be taken apart without knowing what it becomes.  Needs macros.c's invocations, and for
 * most of it the tree. */
#include "lower.h"

#include <string.h>

const struct invocation *invocation_at(const struct unit *unit, unsigned offset)
{
	int first = first_reaching(&unit->reach, offset);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start <= offset; i++)
		if (offset < unit->invocations.at[i].span.end)
			return &unit->invocations.at[i];
	return NULL;
}

bool has_invocations(const struct unit *unit, struct span span)
{
	int first = first_reaching(&unit->reach, span.start);
	return first < unit->invocations.n && unit->invocations.at[first].span.start < span.end;
}

void add_dirty(struct unit *unit, struct async_fn *fn, const struct invocation *invocation, const char *why)
{
	invocation = invocation_at(unit, invocation->span.start);
	for (int i = 0; i < unit->dirty.n; i++)
		if (unit->dirty.at[i].span.start == invocation->span.start)
			return;
	struct dirty dirty = {fn, invocation->span, invocation->name, why, invocation->counts};
	list_add(unit->arena, &unit->dirty, dirty);
}

/* ---- without the tree ---- */

static void find_macro_of_braces(struct unit *unit, struct async_fn *fn)
{
	const struct invocation *start = invocation_at(unit, fn->body.start), *end = invocation_at(unit, fn->body.end - 1);
	if (start)
		add_dirty(unit, fn, start, "has the function's body in it");
	if (end)
		add_dirty(unit, fn, end, "ends the function");
}

void find_hidden_keywords(struct unit *unit)
{
	for (int i = 0; i < unit->fns.n; i++) {
		struct async_fn *fn = unit->fns.at[i];
		find_macro_of_braces(unit, fn);
		int first = first_reaching(&unit->reach, fn->span.start);
		for (int j = first; j < unit->invocations.n && unit->invocations.at[j].span.start < fn->body.end; j++) {
			const struct invocation *invocation = &unit->invocations.at[j];
			if (invocation->has_keyword && span_contains(fn->body, invocation->span))
				add_dirty(unit, fn, invocation, "has a keyword of async.h in it");
			else if (names_a_clash(unit, invocation))
				add_dirty(unit, fn, invocation, "names a macro that has to be undefined here");
		}
	}
}

/* ---- with the tree ---- */

struct walk {
	struct unit *unit;
	struct async_fn *fn;
	int loops, switches; /* around us, inside of the invocation we are in */
	bool ordered;        /* we are in a full expression with an await: asyncc says in which order it is evaluated */
};

static void mark(struct walk *w, unsigned at, const char *why)
{
	const struct invocation *invocation = invocation_at(w->unit, at);
	if (invocation)
		add_dirty(w->unit, w->fn, invocation, why);
}

static const char *refused_control(const struct walk *w, const struct node *node)
{
	switch (node->kind) {
	case N_RETURN: return "has a return in it";
	case N_GOTO: case N_INDIRECT_GOTO: return "has a goto in it";
	case N_LABEL: return "has a label in it";
	case N_CASE: case N_DEFAULT: return w->switches ? NULL : "has a case of a switch outside in it";
	case N_BREAK: return w->switches || w->loops ? NULL : "breaks out of a loop or switch outside";
	case N_CONTINUE: return w->loops ? NULL : "continues a loop outside";
	case N_AWAIT: return "has an await in it";
	default: return NULL;
	}
}

/* An await that was pasted together looks like any __extension__. */
static void check_extension(struct walk *w, const struct node *node)
{
	const struct invocation *invocation = invocation_at(w->unit, node->span.start);
	if (node->kind == N_UNARY && strcmp(node->name, "__extension__") == 0 && invocation && invocation->pastes)
		mark(w, node->span.start, "may paste an await together");
}

static void check_inside(struct walk *w, const struct node *node)
{
	check_extension(w, node);
	const char *why = refused_control(w, node);
	if (why)
		mark(w, node->span.start, why);
	if (node->kind == N_VAR && node->var && !(node->var->scope && node->var->scope->in_macro))
		mark(w, node->span.start, "declares a local variable");
}

/* ---- what is around an invocation ---- */

static const char *keyword(const struct node *node)
{
	switch (node->kind) {
	case N_COMPOUND: return "{";
	case N_IF: return "if";
	case N_WHILE: return "while";
	case N_DO: return "do";
	case N_FOR: return "for";
	case N_SWITCH: return "switch";
	case N_CASE: return "case";
	case N_DEFAULT: return "default";
	case N_LABEL: return node->name;
	case N_GOTO: case N_INDIRECT_GOTO: return "goto";
	case N_RETURN: return "return";
	case N_BREAK: return "break";
	case N_CONTINUE: return "continue";
	default: return NULL;
	}
}

/* The token that has to come next is in the text; otherwise the macro that it comes from is dirty.  Returns where it ends. */
static unsigned expect(struct walk *w, unsigned at, const char *word)
{
	struct token token = next_token(w->unit->source, at, w->fn->body.end);
	bool digraph = strcmp(word, "{") == 0 && token_is(w->unit->source, token, "<%");
	if (!digraph && !token_is(w->unit->source, token, word))
		mark(w, token.span.start, "is part of a statement around it");
	return token.span.end;
}

static bool is_of_a_kid(const struct node *node, struct span span)
{
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && span_contains(node->kids[i]->span, span))
			return true;
	return false;
}

/* Whatever the statement is made of beside its parts: keywords, brackets, semicolons. */
static void check_own_words(struct walk *w, const struct node *node)
{
	const struct unit *unit = w->unit;
	int first = first_reaching(&unit->reach, node->span.start);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start < node->span.end; i++) {
		struct span span = unit->invocations.at[i].span;
		if (span.start >= node->span.start && !is_of_a_kid(node, span))
			mark(w, span.start, "is part of a statement around it");
	}
}

static void check_head_of_for(struct walk *w, unsigned open)
{
	const struct source *source = w->unit->source;
	unsigned close = closing_bracket(source, open, w->fn->body.end);
	int semicolons = 0;
	struct token token;
	for (unsigned at = open + 1; (token = next_token(source, at, close)).kind != TOKEN_END; at = token.span.end)
		semicolons += token_is(source, token, ";");
	int first = first_reaching(&w->unit->reach, open);
	for (int i = first; semicolons < 2 && i < w->unit->invocations.n; i++) {
		unsigned at = w->unit->invocations.at[i].span.start;
		if (at > open && at < close)
			mark(w, at, "is part of a statement around it");
	}
}

static void check_statement(struct walk *w, const struct node *node)
{
	unsigned end = expect(w, node->span.start, keyword(node));
	switch (node->kind) {
	case N_FOR:
		check_head_of_for(w, next_token(w->unit->source, end, w->fn->body.end).span.start);
		/* fall through */
	case N_IF: case N_WHILE: case N_SWITCH:
		expect(w, end, "(");
		if (node->kind == N_IF && node->kids[2])
			expect(w, node->kids[1]->span.end, "else");
		check_own_words(w, node);
		break;
	case N_DO:
		expect(w, node->kids[0]->span.end, "while");
		check_own_words(w, node);
		break;
	case N_GOTO: case N_INDIRECT_GOTO: case N_RETURN: case N_BREAK: case N_CONTINUE:
		check_own_words(w, node);
		break;
	case N_COMPOUND:
		if (!strchr("}>", w->unit->source->text[node->span.end - 1]))
			mark(w, node->span.end - 1, "is part of a statement around it");
		break;
	default:
		break;
	}
}

/* An earlier kid of the node comes out of the same macro. */
static bool has_twin(const struct node *node, int i)
{
	for (int j = 0; j < i; j++)
		if (node->kids[j] && node->kids[j]->in_macro && node->kids[j]->span.start == node->kids[i]->span.start &&
		    node->kids[j] != node->kids[i])
			return true;
	return false;
}

/* Two parts of one thing out of one macro: the text between them is not there. */
static void check_twins(struct walk *w, const struct node *node)
{
	unsigned furthest = 0; /* most kids stand in the order of the text: none of those before is where this one is */
	for (int i = 0; i < node->n_kids; i++) {
		if (!node->kids[i] || !node->kids[i]->in_macro)
			continue;
		unsigned start = node->kids[i]->span.start;
		if (start <= furthest && has_twin(node, i))
			mark(w, start, "has more than one part of what is around it");
		furthest = start > furthest ? start : furthest;
	}
}

/* The end of one statement and the start of the next out of one macro. */
static void check_neighbours(struct walk *w, const struct node *block)
{
	for (int i = 1; i < block->n_kids; i++)
		if (block->kids[i - 1] && block->kids[i] && block->kids[i - 1]->span.end > block->kids[i]->span.start)
			mark(w, block->kids[i]->span.start, "is part of a statement around it");
}

/* `T x INIT;` where INIT has the `=`. */
static void check_initialiser(struct walk *w, const struct node *node)
{
	const struct source *source = w->unit->source;
	const struct node *init = node->kids[0];
	struct token token, last = {0};
	for (unsigned at = node->name_at; (token = next_token(source, at, init->span.start)).kind != TOKEN_END; at = token.span.end)
		last = token;
	if (init->in_macro && !token_is(source, last, "="))
		mark(w, init->span.start, "is part of a declaration around it");
}

static const struct node *bare(const struct node *node)
{
	while (!node->in_macro && (node->kind == N_PAREN || node->kind == N_CONVERSION) && node->n_kids)
		node = node->kids[0];
	return node;
}

static void check_expression(struct walk *w, const struct node *node);

/* What is awaited or started is taken apart. */
static void check_awaitable(struct walk *w, const struct node *kid)
{
	const struct node *node = bare(kid);
	if (!node->in_macro && node->kind == N_ASSIGN)
		node = bare(node->kids[1]);
	if (node->in_macro)
		mark(w, node->span.start, "has in it what is awaited");
	else if (node->kind == N_CALL)
		check_expression(w, node);
}

static void check_awaitables(struct walk *w, const struct node *node)
{
	switch (node->kind) {
	case N_AWAIT: case N_WAIT_FOR: case N_SHIELD: case N_CATCH: case N_CREATE_TASK: case N_CREATE_TASK_EAGER:
	case N_COROUTINE: case N_RUN:
		check_awaitable(w, node->kids[0]);
		break;
	case N_EXECUTOR: case N_RUN_ON: case N_RUN_THREADSAFE: case N_CREATE_TASK_IN:
		check_awaitable(w, node->kids[1]);
		break;
	case N_GATHER:
		for (int i = 0; i < node->n_kids; i++)
			check_awaitable(w, node->kids[i]);
		break;
	default:
		break;
	}
}

/* An expression that is taken apart, as it has an await in it. */
static void check_expression(struct walk *w, const struct node *node)
{
	check_twins(w, node);
	check_awaitables(w, node);
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *kid = node->kids[i];
		const struct invocation *invocation = kid && kid->in_macro ? invocation_at(w->unit, kid->span.start) : NULL;
		if (invocation && !invocation->is_operand)
			mark(w, kid->span.start, "may have more in it than an operand of an expression with an await");
	}
}

static void check_around(struct walk *w, const struct node *node)
{
	bool is_apart = node->special || node->awaits;
	if (is_expression(node)) {
		check_extension(w, node);
		if (is_apart && !node->unevaluated)
			check_expression(w, node);
		return;
	}
	if (!w->fn->is_async)
		return;
	check_twins(w, node);
	if (node->kind == N_COMPOUND)
		check_neighbours(w, node);
	if (keyword(node))
		check_statement(w, node);
	if (node->kind == N_VAR && node->n_kids)
		check_initialiser(w, node);
}

static bool has_parts_to_order(const struct walk *w, struct node *node)
{
	if (!w->ordered || !w->fn->is_async)
		return false;
	mark_order(node);
	return node->in_order;
}

static void walk(struct walk *w, struct node *node, bool parent_in_macro)
{
	struct walk before = *w;
	w->ordered = is_expression(node) && (w->ordered || node->awaits);
	if (node->in_macro && !parent_in_macro) {
		if (has_parts_to_order(w, node))
			mark(w, node->span.start, "has parts that C could evaluate in any order, beside an await");
		w->loops = w->switches = 0;
		if (node->special || node->awaits)
			mark(w, node->span.start, "has in it what asyncc has to rewrite");
		if (node->kind == N_DECL_STMT && w->fn->is_async)
			mark(w, node->span.start, "has a declaration in it");
	}
	if (!node->in_macro)
		check_around(w, node);
	else if (w->fn->is_async)
		check_inside(w, node);
	w->loops += node->kind == N_WHILE || node->kind == N_DO || node->kind == N_FOR;
	w->switches += node->kind == N_SWITCH;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			walk(w, node->kids[i], node->in_macro);
	*w = before;
}

/* ---- names that become text ---- */

static bool has_namesake(const struct async_fn *fn, const struct var *var)
{
	for (int i = 0; i < fn->vars.n; i++)
		if (fn->vars.at[i] != var && !fn->vars.at[i]->in_macro && strcmp(fn->vars.at[i]->name, var->name) == 0)
			return true;
	return false;
}

enum { BY_GOTO = 1, BY_CASE = 2 };

/* Where a jump can come in, past what is declared there: the node and all that it is in, for a case up to its switch. */
static int mark_entered(struct node *node)
{
	int ways = node->kind == N_LABEL ? BY_GOTO : node->kind == N_CASE || node->kind == N_DEFAULT ? BY_CASE : 0;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			ways |= mark_entered(node->kids[i]);
	node->entered = ways != 0;
	return node->kind == N_SWITCH ? ways & ~BY_CASE : ways;
}

static bool may_be_unset(const struct var *var)
{
	return !var->is_param && (!var->initialised || (var->scope && var->scope->entered));
}

/* Not known before frame.c has placed it. */
static bool may_be_renamed(struct unit *unit, struct async_fn *fn, const struct var *var)
{
	bool is_simple = var->type->kind == TYPE_SCALAR || (var->type->kind == TYPE_POINTER && !var->type->is_handle);
	return !is_simple || has_run_time_size(var->type) || var->type->is_atomic || var->is_volatile || var->address_taken ||
	       var->cleanup || may_be_unset(var) || has_namesake(fn, var) || name_means_more(unit, fn, var);
}

static void find_stringified_names(struct unit *unit, struct async_fn *fn)
{
	int first = first_reaching(&unit->reach, fn->body.start);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start < fn->body.end; i++) {
		const struct invocation *invocation = &unit->invocations.at[i];
		if (!invocation->stringifies || !span_contains(fn->body, invocation->span))
			continue;
		for (int j = 0; j < fn->refs.n; j++) {
			const struct ref *ref = &fn->refs.at[j];
			if (ref->at >= invocation->span.start && ref->at < invocation->span.end &&
			    may_be_renamed(unit, fn, ref->var))
				add_dirty(unit, fn, invocation, "turns the name of a local variable into text");
		}
	}
}

/* Of a type without a name: the keyword before. */
static bool is_written_there(struct unit *unit, const struct type_ref *ref)
{
	const char *text = ref->type->name;
	if (ref->size)
		return span_is(unit->source, (struct span){ref->at, ref->at + ref->size}, text);
	unsigned size = (unsigned)strcspn(ref->type->written, " ");
	text = arena_copy(unit->arena, ref->type->written, size);
	return span_is(unit->source, (struct span){ref->at - size, ref->at}, text);
}

/* A type that moves, or an enumerator of one, gets another name where it stands in the text: not inside of a macro. */
static void find_names_of_types(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < fn->type_refs.n; i++) {
		const struct type_ref *ref = &fn->type_refs.at[i];
		const struct invocation *invocation = invocation_at(unit, ref->size ? ref->at : ref->at - 1);
		bool is_text = is_written_there(unit, ref);
		if (!invocation || !(ref->type->hoisted || ref->type->has_run_time_size))
			continue;
		if (!is_text)
			add_dirty(unit, fn, invocation, "names a local type");
		else if (invocation->stringifies)
			add_dirty(unit, fn, invocation, "turns the name of a local type into text");
	}
}

/* A macro that means something else before the function, where what is in the span goes. */
static void find_definitions_left_behind(struct unit *unit, struct async_fn *fn, struct span span)
{
	int first = first_reaching(&unit->reach, span.start);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start < span.end; i++) {
		struct names names = names_in_invocation(unit, &unit->invocations.at[i]);
		for (int j = 0; j < names.n; j++)
			if (where_defined_anew(unit, (struct span){fn->body.start, span.end}, names.at[j]).end)
				add_dirty(unit, fn, &unit->invocations.at[i], "is defined in the function, and in something that moves out of it");
	}
}

/* Alignments go with their variables into the frame. */
static void find_moved_alignments(struct unit *unit, struct async_fn *fn, const struct node *node)
{
	struct span span = node->span;
	bool has_attributes = false;
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *kid = node->kids[i];
		if (kid && (!is_expression(kid) || kid->awaits))
			find_moved_alignments(unit, fn, kid);
		has_attributes |= node->kind == N_DECL_STMT && kid && kid->kind == N_VAR && kid->var->attributes;
	}
	while (has_attributes && span.start > fn->body.start && !strchr(";{}:", unit->source->text[span.start - 1]))
		span.start--; /* libclang begins behind an alignas */
	if (has_attributes)
		find_definitions_left_behind(unit, fn, span);
}

static bool has_directives(const struct unit *unit, struct span span)
{
	int first = first_directive(unit->source, span.start);
	return first < unit->source->directives.n && unit->source->directives.at[first].start < span.end;
}

static void find_what_moves(struct unit *unit, struct async_fn *fn)
{
	if (!has_directives(unit, fn->body))
		return;
	for (int i = 0; i < fn->type_moves.n; i++)
		if (fn->type_moves.at[i].type && fn->type_moves.at[i].type->hoisted)
			find_definitions_left_behind(unit, fn, fn->type_moves.at[i].span);
	find_moved_alignments(unit, fn, fn->tree);
}

void find_dirt(struct unit *unit, struct async_fn *fn)
{
	struct walk w = {.unit = unit, .fn = fn};
	if (!has_invocations(unit, fn->span))
		return;
	walk(&w, fn->tree, false);
	if (!fn->is_async)
		return;
	mark_entered(fn->tree);
	find_stringified_names(unit, fn);
	find_names_of_types(unit, fn);
	find_what_moves(unit, fn);
}
