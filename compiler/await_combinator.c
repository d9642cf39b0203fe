/* await_combinator.c: gather, wait_for, shield, catch: made of the awaits of what is in them. */
#include "lower.h"

#include <string.h>

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
	case N_MAP:
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
void evaluate_operands(struct lowering *l, struct node *combinator)
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

void lower_wait_for(struct lowering *l, struct node *node, struct node *call, bool wants_result)
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

void lower_shield(struct lowering *l, struct node *node, struct node *call, bool wants_result)
{
	struct rope handle = spawn(l, call->kids[0]), shield = {0};
	rope_text(l, &shield, "async__shield(");
	rope_add(l, &shield, &handle);
	rope_text(l, &shield, ")");
	flow_rope(l, &shield);
	await_handle(l, node, shield, wants_result);
}

void lower_executor(struct lowering *l, struct node *node, struct node *call, bool wants_result)
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

void lower_catch(struct lowering *l, struct node *node, struct node *call, bool wants_result)
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
	say_text(l, "%s(&%s->%s);", error ? "async__set_aside" : "async__drop", frame(l), slot);
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
	rope_text(l, &rope, " = async__gather_caught(%s);", handle);
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

void lower_gather(struct lowering *l, struct node *node, struct node *call)
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
