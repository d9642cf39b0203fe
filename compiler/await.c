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
	if (point->handle)
		flow_use(l, point->handle);
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

/* A small callee whose frame's size is certain here, and that cannot lead back to us, lives in our frame. */
static bool can_embed(struct lowering *l, const struct callee *callee)
{
	if (callee->frame_visible)
		return true;
	if (!callee->definition || !l->fn->is_async || callee->definition->span.end > l->fn->span.start || callee->is_weak)
		return false;
	if (callee->frame_size > LARGEST_EMBEDDED)
		return false;
	return callee->is_static || !is_position_independent_library(l->unit);
}

static void await_call(struct lowering *l, struct node *node, struct callee *callee, struct rope *args, int n, bool wants_result)
{
	struct await_point *point = new_point(l, AWAIT_CALL, node);
	point->callee = callee;
	point->args = args;
	point->n_args = n;
	point->type = callee->result;
	point->embedded = can_embed(l, callee);
	if (!point->embedded)
		point->callee_frame = new_temp(l, callee->name, NULL, arena_printf(l->arena, "struct %s__call *", callee->name), node);
	finish_point(l, point, node, wants_result);
}

static struct callee *direct_callee(struct node *call)
{
	struct node *function = strip_parens(call->kids[0]);
	while (function->kind == N_UNARY && strcmp(function->name, "*") == 0)
		function = strip_parens(function->kids[0]);
	return function->kind == N_FUNCTION ? function->callee : NULL;
}

static void lower_call(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct callee *callee = direct_callee(call);
	hoist_operands(l, call->kids, call->n_kids);
	int n = call->n_kids - 1;
	struct rope *args = arena_alloc(l->arena, (n + 1) * sizeof *args);
	for (int i = 0; i < n; i++) {
		args[i] = rope_of(l, call->kids[i + 1]);
		flow(l, call->kids[i + 1]);
	}
	if (callee) {
		await_call(l, node, callee, args, n, wants_result);
		return;
	}
	spill(l, call->kids[0], "target");
	flow(l, call->kids[0]);
	struct await_point *point = new_point(l, AWAIT_POINTER, node);
	point->target = rope_of(l, call->kids[0]);
	point->args = args;
	point->n_args = n;
	point->type = call->type;
	point->callee_frame = new_temp(l, "callee", NULL, arena_printf(l->arena, "struct %s__pointer_%d *", l->fn->name, point->number), node);
	finish_point(l, point, node, wants_result);
}

static void await_handle(struct lowering *l, struct node *node, struct rope handle, bool wants_result)
{
	struct await_point *point = new_point(l, AWAIT_HANDLE, node);
	point->target = handle;
	point->handle = new_temp(l, "handle", NULL, "async_handle ", node);
	finish_point(l, point, node, wants_result);
}

static void lower_handle(struct lowering *l, struct node *node, struct node *deref, bool wants_result)
{
	struct node *handle = deref->kids[0];
	hoist(l, handle);
	flow(l, handle);
	await_handle(l, node, rope_of(l, handle), wants_result);
}

static void lower_object(struct lowering *l, struct node *node, struct node *awaitable, bool wants_result)
{
	hoist(l, awaitable->kids[0]);
	flow(l, awaitable->kids[0]);
	struct await_point *point = new_point(l, AWAIT_OBJECT, node);
	struct rope object = rope_of(l, awaitable->kids[0]);
	rope_text(l, &point->target, "&(");
	rope_add(l, &point->target, &object);
	rope_text(l, &point->target, ")->awaitable");
	point->handle = new_temp(l, "object", NULL, "struct async_awaitable *", node);
	point->type = awaitable->type;
	finish_point(l, point, node, true);
	if (!wants_result)
		replace_node(l, node, (struct rope){0});
}

/* ---- queues ---- */

static struct callee *library_callee(struct lowering *l, const char *name)
{
	struct callee *callee = find_callee(l->unit, name);
	if (!callee)
		ice("%s is not declared", name);
	return callee;
}

