/* scenario.c: runs a scenario of compare.py on the runtime, in virtual time, and logs what happens in which order.
 * With FAIL_ALLOC=n in the environment the nth allocation fails: then the order is nobody's business, but there must be no crash
 * and no leak.  A scenario is read from the standard input: one line for each script, its operations separated by ';'. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_OPS = 32, MAX_SCRIPTS = 16, MAX_LIST = 8, MAX_BLOCKS = 8 };

struct op {
	char kind;
	bool catches;      /* '!': an error of this operation is swallowed */
	int a, b;          /* operands */
	double time;
	int n, list[MAX_LIST];
};

static struct script {
	int n;
	struct op ops[MAX_OPS];
} scripts[MAX_SCRIPTS];
static int n_scripts;
static async_handle tasks[MAX_SCRIPTS], futures[MAX_SCRIPTS];
static int64_t clock_ns;

/* ---- Virtual time ---- */

static int sim_open(async_loop *loop, void *state)
{
	(void)loop, (void)state;
	return 0;
}

static void sim_close(async_loop *loop, void *state)
{
	(void)loop, (void)state;
}

static int64_t sim_now(async_loop *loop, void *state)
{
	(void)loop, (void)state;
	return clock_ns;
}

static int sim_watch(async_loop *loop, void *state, int fd, unsigned events)
{
	(void)loop, (void)state, (void)fd, (void)events;
	return 0;
}

static int sim_wait(async_loop *loop, void *state, int64_t timeout)
{
	(void)loop, (void)state;
	if (timeout > 0)
		clock_ns += timeout;
	return 0;
}

static const async_loop_backend sim = { "scenario", 0, sim_open, sim_close, sim_now, sim_watch, sim_wait, sim_close, NULL, NULL };

/* ---- The interpreter, as one async function ---- */

extern const async_function async_sleep__async, async_gather_n__async, async_wait__async;
static const async_function run_script__async;

struct run_frame {
	async_frame base;
	int result;
	int script;
	int id; /* what the log calls it */
	int pc;
	int n_blocks;
	bool skipped; /* the operation at pc names a task that is not there */
	bool waiting; /* the operation at pc was begun */
	void *callee;
	async_handle handle;
	async_handle list[MAX_LIST];
	struct async__scope scope;
	struct {
		int end; /* the operation after its last one */
		struct async__scope scope;
	} blocks[MAX_BLOCKS];
};

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static void say_number(void *arg)
{
	say("call %ld", (long)arg);
}

static void say_done(async_handle h, void *arg)
{
	(void)h;
	say("done %ld", (long)arg);
}

static const char *outcome(async_status status)
{
	if (status == ASYNC_DONE)
		return "ok";
	switch (async__self.task->error->value.code) {
	case ASYNC_CANCELLED:
		return "cancelled";
	case ASYNC_TIMEOUT:
		return "timeout";
	}
	return "error";
}

static async_handle create(int script)
{
	struct run_frame *f = async__new_task(&run_script__async);
	async_handle h;

	if (!f)
		return NULL;
	f->script = f->id = script;
	h = async__start_task(f);
	async_retain(h);
	return h;
}

static void *push(struct run_frame *f, const async_function *function)
{
	return f->callee = async__push_frame(function, &f->base);
}

static async_status call_script(struct run_frame *f, int script)
{
	struct run_frame *g = push(f, &run_script__async);

	if (!g)
		return ASYNC_FAILED;
	g->script = script;
	g->id = 100 * (f->id + 1) + script;
	return async__start(&g->base);
}

static bool missing(const struct op *op, async_handle self)
{
	for (int i = 0; i < op->n; i++)
		if (!tasks[op->list[i]] || tasks[op->list[i]] == self)
			return true;
	return false;
}

static async_status await_handle(struct run_frame *f, async_handle h)
{
	f->handle = h;
	return async__await(&f->base, h);
}

