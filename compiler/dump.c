/* dump.c: --dump=PHASE, --frames, --graph: one printer per structure.  Needs every phase done; changes nothing. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/* ---- text of the user's, on one line ---- */

static void print_text(FILE *to, const char *text, size_t size)
{
	bool blank = false;
	for (size_t i = 0; i < size; i++) {
		bool is_space = strchr(" \t\r\n", text[i]) != NULL;
		if (is_space && blank)
			continue;
		fputc(is_space ? ' ' : text[i], to);
		blank = is_space;
	}
}

static void print_span(const struct unit *unit, struct span span, FILE *to)
{
	print_text(to, unit->source->text + span.start, span.end - span.start);
}

static unsigned line_of(const struct unit *unit, unsigned offset)
{
	return source_place(unit->source, offset).line;
}

static const char *var_name(const struct var *var)
{
	return var->out ? var->out : var->name ? var->name : "(unnamed)";
}

static void print_rope(const struct unit *unit, const struct rope *rope, FILE *to)
{
	for (int i = 0; i < rope->n; i++) {
		const struct chunk *chunk = &rope->at[i];
		if (chunk->kind == CHUNK_SPAN)
			print_span(unit, chunk->span, to);
		else if (chunk->kind == CHUNK_VAR)
			fputs(var_name(chunk->var), to);
		else if (chunk->kind == CHUNK_RESULT)
			fputs("result", to);
		else
			print_text(to, chunk->text, strlen(chunk->text));
	}
}

/* ---- the tree ---- */

static const char *const node_names[] = {
	"const", "ref", "global", "function", "member", "index", "call", "unary", "binary", "and", "or", "assign", "compound-assign",
	"conditional", "elvis", "comma", "cast", "conversion", "paren", "init-list", "designated", "compound-literal", "stmt-expr",
	"other", "await", "gather", "wait-for", "shield", "catch", "executor", "executor-map", "awaitable", "queue", "create-task",
	"create-task-eager", "coroutine", "create-task-in", "run", "run-on", "run-threadsafe", "raise", "raise-error", "reraise", "compound", "decl-stmt", "var", "other-decl", "expr-stmt", "if", "while",
	"do", "for", "switch", "case", "default", "label", "goto", "indirect-goto", "return", "break", "continue", "null", "asm",
	"try", "timeout", "group", "other-stmt",
};
_Static_assert(sizeof node_names / sizeof *node_names == N_OTHER_STMT + 1, "a name for each kind of node");

enum { SHOWN = 60 }; /* bytes of a node's text */

static void print_node(const struct unit *unit, const struct node *node, int depth, FILE *to)
{
	fprintf(to, "%*s", depth * 2, "");
	if (!node) {
		fputs("(none)\n", to);
		return;
	}
	fprintf(to, "%s %u:", node_names[node->kind], line_of(unit, node->span.start));
	if (node->type)
		fprintf(to, " '%s'", node->type->spelling ? node->type->spelling : "?");
	if (node->name)
		fprintf(to, " %s", node->name);
	struct span shown = node->span;
	bool is_cut = shown.end - shown.start > SHOWN;
	if (is_cut)
		shown.end = shown.start + SHOWN;
	fputs(" `", to);
	print_span(unit, shown, to);
	fprintf(to, "%s`%s\n", is_cut ? "..." : "", node->awaits ? " awaits" : "");
	for (int i = 0; i < node->n_kids; i++)
		print_node(unit, node->kids[i], depth + 1, to);
}

void dump_tree(struct unit *unit, FILE *to)
{
	for (int i = 0; i < unit->fns.n; i++) {
		fprintf(to, "%s:\n", unit->fns.at[i]->name);
		print_node(unit, unit->fns.at[i]->tree, 1, to);
	}
}

/* ---- the ops ---- */

static void print_op(const struct unit *unit, const struct op *op, FILE *to)
{
	static const char *const names[] = { [OP_TEXT] = "text", [OP_USE] = "use", [OP_DEF] = "def", [OP_ADDRESS] = "address",
		[OP_DECLARE] = "declare", [OP_LEAVE] = "leave", [OP_ARGUMENTS] = "arguments", [OP_VAR_DECL] = "var-decl",
		[OP_LABEL] = "label", [OP_JUMP] = "jump", [OP_BRANCH] = "branch", [OP_SWITCH] = "switch", [OP_STOP] = "stop",
		[OP_AWAIT] = "await" };
	fprintf(to, "%s", names[op->kind]);
	switch (op->kind) {
	case OP_USE: case OP_DEF: case OP_ADDRESS: case OP_DECLARE:
		fprintf(to, " %s", var_name(op->var));
		break;
	case OP_LABEL: case OP_JUMP: case OP_BRANCH:
		fprintf(to, " %s", op->label->name);
		break;
	case OP_SWITCH:
		for (int i = 0; i < op->n_labels; i++)
			fprintf(to, " %s", op->labels[i]->name);
		break;
	case OP_AWAIT:
		fprintf(to, " await_%d", op->await->number);
		break;
	default:
		break;
	}
	if (op->rope.n) {
		fputs(" `", to);
		print_rope(unit, &op->rope, to);
		fputs("`", to);
	}
	fputc('\n', to);
}

