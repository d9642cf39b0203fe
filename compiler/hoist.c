/* hoist.c: awaits out of expressions, with the order of evaluation that docs/language.md defines: operands left to right, each
 * read at its turn; of an assignment, the value first.  Parts without an await stay as the user wrote them. */
#include "lower.h"

#include <string.h>

struct node *strip_parens(struct node *node)
{
	while (node->kind == N_PAREN || node->kind == N_CONVERSION)
		node = node->kids[0];
	return node;
}

static bool is_hoisted(const struct node *node)
{
	return node->awaits || node->in_order;
}

/* ---- temporaries ---- */

/* target = value; for any type that has values. */
static void store(struct lowering *l, struct var *target, const char *before, struct node *value, const char *after)
{
	struct rope rope = {0}, text = rope_of_value(l, value);
	const struct type *type = target->type;
	bool is_comma = value->kind == N_COMMA && !value->as;
	/* Of ?:, compilers only warn if one arm is a pointer and one a number. */
	const struct node *bare = strip_parens(value);
	bool is_mixed = type && type->kind == TYPE_POINTER && bare->type && bare->type->kind == TYPE_SCALAR && bare->kind != N_CONST;
	if (type && type->is_unassignable)
		rope_text(l, &rope, "__builtin_memcpy(&");
	rope_var(l, &rope, target);
	if (type && type->is_unassignable)
		rope_text(l, &rope, ", (%s[]){", declare(l->unit, type, ""));
	else
		rope_text(l, &rope, " = %s", before);
	if (is_mixed)
		rope_text(l, &rope, "(%s)", declare(l->unit, type, ""));
	rope_text(l, &rope, is_comma || is_mixed ? "(" : "");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, is_comma || is_mixed ? ")" : "");
	if (type && type->is_unassignable) {
		rope_text(l, &rope, "}, sizeof ");
		rope_var(l, &rope, target);
		after = ")";
	}
	rope_text(l, &rope, "%s;", after);
	flow(l, value);
	say_own(l, rope);
	flow_define(l, target);
}

/* The temporary that f() is in f().a lives as long as the whole expression. */
static void keep_temporary_under(struct lowering *l, struct node *node)
{
	struct node *temporary = temporary_under(node);
	if (!temporary || (temporary->as && !temporary->as_var))
		return; /* where the callee left it: nothing comes after that */
	spill(l, temporary, "temporary");
	temporary->as_var->address_taken = true;
}

void spill(struct lowering *l, struct node *node, const char *stem)
{
	struct type *type = node->type;
	if (node->as_var || !l->fn->is_async)
		return; /* without an await the order is C's */
	if (node->kind == N_INIT_LIST || node->kind == N_DESIGNATED) {
		for (int i = 0; i < node->n_kids; i++)
			spill(l, node->kids[i], stem);
		return;
	}
	if (strip_parens(node)->kind == N_CONST || type->kind == TYPE_VOID || type->kind == TYPE_ARRAY || type->kind == TYPE_VLA ||
	    type->kind == TYPE_FUNCTION)
		return; /* nothing to keep: an array or function operand is its address, which stays */
	keep_temporary_under(l, node);
	struct var *temp = new_temp(l, stem, type, NULL, node);
	store(l, temp, "", node, "");
	replace_by_var(l, node, temp);
}

void spill_address(struct lowering *l, struct node *node)
{
	node = strip_parens(node);
	if (node->kind == N_MEMBER && !node->is_arrow)
		spill_address(l, node->kids[0]);
	else if (node->kind == N_MEMBER || node->kind == N_INDEX || (node->kind == N_UNARY && strcmp(node->name, "*") == 0))
		for (int i = 0; i < node->n_kids; i++) {
			if (i == 0 && node->kids[0]->type->kind == TYPE_VECTOR)
				spill_address(l, node->kids[0]);
			else if (touches_anything(node->kids[i]))
				spill(l, node->kids[i], "place");
		}
}

void hoist_operands(struct lowering *l, struct node **operands, int n)
{
	for (int i = 0; i < n; i++) {
		hoist(l, operands[i]);
		for (int j = i + 1; j < n; j++)
			if (disturbs(operands[j], operands[i])) {
				spill(l, operands[i], "operand");
				break;
			}
	}
}

