/* check.c: what we refuse, one function each.  Needs the trees; changes nothing. */
#include "compiler.h"

#include <string.h>

static struct node *bare(struct node *node)
{
	while (node->kind == N_PAREN || node->kind == N_CONVERSION)
		node = node->kids[0];
	return node;
}

static const char *text_of(struct unit *unit, struct span span)
{
	return arena_copy(unit->arena, unit->source->text + span.start, span.end - span.start);
}

static struct callee *async_target(struct node *call)
{
	struct node *function = bare(call->kids[0]);
	while (function->kind == N_UNARY && strcmp(function->name, "*") == 0)
		function = bare(function->kids[0]);
	return function->kind == N_FUNCTION ? function->callee : NULL;
}

static bool is_handle(struct node *node)
{
	return node->kind == N_UNARY && strcmp(node->name, "*") == 0 && node->kids[0]->type &&
	       node->kids[0]->type->is_handle;
}

static void refuse_await_outside_async(struct unit *unit, struct async_fn *fn, struct node *node)
{
	if (fn->is_async)
		return;
	error_at(unit, node->span, "'await' outside of an async function");
	struct span name = {fn->span.start, fn->span.start};
	fixit_at(unit, name, "async ", "make '%s' async", fn->name);
}

static void refuse_raise_outside_async(struct unit *unit, struct async_fn *fn, struct node *node)
{
	if (!fn->is_async)
		error_at(unit, node->span, "'%s' outside of an async function",
			 node->kind == N_RAISE ? "async_raise" : node->kind == N_RERAISE ? "async_reraise" : "async_raise_error");
}

static void refuse_block_outside_async(struct unit *unit, struct async_fn *fn, struct node *node)
{
	if (!fn->is_async)
		error_at(unit, node->span, "'%s' outside of an async function",
			 node->kind == N_TRY ? "async_try" : node->kind == N_TIMEOUT ? node->var ? "async_timeout_as" : "async_timeout" : "async_task_group");
}

/* A function of this file that is not async: awaiting it would only be a call. */
static void refuse_await_of_plain_call(struct unit *unit, struct node *await, struct node *call)
{
	struct node *function = bare(call->kids[0]);
	if (function->kind != N_FUNCTION || function->callee)
		return;
	error_at(unit, await->span, "cannot await a call of '%s', which is not async", function->name);
	note_at(unit, function->span, "declare it `async`, or call it without await");
}

static void refuse_await_of_member(struct unit *unit, struct node *await, struct node *operand)
{
	struct node *base = operand;
	while (base->kind == N_MEMBER || base->kind == N_INDEX || base->kind == N_PAREN || base->kind == N_CONVERSION)
		base = base->kids[0];
	error_at(unit, await->span, "cannot await '%s'", text_of(unit, operand->span));
	if (base != operand && base->kind == N_CALL) {
		const char *inner = text_of(unit, base->span);
		struct span span = {await->span.start, base->span.end};
		fixit_at(unit, span, arena_printf(unit->arena, "(await %s)", inner),
			 "await binds looser than '.', '->' and '[]'; did you mean '(await %s)...'?", inner);
		return;
	}
	note_at(unit, operand->span,
		"what can be awaited: a call of an async function or through a pointer, *handle, or one of async.h's combinators");
}

/* What a call that may be an ordinary one hands over is assigned. */
static void refuse_const_members(struct unit *unit, struct span where, const struct type *type, const char *what)
{
	if (type && type->is_unassignable)
		error_at(unit, where, "%s is a '%s', which has const members and cannot be assigned: pass a pointer", what, type->spelling);
}

static const struct node *unconverted(const struct node *node)
{
	while (node->kind == N_PAREN || node->kind == N_CONVERSION)
		node = node->kids[0];
	return node;
}

/* A local, or a part of one that is not reached through a pointer. */
static bool is_in_the_frame(const struct node *node)
{
	node = unconverted(node);
	while (node->kind == N_MEMBER || node->kind == N_INDEX) {
		node = unconverted(node->kids[0]);
		if (!node->type || node->type->kind == TYPE_POINTER)
			return false;
	}
	return node->kind == N_REF;
}