void await_library(struct lowering *l, struct span where, const char *function, struct rope *args, int n)
{
	struct node *node = arena_alloc(l->arena, sizeof *node);
	struct callee *callee = library_callee(l, function);
	node->kind = N_AWAIT;
	node->span = where;
	node->type = callee->result;
	await_call(l, node, callee, args, n, false);
}

static struct rope queue_of(struct lowering *l, struct node *queue)
{
	struct rope rope = {0}, text = rope_of(l, queue->kids[0]);
	rope_text(l, &rope, "(struct async__queue *)(void *)(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ")");
	flow(l, queue->kids[0]);
	return rope;
}

/* The item is in the frame meanwhile: on its way there, or back. */
static void lower_queue(struct lowering *l, struct node *node, struct node *queue, bool wants_result)
{
	bool puts = queue->n_kids == 2, gets = strcmp(queue->name, "get") == 0;
	struct type *type = puts ? queue->kids[1]->type : queue->type;
	struct rope *args = arena_alloc(l->arena, 2 * sizeof *args), put = {0}, got = {0};
	const char *slot = puts || gets ? new_slot(l, "item", arena_printf(l->arena, "__typeof__(%s)", declare(l->unit, type, "")), "") : NULL;
	hoist_operands(l, queue->kids, queue->n_kids);
	if (puts) {
		struct rope value = rope_of(l, queue->kids[1]);
		rope_text(l, &put, "%s->%s = ", frame(l), slot);
		rope_add(l, &put, &value);
		rope_text(l, &put, ";");
		flow(l, queue->kids[1]);
		say_own(l, put);
	}
	args[0] = queue_of(l, queue);
	if (slot)
		rope_text(l, &args[1], "&%s->%s", frame(l), slot);
	await_call(l, node, library_callee(l, arena_printf(l->arena, "async__queue_%s", queue->name)), args, slot ? 2 : 1, false);
	if (gets && wants_result)
		rope_text(l, &got, "%s->%s", frame(l), slot);
	replace_node(l, node, got);
}

/* As a task of its own. */
static struct rope spawn_queue(struct lowering *l, struct node *queue)
{
	struct rope rope = {0}, put = {0}, text;
	hoist_operands(l, queue->kids, queue->n_kids);
	text = queue_of(l, queue);
	rope_text(l, &rope, "async__queue_%s_task(", queue->name);
	rope_add(l, &rope, &text);
	if (queue->n_kids == 2) {
		struct var *item = new_temp(l, "item", queue->kids[1]->type, NULL, queue);
		struct rope value = rope_of(l, queue->kids[1]);
		rope_var(l, &put, item);
		rope_text(l, &put, " = ");
		rope_add(l, &put, &value);
		rope_text(l, &put, ";");
		flow(l, queue->kids[1]);
		say_own(l, put);
		flow_define(l, item);
		rope_text(l, &rope, ", &");
		rope_var(l, &rope, item);
		rope_text(l, &rope, ", sizeof ");
		rope_var(l, &rope, item);
	} else if (strcmp(queue->name, "get") == 0) {
		rope_text(l, &rope, ", sizeof(%s)", declare(l->unit, queue->type, ""));
	}
	rope_text(l, &rope, ")");
	return rope;
}

/* ---- combinators ---- */

struct operands {
	struct node **at;
	int n;
};

static struct node *awaitable_of(struct node *element)
{
	return strip_parens(element->kind == N_ASSIGN ? element->kids[1] : element);
}