static async_status begin_op(struct run_frame *f, const struct op *op)
{
	async_handle self = async_current_task();
	async_status status;
	int limit;

	f->callee = NULL;
	f->handle = NULL;
	f->skipped = strchr("AXGWHTP", op->kind) && missing(op, self);
	if (f->skipped) {
		say("%d.%d missing", f->id, f->pc);
		return ASYNC_DONE;
	}
	switch (op->kind) {
	case 'S': {
		struct async_sleep__frame *g = push(f, &async_sleep__async);

		if (!g)
			return ASYNC_FAILED;
		g->seconds = op->time;
		return async__start(&g->base);
	}
	case 'C':
		if (!tasks[op->a])
			tasks[op->a] = create(op->a);
		return ASYNC_DONE;
	case 'A':
		return await_handle(f, tasks[op->list[0]]);
	case 'X':
		say("%d.%d cancel %d", f->id, f->pc, async_cancel(tasks[op->list[0]]));
		return ASYNC_DONE;
	case 'U':
		say("%d.%d cancelling %d", f->id, f->pc, async_cancelling(self));
		say("%d.%d uncancel %d", f->id, f->pc, async_uncancel(self));
		return ASYNC_DONE;
	case 'Z':
		say("%d.%d self %d", f->id, f->pc, async_cancel(self));
		return ASYNC_DONE;
	case 'F':
		return await_handle(f, futures[op->a]);
	case 'D':
		say("%d.%d set %d", f->id, f->pc, async_set_done(futures[op->a]) == 0);
		return ASYNC_DONE;
	case 'E':
		say("%d.%d fail %d", f->id, f->pc, async_set_exception(futures[op->a], ASYNC_ERROR, "x") == 0);
		return ASYNC_DONE;
	case 'N':
		say("%d.%d drop %d", f->id, f->pc, async_cancel(futures[op->a]));
		return ASYNC_DONE;
	case 'G': {
		struct {
			async_frame base;
			const async_handle *handles;
			size_t n;
		} *g = push(f, &async_gather_n__async);

		if (!g)
			return ASYNC_FAILED;
		for (int i = 0; i < op->n; i++)
			f->list[i] = tasks[op->list[i]];
		g->handles = f->list;
		g->n = (size_t)op->n;
		return async__start(&g->base);
	}
	case 'W': {
		struct {
			async_frame base;
			size_t result;
			async_handle *handles;
			size_t n;
			enum async_return_when return_when;
			double timeout;
		} *g = push(f, &async_wait__async);

		if (!g)
			return ASYNC_FAILED;
		for (int i = 0; i < op->n; i++)
			f->list[i] = tasks[op->list[i]];
		g->handles = f->list;
		g->n = (size_t)op->n;
		g->return_when = (enum async_return_when)op->a;
		g->timeout = op->time < 0 ? ASYNC_FOREVER : op->time;
		return async__start(&g->base);
	}
	case 'H':
		return await_handle(f, async__shield(tasks[op->list[0]]));
	case 'T':
		async__timeout_begin_handle(&f->scope, op->time, tasks[op->list[0]]);
		return await_handle(f, tasks[op->list[0]]);
	case 'V':
		if (!async__timeout_begin(&f->scope, op->time))
			return ASYNC_FAILED;
		return call_script(f, op->a);
	case 'Y':
		return call_script(f, op->a);
	case 'B':
		f->blocks[f->n_blocks].end = f->pc + 1 + op->a;
		limit = f->n_blocks ? f->blocks[f->n_blocks - 1].end : scripts[f->script].n;
		if (f->blocks[f->n_blocks].end > limit)
			f->blocks[f->n_blocks].end = limit;
		async__timeout_block_begin(&f->blocks[f->n_blocks++].scope, op->time);
		return ASYNC_DONE;
	case 'R':
		return async__raise(ASYNC_ERROR, "raised");
	case 'K':
		async_call_soon(say_number, (void *)(long)op->a);
		return ASYNC_DONE;
	case 'L':
		async_call_later(op->time, say_number, (void *)(long)op->a);
		return ASYNC_DONE;
	case 'P':
		async_add_done_callback(tasks[op->list[0]], say_done, (void *)(long)op->a);
		return ASYNC_DONE;
	}
	status = ASYNC_DONE;
	return status;
}

static async_status end_op(struct run_frame *f, const struct op *op, async_status status)
{
	char nothing[64];

	if (f->skipped)
		return status;
	if (op->kind == 'W' && status == ASYNC_DONE) {
		size_t n = *(size_t *)(void *)((char *)f->callee + sizeof(async_frame));

		say("%d.%d wait %zu", f->id, f->pc, n);
	}
	if (f->callee)
		async__pop_frame(f->callee);
	if (f->handle)
		status = async__await_end(f->handle, status, nothing, 0);
	if (op->kind == 'T' || op->kind == 'V')
		status = async__timeout_end(&f->scope, status);
	return status;
}

/* The blocks that end before pc, or all of them on an error that leaves them. */
static async_status end_blocks(struct run_frame *f, async_status status)
{
	while (f->n_blocks && (status == ASYNC_FAILED || f->blocks[f->n_blocks - 1].end <= f->pc)) {
		f->n_blocks--;
		status = async__timeout_end(&f->blocks[f->n_blocks].scope, status);
		say("%d.%d block %s", f->id, f->pc, outcome(status));
		if (status == ASYNC_FAILED && async__self.task->error->value.code == ASYNC_TIMEOUT) {
			async_caught caught;

			async__hold(&caught);
			async__drop(&caught);
			status = ASYNC_DONE;
			f->pc = f->blocks[f->n_blocks].end;
		}
	}
	return status;
}