/* A job that is left alone may outlive the frame. */
static void refuse_arguments_in_the_frame(struct unit *unit, struct node *call)
{
	for (int i = 1; i < call->n_kids; i++) {
		const struct node *argument = bare(call->kids[i]);
		bool is_address = argument->kind == N_UNARY && strcmp(argument->name, "&") == 0;
		argument = unconverted(argument);
		bool is_array = argument->type && argument->type->kind == TYPE_ARRAY;
		if ((is_address && is_in_the_frame(argument->kids[0])) || (is_array && is_in_the_frame(argument)))
			error_at(unit, call->kids[i]->span, "a job that is abandoned may outlive what this points to: pass a copy, or use async_run_in_executor");
	}
}

static void check_awaitable(struct unit *unit, struct async_fn *fn, struct node *node, struct node *where, bool started);

/* The compiler takes what comes after such a call away. */
static void refuse_pointer_without_return(struct unit *unit, const struct node *call)
{
	const struct type *type = bare(call->kids[0])->type;
	if (type && type->kind == TYPE_POINTER && type->to)
		type = type->to;
	if (type && type->never_returns)
		error_at(unit, call->span, "an await through a pointer has to come back, and what this points to is declared noreturn");
}

/* Ordinary C calls what it stands for; a frame of it, and all that goes with one, there is not. */
static void refuse_alias(struct unit *unit, const struct node *call, const struct callee *callee)
{
	if (callee->is_alias)
		error_at(unit, call->span, "'%s' is an alias, which only ordinary C can call: await the function that it stands for", callee->name);
}

/* What is started may end when we, and the target in us, are gone. */
static void refuse_target(struct unit *unit, struct node *element)
{
	if (element->kind == N_ASSIGN)
		error_at(unit, element->span, "'%s' may be gone when the task ends: assign what its await gives", text_of(unit, element->kids[0]->span));
}

/* Of an awaited gather. */
static void check_caught_child(struct unit *unit, struct async_fn *fn, struct node *caught)
{
	struct node *inside = bare(caught->kids[0]);
	check_awaitable(unit, fn, bare(inside->kind == N_ASSIGN ? inside->kids[1] : inside), caught, true);
}

static void check_combinator(struct unit *unit, struct async_fn *fn, struct node *node, bool started)
{
	switch (node->kind) {
	case N_WAIT_FOR:
		check_awaitable(unit, fn, bare(node->kids[0]), node, started);
		break;
	case N_SHIELD:
		check_awaitable(unit, fn, bare(node->kids[0]), node, true);
		break;
	case N_CATCH: {
		struct node *inside = bare(node->kids[0]);
		if (started)
			refuse_target(unit, inside);
		check_awaitable(unit, fn, bare(inside->kind == N_ASSIGN ? inside->kids[1] : inside), node, started);
		break;
	}
	case N_EXECUTOR:
		if (bare(node->kids[1])->kind != N_CALL)
			error_at(unit, node->kids[1]->span, "async_run_in_executor takes a call of an ordinary function");
		else if (async_target(bare(node->kids[1])))
			error_at(unit, node->kids[1]->span, "an async function runs on the loop, not in an executor: await it");
		else if (node->name)
			refuse_arguments_in_the_frame(unit, bare(node->kids[1]));
		break;
	case N_GATHER:
		for (int i = 0; i < node->n_kids; i++) {
			struct node *element = node->kids[i];
			struct node *awaitable = bare(element->kind == N_ASSIGN ? element->kids[1] : element);
			if (started)
				refuse_target(unit, element);
			if (awaitable->kind == N_CATCH && !started) /* its error, and its result, are taken here */
				check_caught_child(unit, fn, awaitable);
			else
				check_awaitable(unit, fn, awaitable, node, true);
		}
		break;
	default:
		break;
	}
}

/* started: it becomes a task or handle of its own, not a part of this one. */
static void check_step(struct unit *unit, struct node *step)
{
	if (step->kind != N_FUNCTION)
		error_at(unit, step->span, "the step of an awaitable has to be the name of a function: a pointer goes into the object");
	else if (step->callee)
		error_at(unit, step->span, "the async function '%s' cannot be the step of an awaitable: a step does not suspend, it answers ASYNC_SUSPENDED",
			 step->name);
}

