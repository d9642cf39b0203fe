/* tree_typeof.c: names in the operands of typeof, which libclang often does not show: in a cast, in the type of an association,
 * in a declaration of nothing.  They are found as tokens. */
#include "tree.h"

#include <string.h>

static const char *const typeofs[] = {"__typeof__", "typeof", "__typeof", "typeof_unqual"};
enum { N_TYPEOFS = sizeof typeofs / sizeof *typeofs };

static bool is_typeof(const struct source *source, struct token token)
{
	for (int i = 0; i < N_TYPEOFS; i++)
		if (token_is(source, token, typeofs[i]))
			return true;
	return false;
}

static bool has_typeof(struct unit *unit, struct span span)
{
	for (int i = 0; i < N_TYPEOFS; i++)
		if (name_is_used_in(unit, span, typeofs[i]))
			return true;
	return false;
}

static bool names(const struct source *source, struct span span, const char *name)
{
	struct token token;
	for (unsigned at = span.start; (token = next_token(source, at, span.end)).kind != TOKEN_END; at = token.span.end)
		if (token.kind == TOKEN_NAME && token_is(source, token, name))
			return true;
	return false;
}

/* Where a static variable, a type or the like of that name is declared, in a block around `offset` and before it; 0: nowhere. */
static unsigned other_declaration(const struct source *source, const struct node *node, unsigned offset, const char *name)
{
	unsigned last = node->kind == N_OTHER_DECL && names(source, node->span, name) ? node->span.start : 0;
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *kid = node->kids[i];
		bool is_visible = kid && kid->span.start < offset && (kid->span.end > offset || kid->kind == N_DECL_STMT || kid->kind == N_OTHER_DECL);
		unsigned found = is_visible ? other_declaration(source, kid, offset, name) : 0;
		last = found > last ? found : last;
	}
	return last;
}

/* The local variable that the name at the token means: the last one declared in a block around it. */
static struct var *var_named(struct builder *b, struct token token)
{
	const struct source *source = b->unit->source;
	struct var *found = NULL;
	for (int i = 0; i < b->fn->vars.n; i++) {
		struct var *var = b->fn->vars.at[i];
		bool is_visible = var->span.start < token.span.start && (!var->scope || span_contains(var->scope->span, token.span));
		if (is_visible && !var->is_temp && token_is(source, token, var->name) && (!found || found->span.start < var->span.start))
			found = var;
	}
	if (!found || other_declaration(source, b->fn->tree, token.span.start, found->name) > found->span.start)
		return NULL;
	return found;
}

static bool has_ref(const struct async_fn *fn, unsigned at)
{
	for (int i = 0; i < fn->refs.n; i++)
		if (fn->refs.at[i].at == at)
			return true;
	return false;
}

typedef void name_visitor(struct builder *b, struct token name, struct var *var);

/* Calls visit for each name of a local variable in the span that the tree does not show. */
static void each_hidden_name(struct builder *b, struct span span, name_visitor *visit)
{
	const struct source *source = b->unit->source;
	struct token token, before = {0};
	for (unsigned at = span.start; (token = next_token(source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		bool is_member = token_is(source, before, ".") || token_is(source, before, "->");
		struct var *var = token.kind == TOKEN_NAME && !is_member ? var_named(b, token) : NULL;
		if (var && !has_ref(b->fn, token.span.start))
			visit(b, token, var);
		before = token;
	}
}

static void add_hidden_ref(struct builder *b, struct token name, struct var *var)
{
	add_ref(b, name.span.start, var);
}

static void expand_invocation(struct builder *b, struct token name, struct var *var)
{
	(void)var;
	add_dirty(b->unit, b->fn, invocation_at(b->unit, name.span.start), "names a local variable in a typeof");
}

static void find_names_in_written_typeof(struct builder *b)
{
	struct unit *unit = b->unit;
	struct token token;
	for (unsigned at = b->fn->body.start; (token = next_token(unit->source, at, b->fn->body.end)).kind != TOKEN_END; at = token.span.end) {
		struct token open = next_token(unit->source, token.span.end, b->fn->body.end);
		if (!is_typeof(unit->source, token) || !token_is(unit->source, open, "(") || invocation_at(unit, token.span.start))
			continue;
		struct span operand = {open.span.end, closing_bracket(unit->source, open.span.start, b->fn->body.end)};
		each_hidden_name(b, operand, add_hidden_ref);
	}
}

void find_names_in_typeof(struct builder *b)
{
	struct unit *unit = b->unit;
	if (has_typeof(unit, b->fn->body))
		find_names_in_written_typeof(b);
	int first = first_reaching(&unit->reach, b->fn->body.start);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start < b->fn->body.end; i++) {
		const struct invocation *invocation = &unit->invocations.at[i];
		if (span_contains(b->fn->body, invocation->span) && invocation->has_typeof && !macro_is_kept(unit, invocation->name))
			each_hidden_name(b, invocation->span, expand_invocation);
	}
}
