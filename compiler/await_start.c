/* await_start.c: awaitables that are started and not awaited here: tasks, coroutines, executors' jobs. */
#include "lower.h"

#include <string.h>

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
static struct rope start_pointer_call(struct lowering *l, struct node *call, enum starter_kind kind)
{
	static const char *const enders[] = {
		[START_TASK] = "task", [START_EAGER] = "task_eager", [START_COROUTINE] = "coroutine",
	};
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
	rope_text(l, &rope, "); async__requested_%s(async__outer, %s); })", enders[kind],
		  is_void ? "NULL, 0" : "&async__value, sizeof async__value");
	return rope;
}

/* f(args) as NAME__create_task(args) */
static struct rope start_call(struct lowering *l, struct node *call, enum starter_kind kind)
{
	struct callee *callee = direct_callee(call);
	struct rope rope = {0};
	if (!callee)
		return start_pointer_call(l, call, kind);
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

static struct type *pointer_to(struct lowering *l, struct type *type)
{
	struct type *pointer = arena_alloc(l->arena, sizeof *pointer);
	pointer->kind = TYPE_POINTER;
	pointer->has_pointers = true;
	pointer->to = type;
	return pointer;
}

/* An array or a function is handed over as its address. */
static struct type *as_argument(struct lowering *l, struct type *type)
{
	if (type->kind == TYPE_FUNCTION)
		return pointer_to(l, type);
	return type->kind == TYPE_ARRAY || type->kind == TYPE_VLA ? pointer_to(l, type->to) : type;
}

static struct job *add_job(struct lowering *l, struct node *callee, struct type *result, int n_params)
{
	struct job *job = arena_alloc(l->arena, sizeof *job);
	struct node *function = strip_parens(callee);
	job->name = arena_printf(l->arena, "%s__job_%d", l->fn->name, l->fn->jobs.n + 1);
	job->result = result;
	job->n_params = n_params;
	job->params = arena_alloc(l->arena, (n_params + 1) * sizeof *job->params);
	if (function->kind == N_FUNCTION)
		job->function = function->name;
	else
		job->pointer = as_argument(l, callee->type);
	list_add(l->arena, &l->fn->jobs, job);
	return job;
}

static struct job *new_job(struct lowering *l, struct node *call)
{
	struct job *job = add_job(l, call->kids[0], call->type, call->n_kids - 1);
	for (int i = 0; i < job->n_params; i++)
		job->params[i] = as_argument(l, call->kids[i + 1]->type);
	return job;
}

/* job->field = value; */
static struct rope job_argument(struct lowering *l, struct rope *job, const char *field, struct node *value)
{
	struct rope rope = {0}, text = rope_of(l, value);
	bool as_bytes = value->type->is_unassignable;
	rope_text(l, &rope, as_bytes ? "__builtin_memcpy(&" : "");
	rope_add(l, &rope, job);
	rope_text(l, &rope, as_bytes ? "->%s, (%s[1]){ " : "->%s = ", field, declare(l->unit, value->type, ""));
	rope_add(l, &rope, &text);
	if (as_bytes) {
		rope_text(l, &rope, " }, sizeof ");
		rope_add(l, &rope, job);
		rope_text(l, &rope, "->%s)", field);
	}
	rope_text(l, &rope, ";");
	flow(l, value);
	return rope;
}

/* Argument i of the job, from 0; -1: the function, if that is a pointer. */
static struct rope store_job_argument(struct lowering *l, struct rope *job, struct node *call, int i)
{
	return job_argument(l, job, i < 0 ? "function" : arena_printf(l->arena, "arg_%d", i + 1), call->kids[i + 1]);
}

static struct rope make_job(struct lowering *l, struct rope *variable, struct node *pool, const char *name)
{
	struct rope rope = {0}, text = rope_of(l, pool);
	rope_add(l, &rope, variable);
	rope_text(l, &rope, " = async__new_job(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ", &%s__type);", name);
	flow(l, pool);
	return rope;
}

/* In an ordinary function, which has no variables of ours: one expression. */
static struct rope spawn_job_in_place(struct lowering *l, struct node *executor, struct job *job, const char *submit)
{
	struct node *call = strip_parens(executor->kids[1]);
	struct rope rope = {0}, variable = {0}, part;
	rope_text(l, &variable, "async__job");
	part = make_job(l, &variable, executor->kids[0], job->name);
	rope_text(l, &rope, "__extension__ ({ struct %s *", job->name);
	rope_add(l, &rope, &part);
	rope_text(l, &rope, " if (async__job) {");
	for (int i = job->pointer ? -1 : 0; i < job->n_params; i++) {
		part = store_job_argument(l, &variable, call, i);
		rope_text(l, &rope, " ");
		rope_add(l, &rope, &part);
	}
	rope_text(l, &rope, " } %sasync__job%s; })", submit, executor->name ? ", (void *)0)" : ")");
	return rope;
}

/* The job is made, its arguments are stored; what submits it is the handle. */
static struct rope spawn_job(struct lowering *l, struct node *executor)
{
	struct node *call = strip_parens(executor->kids[1]);
	struct job *job = new_job(l, call);
	const char *submit = executor->name ? "async__submit_abandon(" : "async__submit(";
	evaluate_operands(l, executor);
	if (!l->fn->is_async)
		return spawn_job_in_place(l, executor, job, submit);
	struct var *var = new_temp(l, "job", NULL, arena_printf(l->arena, "struct %s *", job->name), executor);
	struct rope variable = {0}, test = {0}, handle = {0};
	rope_var(l, &variable, var);
	say_own(l, make_job(l, &variable, executor->kids[0], job->name));
	flow_define(l, var);
	rope_text(l, &test, "if (");
	rope_add(l, &test, &variable);
	rope_text(l, &test, ") {");
	say_own(l, test);
	for (int i = job->pointer ? -1 : 0; i < job->n_params; i++)
		say_own(l, store_job_argument(l, &variable, call, i));
	say_text(l, "}");
	rope_text(l, &handle, "%s", submit);
	rope_add(l, &handle, &variable);
	rope_text(l, &handle, executor->name ? ", (void *)0)" : ")");
	return handle;
}

static struct callee *map_callee(struct lowering *l)
{
	struct callee *callee = find_callee(l->unit, "async__executor_map");
	if (!callee)
		ice("async__executor_map is not declared");
	return callee;
}

enum { POOL, AT_ONCE, RESULTS, FUNCTION, ARGUMENTS, N, OPERANDS }; /* of async_executor_map */

/* The runtime makes the jobs, one for each element, by functions that know the types.  OPERANDS + 1 arguments. */
static struct rope *map_arguments(struct lowering *l, struct node *map)
{
	struct rope *args = arena_alloc(l->arena, (OPERANDS + 1) * sizeof *args);
	struct job *job = add_job(l, map->kids[FUNCTION], map->map->returned, 1);
	job->params[0] = as_argument(l, map->map->taken);
	job->map = map->map;
	rope_text(l, &args[0], "&%s__map", job->name);
	for (int i = 0; i < OPERANDS; i++) {
		struct rope operand = rope_of(l, map->kids[i]);
		if (i == FUNCTION && !job->pointer) {
			rope_text(l, &args[i + 1], "(void *)0");
			continue;
		}
		rope_text(l, &args[i + 1], "%s(", i == FUNCTION ? "(void (*)(void))" : i == RESULTS ? "(void *)" : "");
		rope_add(l, &args[i + 1], &operand);
		rope_text(l, &args[i + 1], ")");
		flow(l, map->kids[i]);
	}
	return args;
}

void lower_map(struct lowering *l, struct node *node, struct node *map)
{
	evaluate_operands(l, map);
	await_call(l, node, map_callee(l), map_arguments(l, map), OPERANDS + 1, false);
}

static struct rope spawn_map(struct lowering *l, struct node *map)
{
	struct rope rope = {0};
	hoist_operands(l, map->kids, map->n_kids);
	struct rope *args = map_arguments(l, map);
	want_starter(l, map_callee(l), START_TASK);
	rope_text(l, &rope, "async__executor_map__create_task(");
	for (int i = 0; i <= OPERANDS; i++) {
		rope_text(l, &rope, i ? ", " : "");
		rope_add(l, &rope, &args[i]);
	}
	rope_text(l, &rope, ")");
	return rope;
}

static struct rope wrap(struct lowering *l, const char *before, struct rope inside, const char *after)
{
	struct rope rope = {0};
	rope_text(l, &rope, "%s", before);
	rope_add(l, &rope, &inside);
	rope_text(l, &rope, "%s", after);
	return rope;
}

/* A user's object: a function of the library awaits it. */
static struct rope spawn_object(struct lowering *l, struct node *awaitable)
{
	struct type *type = awaitable->type;
	hoist(l, awaitable->kids[0]);
	struct rope object = rope_of(l, awaitable->kids[0]);
	const char *size = type->kind == TYPE_VOID ? "0" : arena_printf(l->arena, "sizeof(%s)", declare(l->unit, type, ""));
	if (awaitable->n_kids == 1)
		return wrap(l, "async__object_task(&(", object, arena_printf(l->arena, ")->awaitable, %s)", size));
	struct rope task = wrap(l, "async__object_task_by(&(", object, ")->awaitable, "), step = rope_of(l, awaitable->kids[1]);
	rope_add(l, &task, &step);
	rope_text(l, &task, ", %s)", size);
	return task;
}

/* All in it start in their order; a task of the library's waits for them.  Nobody takes their results. */
static struct rope spawn_gather(struct lowering *l, struct node *gather)
{
	struct rope rope = {0};
	struct text wanted = {0};
	int n = gather->n_kids;
	rope_text(l, &rope, "__extension__ ({ async_handle async__children[%d]; ", n ? n : 1);
	for (int i = 0; i < n; i++) {
		struct node *child = strip_parens(gather->kids[i]);
		bool caught = child->kind == N_CATCH;
		struct rope handle = spawn(l, caught ? child->kids[0] : child);
		rope_text(l, &rope, "async__children[%d] = ", i);
		rope_add(l, &rope, &handle);
		rope_text(l, &rope, "; ");
		text_printf(&wanted, "%s%d", i ? ", " : "", caught);
	}
	bool any = wanted.data && strchr(wanted.data, '1');
	if (any)
		rope_text(l, &rope, "async__gather_task(async__children, %d, (const _Bool[]){%s}); })", n, wanted.data);
	else
		rope_text(l, &rope, "async__gather_task(async__children, %d, (void *)0); })", n);
	text_finish(&wanted);
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
	case N_AWAITABLE:
		return spawn_object(l, awaitable);
	case N_MAP:
		return spawn_map(l, awaitable);
	case N_GATHER:
		return spawn_gather(l, awaitable);
	case N_CATCH:
		return wrap(l, "async__catch_task(", spawn(l, awaitable->kids[0]), ")");
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
	return arena_printf(l->arena, "((%s)", declare(l->unit, pointer_to(l, type), ""));
}

static const char *thread_future(struct lowering *l, struct type *type)
{
	return arena_printf(l->arena, "async_thread_future(%s)", declare(l->unit, type, ""));
}

/* The target stays as it is, and is not looked for, if there is no value, as in an async function. */
static void replace_catch(struct lowering *l, struct node *node, struct node *awaitable)
{
	if (awaitable->kind != N_ASSIGN) {
		hoist(l, awaitable);
		replace_node(l, node, wrap(l, "__extension__ ({ async_error async__outer = async__catch_begin(); (void)(", rope_of(l, awaitable),
						  "); async__catch_end(async__outer); })"));
		return;
	}
	hoist(l, awaitable->kids[0]);
	hoist(l, awaitable->kids[1]);
	struct rope target = rope_of(l, awaitable->kids[0]);
	struct rope rope = wrap(l, "__extension__ ({ async_error async__outer = async__catch_begin(); __auto_type async__value = ",
				rope_of(l, awaitable->kids[1]), "; if (!async__catch_failed()) ");
	rope_add(l, &rope, &target);
	rope_text(l, &rope, " = async__value; async__catch_end(async__outer); })");
	replace_node(l, node, rope);
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
		replace_catch(l, node, strip_parens(node->kids[0]));
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