static void check_awaitable(struct unit *unit, struct async_fn *fn, struct node *node, struct node *where, bool started)
{
	switch (node->kind) {
	case N_CALL:
		refuse_await_of_plain_call(unit, where, node);
		if (started)
			refuse_started_arguments(unit, node);
		if (async_target(node)) {
			refuse_alias(unit, node, async_target(node));
			return;
		}
		refuse_const_members(unit, node->span, node->type, "the result");
		refuse_pointer_without_return(unit, node);
		return;
	case N_AWAITABLE:
		if (node->n_kids > 1)
			check_step(unit, bare(node->kids[1]));
		return;
	case N_MAP:
		if (bare(node->kids[3])->callee)
			error_at(unit, node->kids[3]->span, "an async function runs on the loop, not in an executor");
		return;
	case N_QUEUE:
		return;
	case N_GATHER: case N_CATCH: case N_WAIT_FOR: case N_SHIELD: case N_EXECUTOR:
		check_combinator(unit, fn, node, started);
		return;
	default:
		if (is_handle(node))
			return;
		refuse_await_of_member(unit, where, node);
	}
}

/* The stack that setjmp remembers is gone after an await, and a longjmp over async frames loses them. */
static void refuse_setjmp(struct unit *unit, struct async_fn *fn, struct node *call)
{
	static const char *const names[] = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "__builtin_setjmp", "getcontext", "vfork"};
	struct node *function = bare(call->kids[0]);
	if (!fn->is_async || !fn->tree->awaits || function->kind != N_FUNCTION)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(function->name, names[i]) == 0)
			error_at(unit, call->span, "'%s' in an async function: after an await there is no stack to return to", names[i]);
}

static void refuse_call_without_await(struct unit *unit, struct async_fn *fn, struct node *call)
{
	struct callee *callee = async_target(call);
	if (!callee || !fn->is_async || call->unevaluated)
		return;
	error_at(unit, call->span, "async function '%s' called without await inside async function '%s'", callee->name, fn->name);
	struct span at = {call->span.start, call->span.start};
	fixit_at(unit, at, "await ", "did you mean 'await %s(...)'?", callee->name);
}

/* An explicit register belongs to whoever runs meanwhile. */
static void refuse_register_across_await(struct unit *unit, struct async_fn *fn, struct node *node)
{
	if (fn->is_async && node->var->register_asm && node->var->scope && node->var->scope->awaits)
		error_at(unit, node->span, "'%s' is bound to a register, and its block contains an await", node->var->name);
}

static void refuse_reraise_outside_except(struct unit *unit, struct node *node, bool in_except)
{
	if (node->kind == N_RERAISE && !in_except)
		error_at(unit, node->span, "async_reraise outside of an async_except");
}

/* clang's error too, but for what we have it not look at. */
static void refuse_return_that_does_not_fit(struct unit *unit, const struct async_fn *fn, struct node *node)
{
	bool is_void = fn->is_async && fn->callee->result->kind == TYPE_VOID;
	if (!fn->is_async || (node->n_kids && is_void == (bare(node->kids[0])->type->kind == TYPE_VOID)) || (!node->n_kids && is_void))
		return;
	error_at(unit, node->span, is_void ? "void function '%s' should not return a value" : "non-void function '%s' should return a value", fn->name);
}

static bool refuse_in_ordinary(struct unit *unit, const struct async_fn *fn, struct node *node, const char *what)
{
	if (!fn->is_async)
		error_at(unit, node->span, "ordinary C cannot wait for %s: put it into an async function and call that", what);
	return !fn->is_async;
}

