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

static bool assigns(struct node *node, struct var *var)
{
	if (node->unevaluated)
		return false;
	bool writes = node->kind == N_ASSIGN || node->kind == N_COMPOUND_ASSIGN ||
		      (node->kind == N_UNARY && (strstr(node->name, "++") || strstr(node->name, "--")));
	if (writes) {
		struct node *target = node->kids[0];
		while (target->kind == N_PAREN || (target->kind == N_MEMBER && !target->is_arrow) || target->kind == N_CONVERSION)
			target = target->kids[0];
		if (target->kind == N_REF && target->var == var)
			return true;
	}
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && assigns(node->kids[i], var))
			return true;
	return node->kind == N_STMT_EXPR;
}

/* Does evaluating `later` change what `earlier` evaluates to, or must it come after earlier's own effects? */
bool disturbs(struct node *later, struct node *earlier)
{
	if (earlier->as && (earlier->as_var || earlier->as->n == 1))
		return false;
	if (earlier->unevaluated)
		return false;
	switch (earlier->kind) {
	case N_CONST:
	case N_FUNCTION:
		return false;
	case N_REF:
		if (earlier->var->address_taken || earlier->var->is_volatile)
			return later->awaits || later->writes;
		return assigns(later, earlier->var);
	case N_CONVERSION:
		/* An array's or function's address does not change. */
		if (earlier->kids[0]->type && (earlier->kids[0]->type->kind == TYPE_ARRAY ||
					       earlier->kids[0]->type->kind == TYPE_FUNCTION) &&
		    (earlier->kids[0]->kind == N_REF || earlier->kids[0]->kind == N_GLOBAL || earlier->kids[0]->kind == N_FUNCTION))
			return false;
		break;
	case N_UNARY:
		if (strcmp(earlier->name, "&") == 0 &&
		    (earlier->kids[0]->kind == N_REF || earlier->kids[0]->kind == N_GLOBAL || earlier->kids[0]->kind == N_FUNCTION))
			return false;
		break;
	default:
		break;
	}
	bool reads_memory = earlier->kind == N_GLOBAL || earlier->kind == N_MEMBER || earlier->kind == N_INDEX ||
			    (earlier->kind == N_UNARY && strcmp(earlier->name, "*") == 0) || earlier->kind == N_OTHER;
	bool writes = earlier->kind == N_CALL || earlier->kind == N_ASSIGN || earlier->kind == N_COMPOUND_ASSIGN ||
		      earlier->kind == N_OTHER || earlier->kind == N_STMT_EXPR ||
		      (earlier->kind == N_UNARY && (strstr(earlier->name, "++") || strstr(earlier->name, "--"))) ||
		      (earlier->kind >= N_CREATE_TASK && earlier->kind <= N_RERAISE);
	if (reads_memory && (later->awaits || later->writes))
		return true;
	if (writes && (later->awaits || later->writes || later->reads))
		return true;
	for (int i = 0; i < earlier->n_kids; i++)
		if (earlier->kids[i] && disturbs(later, earlier->kids[i]))
			return true;
	return false;
}

/* The address part of a target does not count as reading it. */
static bool target_is_disturbed(struct node *target, struct node *value)
{
	target = strip_parens(target);
	if (target->kind == N_REF || target->kind == N_GLOBAL)
		return false;
	if (target->kind == N_MEMBER && !target->is_arrow)
		return target_is_disturbed(target->kids[0], value);
	for (int i = 0; i < target->n_kids; i++)
		if (disturbs(value, target->kids[i]) || disturbs(target->kids[i], value))
			return true;
	return false;
}