static async_status run_script__resume(async_frame *frame)
{
	struct run_frame *f = (struct run_frame *)frame;
	const struct script *script = &scripts[f->script];
	async_status status = (async_status)frame->status;

	if (frame->state == 0) {
		frame->state = 1;
		f->pc = f->n_blocks = 0;
		f->waiting = false;
		f->result = 0;
		say("%d begin", f->id);
	}
	while (f->pc < script->n) {
		const struct op *op = &script->ops[f->pc];

		if (!f->waiting) {
			status = begin_op(f, op);
			if (status == ASYNC_SUSPENDED) {
				f->waiting = true;
				return status;
			}
		}
		f->waiting = false;
		status = end_op(f, op, status);
		say("%d.%d %c %s", f->id, f->pc, op->kind, outcome(status));
		if (status == ASYNC_FAILED && op->catches) {
			async_caught caught;

			async__hold(&caught);
			async__drop(&caught);
			status = ASYNC_DONE;
		}
		if (status == ASYNC_DONE)
			f->pc++;
		status = end_blocks(f, status);
		if (status == ASYNC_FAILED)
			break;
	}
	if (f->pc >= script->n)
		status = ASYNC_DONE;
	say("%d end %s", f->id, outcome(status));
	return status;
}

static const async_function run_script__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct run_frame),
	.frame_align = _Alignof(struct run_frame),
	.result_offset = offsetof(struct run_frame, result),
	.result_size = sizeof(int),
	.resume = run_script__resume,
	.name = "run_script",
	.file = __FILE__,
};

/* ---- Reading ---- */

static void read_op(struct op *op, char *text)
{
	char *at;

	op->time = -1;
	if (*text == '!') {
		op->catches = true;
		text++;
	}
	op->kind = *text++;
	for (at = strtok(text, " "); at; at = strtok(NULL, " ")) {
		if (*at == 't')
			op->time = atof(at + 1);
		else if (*at == 'a')
			op->a = atoi(at + 1);
		else
			op->list[op->n++] = atoi(at);
	}
}

static void read_scripts(void)
{
	static char line[65536];

	while (fgets(line, sizeof line, stdin) && n_scripts < MAX_SCRIPTS) {
		struct script *script = &scripts[n_scripts++];
		char *rest = line, *text;

		line[strcspn(line, "\n")] = '\0';
		while ((text = strsep(&rest, ";")) && *text && script->n < MAX_OPS)
			read_op(&script->ops[script->n++], text);
	}
}

/* The handler is not part of the comparison. */
static void ignore(const async_error_context *context, void *arg)
{
	(void)arg;
	if (getenv("VERBOSE"))
		async_default_exception_handler(context);
}

/* Script 0, in the loop, with everything prepared. */
struct main_frame {
	async_frame base;
	struct run_frame run;
};

static async_status main__resume(async_frame *frame)
{
	struct main_frame *f = (struct main_frame *)frame;

	if (frame->state == 0) {
		frame->state = 1;
		async_set_exception_handler(ignore, NULL);
		tasks[0] = async_current_task();
		async_retain(tasks[0]);
		for (int i = 0; i < MAX_SCRIPTS; i++) {
			futures[i] = async__create_future(0);
			async_retain(futures[i]);
		}
		async__prepare(&f->run.base, run_script__resume, frame);
		f->run.script = f->run.id = 0;
		frame->status = async__start(&f->run.base);
	}
	return (async_status)frame->status;
}

static const async_function main__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct main_frame),
	.frame_align = _Alignof(struct main_frame),
	.resume = main__resume,
	.name = "main",
	.file = __FILE__,
};

int main(void)
{
	const char *nth = getenv("FAIL_ALLOC"); /* to make the nth allocation fail */
	async_loop *loop;
	async_error error;

	read_scripts();
	if (nth)
		async__fail_alloc(strtoul(nth, NULL, 10));
	loop = async_loop_new(&sim);
	if (!loop)
		return 0;
	async__use_loop(loop);
	async__catch_begin();
	async__entry_run(async__entry(&main__async, NULL), NULL, 0);
	error = async__catch_end();
	if (error.code == ASYNC_INVALID_STATE)
		say("deadlock");
	async_loop_close(loop);
	return 0;
}
