/* await.c: awaits, one function per kind of awaitable.  Whatever is awaited ends in one of four await points: a call of an async
 * function, a call through a pointer, a handle, a user's object; the combinators are made of those. */
#include "lower.h"

#include <string.h>

/* ---- await points ---- */

static struct await_point *new_point(struct lowering *l, enum await_kind kind, struct node *node)
{
	struct await_point *point = arena_alloc(l->arena, sizeof *point);
	point->kind = kind;
	point->span = node->span;
	point->type = node->type;
	list_add(l->arena, &l->fn->awaits, point);
	point->number = l->fn->awaits.n;
	return point;
}

/* The op, its way on error, and where its result is to be found. */
static void finish_point(struct lowering *l, struct await_point *point, struct node *node, bool wants_result)
{
	point->label = named_label(l, fresh_name(l, "await"), true);
	point->on_error = error_label(l);
	if (point->on_error)
		point->on_error->uses++;
	point->wants_result = wants_result && point->type->kind != TYPE_VOID;
	if (l->awaits_left > 0)
		l->awaits_left--;
	bool in_place = point->embedded && l->awaits_left == 0;
	if (point->wants_result && !in_place)
		point->result = new_temp(l, "result", point->type, NULL, node);
	if (point->callee_frame)
		flow_define(l, point->callee_frame);
	if (point->handle)
		flow_define(l, point->handle);
	add_op(l, OP_AWAIT)->await = point;
	if (point->callee_frame)
		flow_use(l, point->callee_frame);
	flow_rope(l, &point->again);
	if (point->outcome)
		flow_define(l, point->outcome);
	if (point->result) {
		flow_define(l, point->result);
		replace_by_var(l, node, point->result);
	} else {
		struct rope rope = {0};
		if (point->wants_result)
			rope_text(l, &rope, "%s->%s.result", frame(l), point->callee->name);
		replace_node(l, node, rope);
	}
}

static bool is_position_independent_library(struct unit *unit)
{
	for (int i = 0; i < unit->options->n_clang_args; i++)
		if (strcmp(unit->options->clang_args[i], "-fPIC") == 0 || strcmp(unit->options->clang_args[i], "-fpic") == 0)
			return true;
	return false;
}

#define LARGEST_EMBEDDED 1024 /* bytes; a larger callee would fatten us for as long as we live */

/* What it is called for is certain to be the definition that stands before us. */
static bool is_known(struct lowering *l, const struct callee *callee)
{
	if (!callee->definition || !l->fn->is_async || callee->definition->span.end > l->fn->span.start || callee->is_weak)
		return false;
	return callee->is_static || !is_position_independent_library(l->unit);
}

/* A small callee whose frame's size is certain here, and that cannot lead back to us, lives in our frame. */
static bool can_embed(struct lowering *l, const struct callee *callee)
{
	if (callee->frame_visible)
		return true;
	return is_known(l, callee) && callee->frame_size <= LARGEST_EMBEDDED && !callee->noinline_frame && !is_fixed_field(l->fn, callee->name);
}

/* Which has its caller wait, whatever the time. */
static bool is_sleep(const struct callee *callee)
{
	return callee && callee->frameless && strcmp(callee->name, "async_sleep") == 0;
}

void await_call(struct lowering *l, struct node *node, struct callee *callee, struct rope *args, int n, bool wants_result)
{
	struct await_point *point = new_point(l, AWAIT_CALL, node);
	point->callee = callee;
	point->args = args;
	point->n_args = n;
	point->type = callee->result;
	point->plain = callee->never_suspends && is_known(l, callee);
	point->frameless = callee->frameless;
	point->sure = is_sleep(callee) || (callee->always_suspends && is_known(l, callee));
	point->embedded = !point->plain && !point->frameless && can_embed(l, callee);
	point->started = !point->embedded && has_start(callee);
	point->is_tail = node->is_tail && !error_label(l) && leaves_quietly(l, NULL) && answers_for(callee, l->fn);
	if (point->started)
		point->outcome = new_temp(l, callee->name, NULL, arena_printf(l->arena, "struct %s__outcome ", callee->name), node);
	else if (!point->embedded && !point->frameless)
		point->callee_frame = new_temp(l, callee->name, NULL, arena_printf(l->arena, "struct %s__call *", callee->name), node);
	finish_point(l, point, node, wants_result);
}