/* vector[index]: the element is looked at when both are known, in the vector itself. */
static void hoist_vector_element(struct lowering *l, struct node *node)
{
	hoist(l, node->kids[0]);
	if (disturbs(node->kids[1], node->kids[0]))
		spill_address(l, node->kids[0]);
	hoist(l, node->kids[1]);
}

static void hoist_assignment(struct lowering *l, struct node *node)
{
	struct node *target = node->kids[0], *value = node->kids[1];
	hoist(l, value);
	if (target_is_disturbed(target, value))
		spill(l, value, "value");
	hoist(l, target);
}

/* The elements in the order of the members they initialise, which is the order they are evaluated in. */
static void hoist_init_list(struct lowering *l, struct node *node)
{
	struct node **sorted = arena_alloc(l->arena, (node->n_kids + 1) * sizeof *sorted);
	for (int i = 0; i < node->n_kids; i++) {
		int at = i;
		for (; at > 0 && sorted[at - 1]->offset > node->kids[i]->offset; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = node->kids[i];
	}
	hoist_operands(l, sorted, node->n_kids);
}

/* The text `if (condition) {`, or its opposite; close_block() ends it. */
static void say_if(struct lowering *l, struct node *condition, bool negate)
{
	struct rope rope = {0}, text = rope_of(l, condition);
	rope_text(l, &rope, negate ? "if (!(" : "if (");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, negate ? ")) {" : ") {");
	say_own(l, rope);
	open_block(l);
}

static void say_constant(struct lowering *l, struct var *target, int value)
{
	struct rope rope = {0};
	rope_var(l, &rope, target);
	rope_text(l, &rope, " = %d;", value);
	say_own(l, rope);
	flow_define(l, target);
}

/* What stands where the expression stood: the value in a variable, or nothing. */
static void stand_in(struct lowering *l, struct node *node, struct var *value)
{
	if (value)
		replace_by_var(l, node, value);
	else
		replace_node(l, node, (struct rope){0});
}

/* One of two ways to the value.  What its awaits leave is stored at once, so it can stay in place until then. */
static void hoist_arm(struct lowering *l, struct node *arm, struct var *value, const char *before, const char *after)
{
	int others = l->awaits_left - arm->awaits;
	l->awaits_left = arm->awaits;
	if (value) {
		hoist(l, arm);
		store(l, value, before, arm, after);
	} else {
		hoist_discarded(l, arm);
	}
	l->awaits_left = others > 0 ? others : 0;
}

/* a && await b, a || await b: b is evaluated only if a leaves it open. */
static void hoist_logical(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *left = node->kids[0], *right = node->kids[1];
	hoist(l, left);
	if (wants_value && !is_hoisted(right)) {
		hoist(l, right);
		return;
	}
	struct label *skip = new_label(l, "skip", false), *end = new_label(l, "end", false);
	struct var *truth = wants_value ? new_temp(l, "truth", node->type, NULL, node) : NULL;
	flow(l, left);
	say_if(l, left, node->kind == N_OR);
	branch(l, skip);
	hoist_arm(l, right, truth, "!!(", ")");
	add_op(l, OP_JUMP)->label = end;
	if (truth) {
		close_block(l, "} else {");
		open_block(l);
	}
	place_label(l, skip);
	if (truth)
		say_constant(l, truth, node->kind == N_OR);
	close_block(l, "}");
	place_label(l, end);
	stand_in(l, node, truth);
}

static void hoist_conditional(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *condition = node->kids[0];
	hoist(l, condition);
	if (wants_value && !is_hoisted(node->kids[1]) && !is_hoisted(node->kids[2])) {
		hoist(l, node->kids[1]);
		hoist(l, node->kids[2]);
		return;
	}
	struct label *otherwise = new_label(l, "else", false), *end = new_label(l, "end", false);
	wants_value &= node->type->kind != TYPE_VOID;
	struct var *chosen = wants_value ? new_temp(l, "chosen", node->type, NULL, node) : NULL;
	flow(l, condition);
	say_if(l, condition, false);
	branch(l, otherwise);
	hoist_arm(l, node->kids[1], chosen, "", "");
	add_op(l, OP_JUMP)->label = end;
	close_block(l, "} else {");
	open_block(l);
	place_label(l, otherwise);
	hoist_arm(l, node->kids[2], chosen, "", "");
	close_block(l, "}");
	place_label(l, end);
	stand_in(l, node, chosen);
}