/* What has to be evaluated before the awaitable can start, in order. */
static void collect_operands(struct lowering *l, struct node *awaitable, struct operands *operands)
{
	awaitable = strip_parens(awaitable);
	switch (awaitable->kind) {
	case N_CALL:
		for (int i = direct_callee(awaitable) ? 1 : 0; i < awaitable->n_kids; i++)
			list_add(l->arena, operands, awaitable->kids[i]);
		break;
	case N_EXECUTOR:
		list_add(l->arena, operands, awaitable->kids[0]);
		collect_operands(l, awaitable->kids[1], operands);
		break;
	case N_WAIT_FOR:
		collect_operands(l, awaitable->kids[0], operands);
		list_add(l->arena, operands, awaitable->kids[1]);
		break;
	case N_QUEUE:
		for (int i = 0; i < awaitable->n_kids; i++)
			list_add(l->arena, operands, awaitable->kids[i]);
		break;
	case N_GATHER:
	case N_CATCH:
	case N_SHIELD:
		for (int i = 0; i < awaitable->n_kids; i++)
			collect_operands(l, awaitable_of(strip_parens(awaitable->kids[i])), operands);
		break;
	default:
		list_add(l->arena, operands, awaitable->kids[0]);
	}
}

/* Evaluates a combinator's operands, all of them before anything starts; what would have an effect only later goes to a
 * temporary now. */
static void evaluate_operands(struct lowering *l, struct node *combinator)
{
	struct operands operands = {0};
	collect_operands(l, combinator, &operands);
	hoist_operands(l, operands.at, operands.n);
	for (int i = 0; i < operands.n; i++)
		if (has_effects(operands.at[i]))
			spill(l, operands.at[i], "operand");
}

/* `node` becomes an await of `awaitable`, as if the user had written one. */
static struct node *synthetic_await(struct lowering *l, struct node *awaitable)
{
	struct node *node = arena_alloc(l->arena, sizeof *node);
	node->kind = N_AWAIT;
	node->span = awaitable->span;
	node->type = awaitable->type;
	node->kids = arena_alloc(l->arena, 2 * sizeof *node->kids);
	node->kids[0] = awaitable;
	node->n_kids = 1;
	node->awaits = 1;
	node->special = node->reads = node->writes = true;
	return node;
}

/* Lowers what stands inside a combinator, so that its result is kept: the combinator's end comes in between. */
static struct node *await_inner(struct lowering *l, struct node *awaitable, bool wants_result)
{
	struct node *inner = synthetic_await(l, awaitable);
	l->awaits_left += 2;
	lower_await(l, inner, wants_result);
	l->awaits_left -= 1;
	return inner;
}

static void begin_wait_for(struct lowering *l, struct node *awaitable, struct node *seconds, const char *slot, struct label *late)
{
	struct node *handle = awaitable->kind == N_UNARY ? awaitable->kids[0] : NULL;
	if (handle && strip_parens(handle)->kind != N_REF)
		spill(l, handle, "awaited");
	struct rope rope = {0}, text = rope_of(l, seconds);
	if (handle)
		rope_text(l, &rope, "async__timeout_begin_handle(&%s->%s, ", frame(l), slot);
	else
		rope_text(l, &rope, "%s = ASYNC_FAILED; if (!async__timeout_begin(&%s->%s, ", l->status, frame(l), slot);
	rope_add(l, &rope, &text);
	flow(l, seconds);
	if (handle) {
		struct rope which = rope_of(l, handle);
		rope_text(l, &rope, ", ");
		rope_add(l, &rope, &which);
		rope_text(l, &rope, ");");
		flow(l, handle);
		say_own(l, rope);
		return;
	}
	rope_text(l, &rope, ")) goto %s;", late->name);
	late->uses++;
	say_own(l, rope);
	branch(l, late);
}