struct callee *direct_callee(struct node *call)
{
	struct node *function = strip_parens(call->kids[0]);
	while (function->kind == N_UNARY && strcmp(function->name, "*") == 0)
		function = strip_parens(function->kids[0]);
	return function->kind == N_FUNCTION ? function->callee : NULL;
}

/* async_sleep of a literal zero: no frame, and it never completes at once. */
bool is_yield(struct lowering *l, struct node *node)
{
	struct node *call = node->kind == N_AWAIT ? strip_parens(node->kids[0]) : node;
	const struct callee *callee = call->kind == N_CALL ? direct_callee(call) : NULL;
	if (!is_sleep(callee))
		return false;
	struct node *seconds = strip_parens(call->kids[1]);
	while (seconds->kind == N_CONVERSION)
		seconds = strip_parens(seconds->kids[0]);
	return seconds->kind == N_CONST && seconds->span.end == seconds->span.start + 1 && l->unit->source->text[seconds->span.start] == '0';
}

static void lower_call(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct callee *callee = direct_callee(call);
	if (is_yield(l, call)) {
		struct await_point *point = new_point(l, AWAIT_YIELD, node);
		point->sure = true;
		finish_point(l, point, node, false);
		return;
	}
	hoist_operands(l, call->kids, call->n_kids);
	int n = call->n_kids - 1;
	struct rope *args = arena_alloc(l->arena, (n + 1) * sizeof *args);
	for (int i = 0; i < n; i++) {
		args[i] = rope_of(l, call->kids[i + 1]);
		flow(l, call->kids[i + 1]);
	}
	if (callee) {
		await_call(l, node, callee, args, n, wants_result);
		if (callee->is_noreturn)
			say_text(l, "__builtin_trap();"); /* compilers would see that nothing follows, if it were a call */
		return;
	}
	spill(l, call->kids[0], "target");
	flow(l, call->kids[0]);
	struct await_point *point = new_point(l, AWAIT_POINTER, node);
	point->target = rope_of(l, call->kids[0]);
	point->args = args;
	point->n_args = n;
	point->type = call->type;
	finish_point(l, point, node, wants_result);
}

/* A variable that nobody else knows, or the place of one: the same when it is read again after the suspension. */
static bool is_steady(const struct node *node)
{
	bool only_place = false;
	for (; !node->as; node = node->kids[0]) {
		bool is_address = node->kind == N_UNARY && strcmp(node->name, "&") == 0;
		bool goes_on = node->kind == N_PAREN || node->kind == N_CONVERSION || is_address ||
			       (only_place && node->kind == N_MEMBER && !node->is_arrow);
		if (node->kind == N_REF)
			return only_place ? !has_run_time_size(node->var->type) : !node->var->address_taken && !node->var->is_volatile;
		if (!goes_on)
			return false;
		only_place |= is_address;
	}
	return node->as_var != NULL;
}

/* steady: the target is read again after the suspension; else a temporary keeps it. */
static void set_target(struct lowering *l, struct await_point *point, struct rope target, bool steady, const char *stem, const char *type,
		       struct node *node)
{
	point->target = target;
	if (steady) {
		point->again = target;
		return;
	}
	point->handle = new_temp(l, stem, NULL, type, node);
	rope_var(l, &point->again, point->handle);
}

static void await_target(struct lowering *l, struct node *node, struct rope handle, bool steady, bool wants_result)
{
	struct await_point *point = new_point(l, AWAIT_HANDLE, node);
	set_target(l, point, handle, steady, "handle", "async_handle ", node);
	finish_point(l, point, node, wants_result);
}

void await_handle(struct lowering *l, struct node *node, struct rope handle, bool wants_result)
{
	await_target(l, node, handle, false, wants_result);
}

static void lower_handle(struct lowering *l, struct node *node, struct node *deref, bool wants_result)
{
	struct node *handle = deref->kids[0];
	hoist(l, handle);
	flow(l, handle);
	await_target(l, node, rope_of(l, handle), is_steady(handle), wants_result);
}