void spill(struct lowering *l, struct node *node, const char *stem)
{
	struct type *type = node->type;
	if (node->as_var)
		return;
	if (type->kind == TYPE_VOID || type->kind == TYPE_ARRAY || type->kind == TYPE_VLA || type->kind == TYPE_FUNCTION)
		return; /* nothing to keep: an array or function operand is its address, which stays */
	struct var *temp = new_temp(l, stem, type, NULL, node);
	struct rope rope = {0}, value = rope_of(l, node);
	rope_var(l, &rope, temp);
	rope_text(l, &rope, " = ");
	rope_add(l, &rope, &value);
	rope_text(l, &rope, ";");
	flow(l, node);
	say_own(l, rope);
	flow_define(l, temp);
	replace_by_var(l, node, temp);
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

static void hoist_assignment(struct lowering *l, struct node *node)
{
	struct node *target = node->kids[0], *value = node->kids[1];
	hoist(l, value);
	if (target->awaits ? !value->as_var && strip_parens(value)->kind != N_CONST : target_is_disturbed(target, value))
		spill(l, value, "value");
	hoist(l, target);
}

/* The text `if (condition) {`, or its opposite. */
static void say_if(struct lowering *l, struct node *condition, bool negate)
{
	struct rope rope = {0}, text = rope_of(l, condition);
	rope_text(l, &rope, negate ? "if (!(" : "if (");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, negate ? ")) {" : ") {");
	say_own(l, rope);
}

static void say_assign(struct lowering *l, struct var *target, const char *before, struct node *value, const char *after)
{
	struct rope rope = {0}, text = rope_of(l, value);
	rope_var(l, &rope, target);
	rope_text(l, &rope, " = %s", before);
	rope_add(l, &rope, &text);
	rope_text(l, &rope, "%s;", after);
	flow(l, value);
	say_own(l, rope);
	flow_define(l, target);
}

static void say_constant(struct lowering *l, struct var *target, int value)
{
	struct rope rope = {0};
	rope_var(l, &rope, target);
	rope_text(l, &rope, " = %d;", value);
	say_own(l, rope);
	flow_define(l, target);
}

/* a && await b, a || await b: b is evaluated only if a leaves it open. */
static void hoist_logical(struct lowering *l, struct node *node)
{
	struct node *left = node->kids[0], *right = node->kids[1];
	hoist(l, left);
	if (!right->awaits) {
		hoist(l, right);
		return;
	}
	struct label *skip = new_label(l, "skip", false), *end = new_label(l, "end", false);
	struct var *truth = new_temp(l, "truth", node->type, NULL, node);
	flow(l, left);
	say_if(l, left, node->kind == N_OR);
	branch(l, skip);
	l->awaits_left++;
	hoist(l, right);
	l->awaits_left--;
	say_assign(l, truth, "!!(", right, ")");
	add_op(l, OP_JUMP)->label = end;
	say_text(l, "} else {");
	place_label(l, skip);
	say_constant(l, truth, node->kind == N_OR);
	say_text(l, "}");
	place_label(l, end);
	replace_by_var(l, node, truth);
}

static void hoist_arm(struct lowering *l, struct node *arm, struct var *chosen)
{
	l->awaits_left++;
	if (chosen) {
		hoist(l, arm);
		say_assign(l, chosen, "", arm, "");
	} else {
		hoist_discarded(l, arm);
	}
	l->awaits_left--;
}