void dump_ops(struct unit *unit, FILE *to)
{
	for (int i = 0; i < unit->fns.n; i++) {
		const struct async_fn *fn = unit->fns.at[i];
		fprintf(to, "%s:\n", fn->name);
		for (int k = 0; k < fn->ops.n; k++) {
			fprintf(to, "%4d  ", k);
			print_op(unit, &fn->ops.at[k], to);
		}
	}
}

/* ---- liveness ---- */

void dump_liveness(struct unit *unit, FILE *to)
{
	for (int i = 0; i < unit->fns.n; i++) {
		const struct async_fn *fn = unit->fns.at[i];
		fprintf(to, "%s:\n", fn->name);
		for (int k = 0; k < fn->awaits.n; k++) {
			const struct await_point *await = fn->awaits.at[k];
			fprintf(to, "  await_%d %u: `", await->number, line_of(unit, await->span.start));
			print_span(unit, await->span, to);
			fputs("` live:", to);
			for (int v = 0; v < await->live.n; v++)
				fprintf(to, " %s", await->live.at[v]->name);
			fputc('\n', to);
		}
	}
}

/* ---- frames ---- */

static const struct var *field_var(const struct async_fn *fn, const char *name)
{
	for (int i = 0; i < fn->vars.n; i++)
		if (fn->vars.at[i]->field && !strcmp(fn->vars.at[i]->field, name))
			return fn->vars.at[i];
	return NULL;
}

static bool is_live_at(const struct await_point *await, const struct var *var)
{
	for (int i = 0; i < await->live.n; i++)
		if (await->live.at[i] == var)
			return true;
	return false;
}

/* "lives across await_1 (line 4), await_2 (line 9)" */
static void print_awaits_of(const struct unit *unit, const struct async_fn *fn, const struct var *var, FILE *to)
{
	const char *before = "lives across";
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		if (!is_live_at(await, var))
			continue;
		fprintf(to, "%s await_%d (line %u)", before, await->number, line_of(unit, await->span.start));
		before = ",";
	}
	if (!strcmp(before, ","))
		fputs("; ", to);
}

static bool is_callee_frame(const struct async_fn *fn, const char *name)
{
	for (int i = 0; i < fn->frame->callees.n; i++)
		if (!strcmp(fn->frame->callees.at[i].callee->name, name))
			return true;
	return false;
}

/* What a field that is no variable is for, by its type. */
static const char *explain_slot(const char *type)
{
	static const struct {
		const char *type, *why;
	} slots[] = {
		{ "async_caught", "the error that an async_except or async_finally holds" },
		{ "struct async__scope", "a timeout, while its block runs" },
		{ "async_handle", "the tasks that a gather waits for" },
	};
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
		if (!strncmp(type, slots[i].type, strlen(slots[i].type)))
			return slots[i].why;
	return "for the statement that contains the await";
}

static bool is_heir(const struct async_fn *fn, const char *name)
{
	for (int i = 0; i < fn->frame->heirs.n; i++)
		if (!strcmp(fn->frame->heirs.at[i]->name, name))
			return true;
	return false;
}