static void lower_wait_for(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct node *awaitable = strip_parens(call->kids[0]), *seconds = call->kids[1];
	const char *slot = new_slot(l, "timeout", "struct async__scope", "");
	struct label *end = new_label(l, "timeout_end", true);
	struct region region;
	evaluate_operands(l, call);
	begin_wait_for(l, awaitable, seconds, slot, end);
	push_region(l, &region, REGION_ERRORS, call);
	region.on_error = end;
	struct node *inner = await_inner(l, awaitable, wants_result);
	pop_region(l, &region);
	if (awaitable->kind == N_CATCH) /* an error that was caught is none */
		say_text(l, "%s = ASYNC_DONE;", l->status);
	place_label(l, end);
	say_text(l, "%s = async__timeout_end(&%s->%s, %s);", l->status, frame(l), slot, l->status);
	struct label *fine = new_label(l, "fine", false);
	say_text(l, "if (%s == ASYNC_FAILED) {", l->status);
	branch(l, fine);
	go_to_error(l);
	say_text(l, "}");
	place_label(l, fine);
	if (l->awaits_left > 0)
		l->awaits_left--;
	replace_node(l, node, inner->as ? *inner->as : (struct rope){0});
	node->as_var = inner->as_var;
}

static void lower_shield(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct rope handle = spawn(l, call->kids[0]), shield = {0};
	rope_text(l, &shield, "async__shield(");
	rope_add(l, &shield, &handle);
	rope_text(l, &shield, ")");
	flow_rope(l, &shield);
	await_handle(l, node, shield, wants_result);
}

static void lower_executor(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct rope handle = spawn(l, call);
	flow_rope(l, &handle);
	await_handle(l, node, handle, wants_result);
}

/* A target = A: the result goes to the target once the await is over. */
static void assign_result(struct lowering *l, struct node *assignment, struct node *inner)
{
	struct node *target = assignment->kids[0];
	struct rope rope = {0}, value = rope_of(l, inner);
	hoist(l, target);
	struct rope left = rope_of(l, target);
	rope_add(l, &rope, &left);
	rope_text(l, &rope, " = ");
	rope_add(l, &rope, &value);
	rope_text(l, &rope, ";");
	flow(l, inner);
	if (strip_parens(target)->kind == N_REF)
		flow_define(l, strip_parens(target)->var);
	else
		flow(l, target);
	say_own(l, rope);
}

static void lower_catch(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct node *element = strip_parens(call->kids[0]);
	bool assigns = element->kind == N_ASSIGN;
	const char *slot = new_slot(l, "caught", "async_caught", "");
	struct label *caught = new_label(l, "catch", true), *end = new_label(l, "catch_end", true);
	struct var *error = wants_result ? new_temp(l, "error", NULL, "async_error ", node) : NULL;
	struct region region;
	push_region(l, &region, REGION_ERRORS, call);
	region.on_error = caught;
	struct node *inner = await_inner(l, awaitable_of(element), assigns);
	if (assigns)
		assign_result(l, element, inner);
	pop_region(l, &region);
	struct rope none = {0}, some = {0};
	if (error) {
		rope_var(l, &none, error);
		rope_text(l, &none, " = (async_error){0};");
		say_own(l, none);
		flow_define(l, error);
	}
	jump(l, end);
	place_label(l, caught);
	if (error) {
		rope_var(l, &some, error);
		rope_text(l, &some, " = ");
	}
	rope_text(l, &some, "async__hold(&%s->%s);", frame(l), slot);
	say_own(l, some);
	if (error)
		flow_define(l, error);
	say_text(l, "async__drop(&%s->%s);", frame(l), slot);
	place_label(l, end);
	if (l->awaits_left > 0)
		l->awaits_left--;
	if (error)
		replace_by_var(l, node, error);
	else
		replace_node(l, node, (struct rope){0});
}

static const char *handle_at(struct lowering *l, const char *slot, int i)
{
	return arena_printf(l->arena, "%s->%s[%d]", frame(l), slot, i);
}

/* Which of gather's elements keep their error as a value, as a compound literal; NULL: none. */
static const char *errors_wanted(struct lowering *l, struct node *call)
{
	struct text text = {0};
	bool any = false;
	text_puts(&text, "(const _Bool[]){");
	for (int i = 0; i < call->n_kids; i++) {
		bool wanted = awaitable_of(call->kids[i])->kind == N_CATCH;
		any |= wanted;
		text_printf(&text, "%s%d", i ? ", " : "", wanted);
	}
	text_puts(&text, "}");
	const char *result = arena_copy(l->arena, text.data, text.size);
	text_finish(&text);
	return any ? result : NULL;
}