/* GNU a ?: await b: a is tested as it is, and converted if it is the value. */
static void hoist_elvis(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *first = node->kids[0], *other = node->kids[1];
	hoist(l, first);
	if (wants_value && !is_hoisted(other)) {
		hoist(l, other);
		return;
	}
	struct label *otherwise = new_label(l, "else", false), *end = new_label(l, "end", false);
	wants_value &= node->type->kind != TYPE_VOID;
	struct var *chosen = wants_value ? new_temp(l, "chosen", node->type, NULL, node) : NULL;
	if (wants_value)
		spill(l, first, "first");
	flow(l, first);
	say_if(l, first, !wants_value);
	branch(l, otherwise);
	if (chosen) {
		store(l, chosen, "", first, "");
		add_op(l, OP_JUMP)->label = end;
		close_block(l, "} else {");
		open_block(l);
		place_label(l, otherwise);
	}
	hoist_arm(l, other, chosen, "", "");
	if (!chosen)
		place_label(l, otherwise);
	close_block(l, "}");
	place_label(l, end);
	stand_in(l, node, chosen);
}

static void hoist_statement_expression(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *block = node->kids[0];
	struct node *last = block->n_kids ? block->kids[block->n_kids - 1] : NULL;
	wants_value &= node->type->kind != TYPE_VOID;
	if (wants_value && last->kind != N_EXPR_STMT) {
		error_at(l->unit, last->span, "the value of a statement expression with an await in it cannot have a label");
		wants_value = false;
	}
	struct var *value = wants_value ? new_temp(l, "value", node->type, NULL, node) : NULL;
	struct node *statement = l->statement;
	int others = l->awaits_left - node->awaits;
	int deeper = l->deeper;
	say_text(l, "{");
	l->deeper = 0;
	lower_block_value(l, block, last, value);
	l->statement = statement;
	l->deeper = deeper;
	l->awaits_left = others > 0 ? others : 0;
	say_text(l, "}");
	stand_in(l, node, value);
}

/* The value of a block: what its last statement, an expression, evaluates to. */
void hoist_value(struct lowering *l, struct node *expression, struct var *value)
{
	mark_order(expression);
	l->awaits_left = expression->awaits;
	hoist(l, expression);
	store(l, value, "", expression, "");
}

static void hoist_comma(struct lowering *l, struct node *node, bool wants_value)
{
	hoist_discarded(l, node->kids[0]);
	if (wants_value) {
		hoist(l, node->kids[1]);
		node->as_var = node->kids[1]->as_var;
		node->kids[0] = node->kids[1];
		node->n_kids = 1;
		node->kind = N_CONVERSION;
		node->only_kid = true;
	} else {
		hoist_discarded(l, node->kids[1]);
		replace_node(l, node, (struct rope){0});
	}
}

/* A compound literal that is pointed to becomes a variable, set anew each time it is evaluated. */
static void hoist_literal(struct lowering *l, struct node *node)
{
	struct var *literal = new_temp(l, "literal", node->type, NULL, node);
	struct rope rope = {0}, text;
	hoist(l, node->kids[0]);
	text = rope_of(l, node->kids[0]);
	literal->address_taken = true;
	bool is_array = node->type->kind == TYPE_ARRAY;
	if (is_array)
		rope_text(l, &rope, "__builtin_memcpy(");
	rope_var(l, &rope, literal);
	rope_text(l, &rope, "%s(%s)", is_array ? ", " : " = ", declare(l->unit, node->type, ""));
	rope_add(l, &rope, &text);
	if (is_array) {
		rope_text(l, &rope, ", sizeof ");
		rope_var(l, &rope, literal);
		rope_text(l, &rope, ")");
	}
	rope_text(l, &rope, ";");
	flow(l, node->kids[0]);
	say_own(l, rope);
	flow_define(l, literal);
	if (l->awaits_left > 0)
		l->awaits_left--;
	replace_by_var(l, node, literal);
}