static void explain_field(const struct unit *unit, const struct async_fn *fn, const struct field_layout *field, FILE *to)
{
	const struct var *var = field_var(fn, field->name);
	if (!strcmp(field->name, "base"))
		fputs("where its caller awaits it", to);
	else if (!strcmp(field->name, "result"))
		fputs("the function's result", to);
	else if (is_heir(fn, field->name))
		fputs("the frame of a callee that is awaited last: it takes the place of all this", to);
	else if (is_callee_frame(fn, field->name))
		fputs("the frame of a callee; callees share this place", to);
	else if (!var)
		fputs(explain_slot(field->type), to);
	else {
		if (var->is_param)
			fputs("parameter; ", to);
		print_awaits_of(unit, fn, var, to);
		if (why_in_frame(var))
			fprintf(to, "%s, so only in the frame", why_in_frame(var));
		else
			fputs("kept in a C local between awaits", to);
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct field_layout *left = a, *right = b;
	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return (left->size > right->size) - (left->size < right->size);
}

static int widest(const struct frame_layout *layout, bool types)
{
	int width = (int)strlen("(padding)");
	for (int i = 0; i < layout->fields.n; i++) {
		int size = (int)strlen(types ? layout->fields.at[i].type : layout->fields.at[i].name);
		width = size > width ? size : width;
	}
	return width;
}

static void print_frame(const struct unit *unit, const struct async_fn *fn, struct frame_layout *layout, FILE *to)
{
	fprintf(to, "%s: %ld bytes, aligned to %ld  (%s:%u)\n", fn->name, layout->size, layout->align,
		source_place(unit->source, fn->span.start).file, line_of(unit, fn->span.start));
	if (layout->fields.n)
		qsort(layout->fields.at, (size_t)layout->fields.n, sizeof *layout->fields.at, by_offset);
	int names = widest(layout, false), types = widest(layout, true);
	long end = 0;
	for (int i = 0; i < layout->fields.n; i++) {
		const struct field_layout *field = &layout->fields.at[i];
		if (field->offset > end)
			fprintf(to, "  %5ld %5ld  (padding)\n", end, field->offset - end);
		fprintf(to, "  %5ld %5ld  %-*s  %-*s  ", field->offset, field->size, names, field->name, types, field->type);
		explain_field(unit, fn, field, to);
		fputc('\n', to);
		if (field->offset + field->size > end)
			end = field->offset + field->size;
	}
	if (layout->size > end)
		fprintf(to, "  %5ld %5ld  (padding)\n", end, layout->size - end);
	fputc('\n', to);
}

void dump_frames(struct unit *unit, FILE *to)
{
	struct unit *lowered = read_output(unit);
	if (!lowered)
		ice("the output cannot be read again");
	for (int i = 0; i < unit->fns.n; i++) {
		const struct async_fn *fn = unit->fns.at[i];
		if (!fn->is_async)
			continue;
		struct frame_layout layout = lay_out_frame(lowered, fn->name);
		print_frame(unit, fn, &layout, to);
	}
	clang_unit_destroy(lowered->clang);
}

/* ---- the graph of each state machine: states, and which may follow which ---- */

struct walk { /* over the control-flow graph, from one state to the next */
	const struct cfg *cfg;
	bool *seen;
	bool *reached; /* per await; the last one is the end */
};

static void walk_on(struct walk *walk, int block);

static void walk_successors(struct walk *walk, int block)
{
	const struct block *at = &walk->cfg->blocks.at[block];
	if (at->next.n == 0)
		walk->reached[walk->cfg->fn->awaits.n] = true;
	for (int i = 0; i < at->next.n; i++)
		walk_on(walk, at->next.at[i]);
}

static void walk_on(struct walk *walk, int block)
{
	if (walk->seen[block])
		return;
	walk->seen[block] = true;
	const struct op *last = &walk->cfg->fn->ops.at[walk->cfg->blocks.at[block].last];
	if (last->kind == OP_AWAIT)
		walk->reached[last->await->number - 1] = true;
	else
		walk_successors(walk, block);
}

static void print_label_text(const struct unit *unit, struct span span, FILE *to)
{
	for (unsigned i = span.start; i < span.end; i++) {
		char c = unit->source->text[i];
		if (c == '"' || c == '\\')
			fputc('\\', to);
		fputc(strchr("\t\r\n", c) ? ' ' : c, to);
	}
}

static void print_edges(const struct async_fn *fn, const char *from, const bool *reached, FILE *to)
{
	for (int i = 0; i < fn->awaits.n; i++)
		if (reached[i])
			fprintf(to, "\t\t%s__%s -> %s__await_%d;\n", fn->name, from, fn->name, fn->awaits.at[i]->number);
	if (reached[fn->awaits.n])
		fprintf(to, "\t\t%s__%s -> %s__done;\n", fn->name, from, fn->name);
}

/* block < 0: from the start of the function. */
static void print_edges_from(struct unit *unit, const struct cfg *cfg, const char *from, int block, FILE *to)
{
	const struct async_fn *fn = cfg->fn;
	struct walk walk = { .cfg = cfg };
	walk.seen = arena_alloc(unit->arena, (size_t)cfg->blocks.n + 1);
	walk.reached = arena_alloc(unit->arena, (size_t)fn->awaits.n + 1);
	if (block >= 0)
		walk_successors(&walk, block);
	else if (cfg->blocks.n)
		walk_on(&walk, 0);
	print_edges(fn, from, walk.reached, to);
}

static void print_machine(struct unit *unit, struct async_fn *fn, FILE *to)
{
	const struct cfg *cfg = build_cfg(unit, fn);
	fprintf(to, "\tsubgraph cluster_%s {\n\t\tlabel=\"%s\";\n", fn->name, fn->name);
	fprintf(to, "\t\t%s__start [label=\"start\", shape=circle];\n", fn->name);
	fprintf(to, "\t\t%s__done [label=\"done\", shape=doublecircle];\n", fn->name);
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		fprintf(to, "\t\t%s__await_%d [label=\"line %u: ", fn->name, await->number, line_of(unit, await->span.start));
		print_label_text(unit, await->span, to);
		fputs("\"];\n", to);
	}
	print_edges_from(unit, cfg, "start", -1, to);
	for (int i = 0; i < cfg->blocks.n; i++) {
		const struct op *last = &fn->ops.at[cfg->blocks.at[i].last];
		if (last->kind == OP_AWAIT)
			print_edges_from(unit, cfg, arena_printf(unit->arena, "await_%d", last->await->number), i, to);
	}
	fputs("\t}\n", to);
}

void dump_graph(struct unit *unit, FILE *to)
{
	fputs("digraph async {\n\tnode [shape=box, fontname=monospace];\n", to);
	for (int i = 0; i < unit->fns.n; i++)
		if (unit->fns.at[i]->is_async)
			print_machine(unit, unit->fns.at[i], to);
	fputs("}\n", to);
}