/* Takes a child's result, in place: into a temporary, and from there to the target. */
static void take_result(struct lowering *l, struct node *element, struct node *awaitable, const char *handle)
{
	if (element->kind != N_ASSIGN || awaitable->type->kind == TYPE_VOID) {
		say_text(l, "async__gather_take(%s, NULL, 0);", handle);
		return;
	}
	struct node *inner = synthetic_await(l, awaitable);
	struct var *result = new_temp(l, "result", awaitable->type, NULL, element);
	struct rope rope = {0};
	rope_text(l, &rope, "async__gather_take(%s, &", handle);
	rope_var(l, &rope, result);
	rope_text(l, &rope, ", sizeof ");
	rope_var(l, &rope, result);
	rope_text(l, &rope, ");");
	say_own(l, rope);
	flow_define(l, result);
	replace_by_var(l, inner, result);
	assign_result(l, element, inner);
}

/* error = async_catch(target = A), or one of the two without the assignment. */
static void take_caught(struct lowering *l, struct node *element, struct node *catch, const char *handle)
{
	struct node *inside = strip_parens(catch->kids[0]);
	struct var *error = new_temp(l, "error", NULL, "async_error ", element);
	struct rope rope = {0}, test = {0};
	rope_var(l, &rope, error);
	rope_text(l, &rope, " = async_exception(%s);", handle);
	say_own(l, rope);
	flow_define(l, error);
	if (element->kind == N_ASSIGN) {
		struct node *value = synthetic_await(l, catch);
		replace_by_var(l, value, error);
		assign_result(l, element, value);
	}
	struct label *failed = new_label(l, "failed", false), *end = new_label(l, "end", false);
	rope_text(l, &test, "if (!");
	rope_var(l, &test, error);
	rope_text(l, &test, ".code) {");
	flow_use(l, error);
	say_own(l, test);
	branch(l, failed);
	take_result(l, inside, awaitable_of(inside), handle);
	add_op(l, OP_JUMP)->label = end;
	say_text(l, "} else {");
	place_label(l, failed);
	say_text(l, "async__gather_take(%s, NULL, 0);", handle);
	say_text(l, "}");
	place_label(l, end);
}

static struct callee *gather_callee(struct lowering *l)
{
	struct callee *callee = find_callee(l->unit, "async__gather");
	if (!callee)
		ice("async__gather is not declared");
	return callee;
}