void hoist(struct lowering *l, struct node *node)
{
	if (node->as || node->only_kid)
		return;
	if (!is_hoisted(node)) {
		replace_markers(l, node);
		return;
	}
	switch (node->kind) {
	case N_AWAIT:
		lower_await(l, node, true);
		break;
	case N_RAISE:
	case N_RAISE_ERROR:
	case N_RERAISE:
		raise_error(l, node);
		break;
	case N_ASSIGN:
	case N_COMPOUND_ASSIGN:
		hoist_assignment(l, node);
		break;
	case N_AND:
	case N_OR:
		hoist_logical(l, node, true);
		break;
	case N_CONDITIONAL:
		hoist_conditional(l, node, true);
		break;
	case N_ELVIS:
		hoist_elvis(l, node, true);
		break;
	case N_COMMA:
		hoist_comma(l, node, true);
		break;
	case N_COMPOUND_LITERAL:
		if (node->needs_home)
			hoist_literal(l, node);
		else
			hoist_operands(l, node->kids, node->n_kids);
		break;
	case N_STMT_EXPR:
		hoist_statement_expression(l, node, true);
		break;
	case N_INIT_LIST:
		hoist_init_list(l, node);
		break;
	case N_CONVERSION:
		hoist(l, node->kids[0]);
		keep_temporary_under(l, node);
		break;
	case N_INDEX:
		if (node->kids[0]->type->kind == TYPE_VECTOR) {
			hoist_vector_element(l, node);
			break;
		}
		/* fall through */
	default:
		hoist_operands(l, node->kids, node->n_kids);
		replace_markers(l, node);
	}
}

/* What is left of a discarded expression is a statement of its own. */
static void say_remainder(struct lowering *l, struct node *node)
{
	struct rope rope = {0}, text = rope_of(l, node);
	bool only_temporary = strip_parens(node)->as_var || (strip_parens(node)->as && strip_parens(node)->as->n == 0);
	if (only_temporary || !has_effects(node))
		return;
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ";");
	flow(l, node);
	say(l, rope);
}

/* The parts of an operator whose value nobody wants are themselves not wanted: true if that was all. */
static bool discard_by_parts(struct lowering *l, struct node *node)
{
	switch (node->kind) {
	case N_PAREN:
	case N_CONVERSION:
		return discard_by_parts(l, node->kids[0]);
	case N_CAST:
		return node->type->kind == TYPE_VOID && discard_by_parts(l, node->kids[0]);
	case N_UNARY:
		return strcmp(node->name, "__extension__") == 0 && discard_by_parts(l, node->kids[0]);
	case N_AWAIT:
		lower_await(l, node, false);
		return true;
	case N_COMMA:
		hoist_comma(l, node, false);
		return true;
	case N_AND:
	case N_OR:
		hoist_logical(l, node, false);
		return true;
	case N_CONDITIONAL:
		hoist_conditional(l, node, false);
		return true;
	case N_ELVIS:
		hoist_elvis(l, node, false);
		return true;
	case N_STMT_EXPR:
		hoist_statement_expression(l, node, false);
		return true;
	default:
		return false;
	}
}

void hoist_discarded(struct lowering *l, struct node *node)
{
	if (is_hoisted(node) && discard_by_parts(l, node))
		return;
	hoist(l, node);
	say_remainder(l, node);
}

void hoist_full(struct lowering *l, struct node *node)
{
	int saved = l->awaits_left;
	if (node->awaits)
		mark_order(node);
	l->awaits_left = node->awaits;
	hoist(l, node);
	l->awaits_left = saved;
}

void hoist_full_discarded(struct lowering *l, struct node *node)
{
	int saved = l->awaits_left;
	if (node->awaits)
		mark_order(node);
	l->awaits_left = node->awaits;
	hoist_discarded(l, node);
	l->awaits_left = saved;
}