static void refuse_stray_combinator(struct unit *unit, const struct async_fn *fn, struct node *node)
{
	static const char *const names[] = {
		[N_GATHER] = "async_gather", [N_WAIT_FOR] = "async_wait_for", [N_SHIELD] = "async_shield",
		[N_CATCH] = "async_catch", [N_EXECUTOR] = "async_run_in_executor", [N_AWAITABLE] = "async_awaitable",
		[N_MAP] = "async_executor_map",
	};
	const char *name = node->kind == N_QUEUE ? arena_printf(unit->arena, "async_queue_%s", node->name) : names[node->kind];
	if (refuse_in_ordinary(unit, fn, node, name))
		return;
	error_at(unit, node->span, "%s is an awaitable: it does nothing unless it is awaited", name);
	struct span at = {node->span.start, node->span.start};
	fixit_at(unit, at, "await ", "did you mean 'await %s(...)'?", name);
}

/* The value is not there yet, and the pointer leads nowhere. */
static void refuse_handle_without_await(struct unit *unit, const struct async_fn *fn, struct node *node)
{
	if (!is_handle(node) || node->unevaluated || refuse_in_ordinary(unit, fn, node, "a task or future"))
		return;
	error_at(unit, node->span, "the value of a task or future is read without await");
	struct span at = {node->span.start, node->span.start};
	fixit_at(unit, at, "await ", "did you mean 'await %s'?", text_of(unit, node->span));
}

struct check {
	struct unit *unit;
	struct async_fn *fn;
	bool in_except;
};

static void check_node(struct check *c, struct node *node, bool is_awaited);

static void check_kids(struct check *c, struct node *node)
{
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			check_node(c, node->kids[i], false);
}

/* What a declared type's run-time sizes are made from. */
static void check_bounds(struct check *c, const struct var *var)
{
	for (int i = 0; var && i < var->n_bounds; i++)
		check_node(c, var->bounds[i], false);
}

/* The operands of an awaitable, whose own call is in order. */
static void check_inside(struct check *c, struct node *awaitable)
{
	struct node *inner = bare(awaitable);
	switch (inner->kind) {
	case N_CALL: case N_QUEUE: case N_MAP:
		check_kids(c, inner);
		break;
	case N_GATHER: case N_WAIT_FOR: case N_SHIELD: case N_CATCH: case N_EXECUTOR: case N_AWAITABLE:
		for (int i = 0; i < inner->n_kids; i++) {
			struct node *kid = bare(inner->kids[i]);
			if (kid->kind == N_ASSIGN) {
				check_node(c, kid->kids[0], false);
				check_inside(c, kid->kids[1]);
			} else {
				check_inside(c, kid);
			}
		}
		break;
	default:
		check_node(c, inner, true);
	}
}

static void check_start(struct check *c, struct node *node)
{
	struct node *awaitable = bare(node->kids[node->n_kids - 1]);
	check_awaitable(c->unit, c->fn, awaitable, node, true);
	bool takes_call = node->kind == N_COROUTINE || node->kind == N_CREATE_TASK_EAGER || node->kind == N_RUN_THREADSAFE;
	if (takes_call && (awaitable->kind != N_CALL || (node->kind == N_RUN_THREADSAFE && !async_target(awaitable))))
		error_at(c->unit, awaitable->span, "this takes a call of an async function");
	check_inside(c, awaitable);
}