static void lower_gather(struct lowering *l, struct node *node, struct node *call)
{
	int n = call->n_kids;
	evaluate_operands(l, call);
	const char *slot = new_slot(l, "gather", "async_handle", arena_printf(l->arena, "[%d]", n ? n : 1));
	for (int i = 0; i < n; i++) {
		struct node *awaitable = awaitable_of(call->kids[i]);
		if (awaitable->kind == N_CATCH)
			awaitable = awaitable_of(strip_parens(awaitable->kids[0]));
		struct rope rope = {0}, handle = spawn(l, awaitable);
		rope_text(l, &rope, "%s = ", handle_at(l, slot, i));
		rope_add(l, &rope, &handle);
		rope_text(l, &rope, ";");
		flow_rope(l, &handle);
		say_own(l, rope);
	}
	struct rope *args = arena_alloc(l->arena, 3 * sizeof *args);
	const char *wanted = errors_wanted(l, call);
	const char *mask = NULL;
	if (wanted) { /* outlives the statement: the gather looks at it until it ends */
		mask = new_slot(l, "errors_wanted", "_Bool", arena_printf(l->arena, "[%d]", n));
		say_text(l, "__builtin_memcpy(%s->%s, %s, sizeof %s->%s);", frame(l), mask, wanted, frame(l), mask);
	}
	rope_text(l, &args[0], "%s->%s", frame(l), slot);
	rope_text(l, &args[1], "%d", n);
	rope_text(l, &args[2], "%s%s", mask ? arena_printf(l->arena, "%s->", frame(l)) : "", mask ? mask : "NULL");
	struct label *failed = new_label(l, "gather_failed", true), *end = new_label(l, "gather_end", true);
	struct region region;
	push_region(l, &region, REGION_ERRORS, call);
	region.on_error = failed;
	l->awaits_left++;
	await_call(l, node, gather_callee(l), args, 3, false);
	pop_region(l, &region);
	jump(l, end);
	place_label(l, failed);
	say_text(l, "async__gather_abandon(%s->%s, %d);", frame(l), slot, n);
	go_to_error(l);
	place_label(l, end);
	for (int i = 0; i < n; i++) {
		struct node *element = call->kids[i], *awaitable = awaitable_of(element);
		if (awaitable->kind == N_CATCH)
			take_caught(l, element, awaitable, handle_at(l, slot, i));
		else
			take_result(l, element, awaitable, handle_at(l, slot, i));
	}
	if (l->awaits_left > 0)
		l->awaits_left--;
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

/* ---- starting ---- */

static void want_starter(struct lowering *l, struct callee *callee, enum starter_kind kind)
{
	for (int i = 0; i < l->fn->starters.n; i++)
		if (l->fn->starters.at[i].callee == callee && l->fn->starters.at[i].kind == kind)
			return;
	struct starter starter = {callee, kind};
	list_add(l->arena, &l->fn->starters, starter);
}

static const char *const starter_names[] = {
	[START_TASK] = "create_task", [START_EAGER] = "create_task_eager", [START_COROUTINE] = "coroutine",
	[START_THREADSAFE] = "on_loop",
};

/* pointer(args): asks whatever it leads to for a task.  One expression, as others may stand around it. */
static struct rope start_pointer_call(struct lowering *l, struct node *call)
{
	struct rope rope = {0}, target;
	bool is_void = call->type->kind == TYPE_VOID;
	hoist_operands(l, call->kids, call->n_kids);
	target = rope_of(l, call->kids[0]);
	rope_text(l, &rope, "__extension__ ({ __auto_type async__target = ");
	rope_add(l, &rope, &target);
	rope_text(l, &rope, "; struct async__request async__outer = async__request_task((void (*)(void))async__target); %sasync__target(",
		  is_void ? "" : "__auto_type async__value = ");
	for (int i = 1; i < call->n_kids; i++) {
		struct rope arg = rope_of(l, call->kids[i]);
		rope_text(l, &rope, i > 1 ? ", " : "");
		rope_add(l, &rope, &arg);
	}
	rope_text(l, &rope, "); async__requested_task(async__outer, %s); })",
		  is_void ? "NULL, 0" : "&async__value, sizeof async__value");
	return rope;
}

/* f(args) as NAME__create_task(args) */
static struct rope start_call(struct lowering *l, struct node *call, enum starter_kind kind)
{
	struct callee *callee = direct_callee(call);
	struct rope rope = {0};
	if (!callee)
		return start_pointer_call(l, call);
	hoist_operands(l, call->kids + 1, call->n_kids - 1);
	want_starter(l, callee, kind);
	rope_text(l, &rope, "%s__%s(", callee->name, starter_names[kind]);
	for (int i = 1; i < call->n_kids; i++) {
		struct rope arg = rope_of(l, call->kids[i]);
		rope_text(l, &rope, i > 1 ? ", " : "");
		rope_add(l, &rope, &arg);
	}
	rope_text(l, &rope, ")");
	return rope;
}

static struct job *new_job(struct lowering *l, struct node *call)
{
	struct job *job = arena_alloc(l->arena, sizeof *job);
	struct node *function = strip_parens(call->kids[0]);
	job->name = arena_printf(l->arena, "%s__job_%d", l->fn->name, l->fn->jobs.n + 1);
	job->result = call->type;
	job->n_params = call->n_kids - 1;
	job->params = arena_alloc(l->arena, (job->n_params + 1) * sizeof *job->params);
	for (int i = 0; i < job->n_params; i++)
		job->params[i] = call->kids[i + 1]->type;
	if (function->kind == N_FUNCTION)
		job->function = function->name;
	else
		job->pointer = call->kids[0]->type;
	list_add(l->arena, &l->fn->jobs, job);
	return job;
}

static void store_job_argument(struct lowering *l, struct var *job, const char *field, struct node *value)
{
	struct rope rope = {0}, text = rope_of(l, value);
	rope_var(l, &rope, job);
	rope_text(l, &rope, "->%s = ", field);
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ";");
	flow(l, value);
	say_own(l, rope);
}