static void hoist_conditional(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *condition = node->kids[0];
	hoist(l, condition);
	if (!node->kids[1]->awaits && !node->kids[2]->awaits) {
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
	hoist_arm(l, node->kids[1], chosen);
	add_op(l, OP_JUMP)->label = end;
	say_text(l, "} else {");
	place_label(l, otherwise);
	hoist_arm(l, node->kids[2], chosen);
	say_text(l, "}");
	place_label(l, end);
	if (chosen)
		replace_by_var(l, node, chosen);
	else
		replace_node(l, node, (struct rope){0});
}

/* GNU a ?: await b */
static void hoist_elvis(struct lowering *l, struct node *node)
{
	hoist(l, node->kids[0]);
	if (!node->kids[1]->awaits)
		return;
	struct label *end = new_label(l, "end", false);
	struct var *chosen = new_temp(l, "chosen", node->type, NULL, node);
	say_assign(l, chosen, "", node->kids[0], "");
	flow_use(l, chosen);
	struct rope rope = {0};
	rope_text(l, &rope, "if (!");
	rope_var(l, &rope, chosen);
	rope_text(l, &rope, ") {");
	say_own(l, rope);
	branch(l, end);
	hoist_arm(l, node->kids[1], chosen);
	say_text(l, "}");
	place_label(l, end);
	replace_by_var(l, node, chosen);
}

static void hoist_statement_expression(struct lowering *l, struct node *node, bool wants_value)
{
	struct node *block = node->kids[0];
	struct node *last = block->n_kids ? block->kids[block->n_kids - 1] : NULL;
	wants_value &= node->type->kind != TYPE_VOID && last && last->kind == N_EXPR_STMT;
	struct var *value = wants_value ? new_temp(l, "value", node->type, NULL, node) : NULL;
	struct node *statement = l->statement;
	int awaits_left = l->awaits_left;
	say_text(l, "{");
	for (int i = 0; i < block->n_kids - wants_value; i++)
		lower_statement(l, block->kids[i]);
	l->statement = statement;
	if (value) {
		l->awaits_left = 1; /* its result has to be copied out of the block */
		hoist(l, last->kids[0]);
		say_assign(l, value, "", last->kids[0], "");
	}
	l->awaits_left = awaits_left;
	say_text(l, "}");
	if (value)
		replace_by_var(l, node, value);
	else
		replace_node(l, node, (struct rope){0});
}

static void hoist_comma(struct lowering *l, struct node *node, bool wants_value)
{
	hoist_discarded(l, node->kids[0]);
	if (wants_value) {
		hoist(l, node->kids[1]);
		replace_node(l, node, rope_of(l, node->kids[1]));
		node->as_var = node->kids[1]->as_var;
		if (!node->as_var && !node->kids[1]->as) { /* its reads are still to be counted: keep it as a kid alone */
			node->as = NULL;
			*node = *node->kids[1];
		}
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
	if (node->as)
		return;
	if (!node->awaits) {
		replace_markers(l, node);
		return;
	}
	switch (node->kind) {
	case N_AWAIT:
		lower_await(l, node, true);
		break;
	case N_RAISE:
	case N_RERAISE:
		raise_error(l, node);
		break;
	case N_ASSIGN:
	case N_COMPOUND_ASSIGN:
		hoist_assignment(l, node);
		break;
	case N_AND:
	case N_OR:
		hoist_logical(l, node);
		break;
	case N_CONDITIONAL:
		hoist_conditional(l, node, true);
		break;
	case N_ELVIS:
		hoist_elvis(l, node);
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
	if (only_temporary || !node->writes)
		return;
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ";");
	flow(l, node);
	say(l, rope);
}

void hoist_discarded(struct lowering *l, struct node *node)
{
	switch (node->kind) {
	case N_PAREN:
		if (node->awaits) {
			hoist_discarded(l, node->kids[0]);
			return;
		}
		break;
	case N_CAST:
	case N_CONVERSION:
		if (node->awaits && (node->type->kind == TYPE_VOID || node->kind == N_CONVERSION)) {
			hoist_discarded(l, node->kids[0]);
			return;
		}
		break;
	case N_AWAIT:
		lower_await(l, node, false);
		return;
	case N_COMMA:
		hoist_comma(l, node, false);
		return;
	case N_CONDITIONAL:
		if (node->awaits) {
			hoist_conditional(l, node, false);
			if (node->as)
				return;
		}
		break;
	case N_STMT_EXPR:
		if (node->awaits) {
			hoist_statement_expression(l, node, false);
			return;
		}
		break;
	default:
		break;
	}
	hoist(l, node);
	say_remainder(l, node);
}

void hoist_full(struct lowering *l, struct node *node)
{
	int saved = l->awaits_left;
	l->awaits_left = node->awaits;
	hoist(l, node);
	l->awaits_left = saved;
}