static void check_node(struct check *c, struct node *node, bool is_awaited)
{
	struct unit *unit = c->unit;
	switch (node->kind) {
	case N_AWAIT: {
		int errors = unit->errors;
		refuse_await_outside_async(unit, c->fn, node);
		if (node->unevaluated)
			return; /* refused already */
		check_awaitable(unit, c->fn, bare(node->kids[0]), node, false);
		if (errors == unit->errors)
			check_inside(c, node->kids[0]);
		return;
	}
	case N_CREATE_TASK: case N_CREATE_TASK_EAGER: case N_COROUTINE: case N_CREATE_TASK_IN: case N_RUN_THREADSAFE:
		if (node->n_kids == 2)
			check_node(c, node->kids[0], false);
		check_start(c, node);
		return;
	case N_RUN: case N_RUN_ON:
		if (c->fn->is_async) {
			error_at(unit, node->span, "async_run inside an async function: a loop is running here already; use await");
			return;
		}
		break;
	case N_RAISE: case N_RAISE_ERROR: case N_RERAISE:
		refuse_raise_outside_async(unit, c->fn, node);
		refuse_reraise_outside_except(unit, node, c->in_except);
		break;
	case N_CATCH:
		if (!c->fn->is_async)
			break;
		refuse_stray_combinator(unit, c->fn, node);
		return;
	case N_GATHER: case N_WAIT_FOR: case N_SHIELD: case N_EXECUTOR: case N_MAP: case N_AWAITABLE: case N_QUEUE:
		refuse_stray_combinator(unit, c->fn, node);
		return;
	case N_CALL:
		refuse_setjmp(unit, c->fn, node);
		if (!is_awaited)
			refuse_call_without_await(unit, c->fn, node);
		break;
	case N_UNARY:
		if (!is_awaited)
			refuse_handle_without_await(unit, c->fn, node);
		break;
	case N_RETURN:
		refuse_return_that_does_not_fit(unit, c->fn, node);
		break;
	case N_VAR:
		refuse_register_across_await(unit, c->fn, node);
		check_bounds(c, node->var);
		break;
	case N_OTHER_DECL:
		check_bounds(c, node->var);
		break;
	case N_TRY: {
		refuse_block_outside_async(unit, c->fn, node);
		bool in_except = c->in_except;
		check_node(c, node->kids[0], false);
		c->in_except = true;
		if (node->kids[1])
			check_node(c, node->kids[1], false);
		c->in_except = in_except;
		if (node->kids[2])
			check_node(c, node->kids[2], false);
		return;
	}
	case N_TIMEOUT: case N_GROUP:
		refuse_block_outside_async(unit, c->fn, node);
		break;
	default:
		break;
	}
	check_kids(c, node);
}

/* asyncc finds and replaces names as they are written. */
static bool refuse_cut_names(struct unit *unit, const struct async_fn *fn)
{
	const struct source *source = unit->source;
	struct token token;
	if (!memchr(source->text + fn->span.start, '\\', fn->span.end - fn->span.start))
		return false;
	for (unsigned at = fn->span.start; (token = next_token(source, at, fn->span.end)).kind != TOKEN_END; at = token.span.end)
		if (token.kind == TOKEN_NAME && memchr(source->text + token.span.start, '\n', token.span.end - token.span.start)) {
			error_at(unit, token.span, "a name is cut in two by a backslash at the end of a line, in a function with async or await: write it whole");
			return true;
		}
	return false;
}

/* The entry's parameter list is the user's, and the bounds are needed with the frame as well. */
static void refuse_effects_in_bounds(struct unit *unit, const struct async_fn *fn, const struct var *parameter)
{
	for (int i = 0; fn->is_async && i < parameter->n_bounds; i++)
		if (parameter->bounds[i] && (parameter->bounds[i]->writes || parameter->bounds[i]->awaits))
			error_at(unit, parameter->bounds[i]->span, "a call or an assignment in a bound of the parameter '%s' would not run as often as in C: do it in the function",
				 parameter->name);
}

static void refuse_unnameable(struct unit *unit, const struct async_fn *fn, struct span where, const struct type *type, const char *what)
{
	if (fn->is_async && type && !is_nameable(type))
		error_at(unit, where, "the type of %s has no name that the frame could use: declare it at file scope", what);
}

static void refuse_main_without_status(struct unit *unit, const struct async_fn *fn)
{
	if (fn->is_async && strcmp(fn->name, "main") == 0 && fn->callee->result->kind != TYPE_SCALAR)
		error_at(unit, (struct span){fn->span.start, fn->body.start}, "async main has to return an int");
}

void check_function(struct unit *unit, struct async_fn *fn)
{
	struct check c = {unit, fn, false};
	if (refuse_cut_names(unit, fn))
		return;
	for (int i = 0; i < fn->n_params; i++) {
		const struct var *parameter = fn->vars.at[i];
		check_bounds(&c, parameter);
		refuse_effects_in_bounds(unit, fn, parameter);
		refuse_unnameable(unit, fn, parameter->span, parameter->type, "this parameter");
	}
	if (fn->is_async)
		refuse_unnameable(unit, fn, fn->span, fn->callee->result, "the result");
	refuse_main_without_status(unit, fn);
	check_node(&c, fn->tree, false);
}