/* The job is made, its arguments are stored; what submits it is the handle. */
static struct rope spawn_job(struct lowering *l, struct node *executor)
{
	struct node *pool = executor->kids[0], *call = strip_parens(executor->kids[1]);
	struct job *job = new_job(l, call);
	evaluate_operands(l, executor);
	struct var *var = new_temp(l, "job", NULL, arena_printf(l->arena, "struct %s *", job->name), executor);
	struct rope rope = {0}, text = rope_of(l, pool), test = {0}, handle = {0};
	rope_var(l, &rope, var);
	rope_text(l, &rope, " = async__new_job(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ", &%s__type);", job->name);
	flow(l, pool);
	say_own(l, rope);
	flow_define(l, var);
	rope_text(l, &test, "if (");
	rope_var(l, &test, var);
	rope_text(l, &test, ") {");
	say_own(l, test);
	if (job->pointer)
		store_job_argument(l, var, "function", call->kids[0]);
	for (int i = 0; i < job->n_params; i++)
		store_job_argument(l, var, arena_printf(l->arena, "arg_%d", i + 1), call->kids[i + 1]);
	say_text(l, "}");
	rope_text(l, &handle, "async__submit(");
	rope_var(l, &handle, var);
	rope_text(l, &handle, ")");
	return handle;
}

static struct rope wrap(struct lowering *l, const char *before, struct rope inside, const char *after)
{
	struct rope rope = {0};
	rope_text(l, &rope, "%s", before);
	rope_add(l, &rope, &inside);
	rope_text(l, &rope, "%s", after);
	return rope;
}

struct rope spawn(struct lowering *l, struct node *awaitable)
{
	awaitable = strip_parens(awaitable);
	switch (awaitable->kind) {
	case N_CALL:
		return start_call(l, awaitable, START_TASK);
	case N_UNARY:
		hoist(l, awaitable->kids[0]);
		return wrap(l, "async__start_handle(", rope_of(l, awaitable->kids[0]), ")");
	case N_EXECUTOR:
		return spawn_job(l, awaitable);
	case N_QUEUE:
		return spawn_queue(l, awaitable);
	case N_SHIELD:
		return wrap(l, "async__shield(", spawn(l, awaitable->kids[0]), ")");
	case N_WAIT_FOR: {
		struct rope inner = spawn(l, awaitable->kids[0]);
		hoist(l, awaitable->kids[1]);
		struct rope rope = wrap(l, "async__wait_for_handle(", inner, ", "), seconds = rope_of(l, awaitable->kids[1]);
		rope_add(l, &rope, &seconds);
		rope_text(l, &rope, awaitable->type->kind == TYPE_VOID ? ", 0)" : ", sizeof(%s))", declare(l->unit, awaitable->type, ""));
		return rope;
	}
	default:
		ice("check.c let this awaitable pass in a place that starts it");
	}
}