static void lower_object(struct lowering *l, struct node *node, struct node *awaitable, bool wants_result)
{
	struct node *pointer = awaitable->kids[0];
	hoist(l, pointer);
	flow(l, pointer);
	struct await_point *point = new_point(l, AWAIT_OBJECT, node);
	struct rope object = rope_of(l, pointer), target = {0};
	rope_text(l, &target, "&(");
	rope_add(l, &target, &object);
	rope_text(l, &target, ")->awaitable");
	set_target(l, point, target, is_steady(pointer), "object", "struct async_awaitable *", node);
	point->type = awaitable->type;
	point->again_label = fresh_name(l, "again");
	if (awaitable->n_kids > 1)
		point->step = rope_of(l, awaitable->kids[1]);
	finish_point(l, point, node, true);
	if (!wants_result)
		replace_node(l, node, (struct rope){0});
}

void lower_await(struct lowering *l, struct node *node, bool wants_result)
{
	struct node *awaitable = strip_parens(node->kids[0]);
	switch (awaitable->kind) {
	case N_CALL: lower_call(l, node, awaitable, wants_result); break;
	case N_UNARY: lower_handle(l, node, awaitable, wants_result); break;
	case N_WAIT_FOR: lower_wait_for(l, node, awaitable, wants_result); break;
	case N_SHIELD: lower_shield(l, node, awaitable, wants_result); break;
	case N_EXECUTOR: lower_executor(l, node, awaitable, wants_result); break;
	case N_CATCH: lower_catch(l, node, awaitable, wants_result); break;
	case N_MAP: lower_map(l, node, awaitable); break;
	case N_GATHER: lower_gather(l, node, awaitable); break;
	case N_AWAITABLE: lower_object(l, node, awaitable, wants_result); break;
	case N_QUEUE: lower_queue(l, node, awaitable, wants_result); break;
	default: ice("check.c let an await of something else pass");
	}
}

/* ---- errors ---- */

/* async_raise(code, format, ...) */
void raise_error(struct lowering *l, struct node *node)
{
	struct region *except = l->region;
	while (except && except->kind != REGION_EXCEPT)
		except = except->outer;
	hoist_operands(l, node->kids, node->n_kids);
	struct rope rope = {0};
	if (node->kind == N_RERAISE) {
		rope_text(l, &rope, "%s = async__reraise(&%s->%s);", l->status, frame(l), except->slot);
	} else if (node->kind == N_RAISE_ERROR) {
		struct rope error = rope_of(l, node->kids[0]);
		const char *handled = except ? arena_printf(l->arena, "&%s->%s", frame(l), except->slot) : "NULL";
		rope_text(l, &rope, "%s = async__raise_value(%s, ", l->status, handled);
		rope_add(l, &rope, &error);
		rope_text(l, &rope, ", &%s__async, %u);", l->fn->name, source_place(l->unit->source, node->span.start).line);
		flow(l, node->kids[0]);
	} else {
		if (except)
			rope_text(l, &rope, "%s = async__raise_from(&%s->%s, ", l->status, frame(l), except->slot);
		else
			rope_text(l, &rope, "%s = async__raise(", l->status);
		for (int i = 0; i < node->n_kids; i++) {
			struct rope text = rope_of(l, node->kids[i]);
			rope_text(l, &rope, i ? ", " : "");
			rope_add(l, &rope, &text);
			flow(l, node->kids[i]);
		}
		rope_text(l, &rope, ");");
	}
	say_own(l, rope);
	struct place place = source_place(l->unit->source, node->span.start);
	if (node->kind == N_RAISE)
		say_text(l, "async__trace(&%s__async, %u);", l->fn->name, place.line);
	if (l->awaits_left > 0)
		l->awaits_left--;
	go_to_error(l);
	/* Nothing runs after this; the expression still wants a value to stand in its place. */
	struct rope nothing = {0};
	if (node->type->kind != TYPE_VOID)
		rope_text(l, &nothing, "0");
	replace_node(l, node, nothing);
}