/* A call becomes a coroutine value, which the group starts, if it will. */
static struct rope member_of_group(struct lowering *l, struct node *awaitable)
{
	if (awaitable->kind == N_CALL && direct_callee(awaitable))
		return start_call(l, awaitable, START_COROUTINE);
	if (awaitable->kind != N_UNARY)
		return spawn(l, awaitable);
	hoist(l, awaitable->kids[0]);
	return rope_of(l, awaitable->kids[0]);
}

static const char *handle_cast(struct lowering *l, struct type *type)
{
	struct type *pointer = arena_alloc(l->arena, sizeof *pointer);
	pointer->kind = TYPE_POINTER;
	pointer->to = type;
	return arena_printf(l->arena, "((%s)", declare(l->unit, pointer, ""));
}

static const char *thread_future(struct lowering *l, struct type *type)
{
	return arena_printf(l->arena, "async_thread_future(%s)", declare(l->unit, type, ""));
}

static void replace_marker(struct lowering *l, struct node *node)
{
	struct node *inner;
	switch (node->kind) {
	case N_CALL:
		if (node->takes_stack)
			replace_alloca(l, node);
		break;
	case N_CREATE_TASK:
		inner = strip_parens(node->kids[0]);
		if (inner->kind == N_CALL && direct_callee(inner))
			replace_node(l, node, start_call(l, inner, START_TASK));
		else
			replace_node(l, node, wrap(l, handle_cast(l, inner->type), spawn(l, inner), ")"));
		break;
	case N_CREATE_TASK_IN: {
		hoist(l, node->kids[0]);
		struct rope rope = wrap(l, handle_cast(l, node->kids[1]->type), wrap(l, "async__group_add(", rope_of(l, node->kids[0]), ", "), "");
		struct rope task = member_of_group(l, strip_parens(node->kids[1]));
		rope_add(l, &rope, &task);
		rope_text(l, &rope, "))");
		replace_node(l, node, rope);
		break;
	}
	case N_CREATE_TASK_EAGER:
		replace_node(l, node, start_call(l, strip_parens(node->kids[0]), START_EAGER));
		break;
	case N_COROUTINE:
		replace_node(l, node, start_call(l, strip_parens(node->kids[0]), START_COROUTINE));
		break;
	case N_RUN_THREADSAFE: {
		struct node *call = strip_parens(node->kids[1]);
		hoist(l, node->kids[0]);
		struct rope rope = {0}, loop = rope_of(l, node->kids[0]), rest = start_call(l, call, START_THREADSAFE);
		rope_text(l, &rope, "((%s)async__submit_remote(", thread_future(l, call->type));
		rope_add(l, &rope, &loop);
		rope_text(l, &rope, ", ");
		rope_add(l, &rope, &rest);
		rope_text(l, &rope, "))");
		replace_node(l, node, rope);
		break;
	}
	case N_RUN: /* an async function called from ordinary C blocks by itself */
		hoist(l, node->kids[0]);
		replace_node(l, node, wrap(l, "(", rope_of(l, node->kids[0]), ")"));
		break;
	case N_RUN_ON: {
		hoist(l, node->kids[0]);
		hoist(l, node->kids[1]);
		struct rope rope = wrap(l, "(async__use_loop(", rope_of(l, node->kids[0]), "), "), call = rope_of(l, node->kids[1]);
		rope_add(l, &rope, &call);
		rope_text(l, &rope, ")");
		replace_node(l, node, rope);
		break;
	}
	case N_CATCH:
		hoist(l, node->kids[0]);
		replace_node(l, node, wrap(l, "(async__catch_begin(), (void)(", rope_of(l, node->kids[0]), "), async__catch_end())"));
		break;
	default:
		break;
	}
}

void replace_markers(struct lowering *l, struct node *node)
{
	if (!node->special || node->as)
		return;
	replace_marker(l, node);
	if (node->as)
		return;
	if (node->kind == N_STMT_EXPR)
		replace_in_ordinary(l, node->kids[0]);
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && is_expression(node->kids[i]))
			replace_markers(l, node->kids[i]);
}
