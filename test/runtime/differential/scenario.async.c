/* scenario.async.c: runs a scenario of compare.py on the runtime, in virtual time, and logs what happens in which order.
 *
 * A scenario is read from the standard input: one line for each script, its operations separated by ';'; "eager" as the first line makes
 * the loop an eager one.  With FAIL_ALLOC=n in the environment the nth allocation fails: then the order is nobody's business, but there
 * must be no crash and no leak.  With the argument --sweep the scenario runs again and again, and in each run a task is cancelled at
 * another of its suspensions: sweep.h. */
#include <async.h>

#include "runtime.h"

#include <stdlib.h>

#include "sweep.h"
#include "shared.h"

/* ---- Operations ---- */

struct actor {
	int id;             /* what the log calls it */
	const struct script *script;
	async_group *group; /* the innermost block's; NULL */
};

static async void run_script(int script, int id);
static async void run_ops(struct actor *me, int pc, int end);

static bool is_missing(const struct op *op)
{
	for (int i = 0; i < op->n; i++)
		if (!tasks[op->list[i]] || (async_handle)tasks[op->list[i]] == async_current_task())
			return true;
	return false;
}

static void check(int err)
{
	accounts.refused += err != 0;
}

static async void sleep_a_while(double seconds)
{
	await async_sleep(seconds);
}

static void create(struct actor *me, const struct op *op)
{
	async_task(void) *task = &tasks[op->a];

	if (*task)
		return;
	if (op->kind == 'c')
		*task = async_create_task_eager(run_script(op->a, op->a));
	else if (op->kind == 'i' && me->group)
		*task = async_create_task_in(me->group, run_script(op->a, op->a));
	else
		*task = async_create_task(run_script(op->a, op->a));
	async_retain(*task);
}

static async void as_completed(struct actor *me, int pc, const struct op *op, async_handle *handles)
{
	async_completions *completions = async_as_completed(handles, (size_t)op->n, op->time < 0 ? ASYNC_FOREVER : op->time);
	async_handle h;

	async_try {
		while ((h = await async_next_completed(completions)))
			for (int i = 0; i < MAX_SCRIPTS; i++)
				if (h == (async_handle)tasks[i])
					say("%d.%d next %d", me->id, pc, i);
	} async_finally {
		async_completions_free(completions);
	}
}

static bool is_flagged(void *flag)
{
	return *(int *)flag;
}

static async void with_condition(struct actor *me, int pc, const struct op *op)
{
	async_condition *condition = &conditions[op->a];

	await async_lock_acquire(async_condition_lock(condition));
	async_try {
		if (op->kind == 'n') {
			flags[op->a] += op->b;
			check(async_condition_notify(condition, (size_t)op->b));
		} else if (op->kind == 'o') {
			await async_condition_wait(condition);
		} else {
			await async_condition_wait_for(condition, is_flagged, &flags[op->a]);
			flags[op->a]--;
		}
		say("%d.%d condition", me->id, pc);
	} async_finally {
		check(async_lock_release(async_condition_lock(condition)));
	}
}

static async void with_queue(struct actor *me, int pc, const struct op *op)
{
	async_queue(int) q = queues[op->a];
	int item = 0, err = 0;

	switch (op->kind) {
	case 'p':
		await async_queue_put(q, op->b);
		accounts.put++;
		break;
	case 'u':
		err = async_queue_put_nowait(q, op->b);
		accounts.put += !err;
		break;
	case 'g':
		item = await async_queue_get(q);
		accounts.got++;
		say("%d.%d item %d", me->id, pc, item);
		break;
	case 'v':
		err = async_queue_get_nowait(q, &item);
		accounts.got += !err;
		if (!err)
			say("%d.%d item %d", me->id, pc, item);
		break;
	case 'd':
		err = async_queue_task_done(q);
		break;
	case 'j':
		await async_queue_join(q);
		break;
	case 'h':
		if (op->b)
			async_queue_shutdown_now(q);
		else
			async_queue_shutdown(q);
	}
	if (err)
		async_raise(err, "queue");
}

static async void with_handles(struct actor *me, int pc, const struct op *op)
{
	async_handle handles[MAX_LIST];
	async_task(void) first = tasks[op->list[0]];

	for (int i = 0; i < op->n; i++)
		handles[i] = tasks[op->list[i]];
	switch (op->kind) {
	case 'A':
		await *first;
		break;
	case 'X':
		say("%d.%d cancel %d", me->id, pc, async_cancel(first));
		break;
	case 'P':
		async_add_done_callback(first, say_done, (void *)(long)op->a);
		break;
	case 'H':
		await async_shield(*first);
		break;
	case 'T':
		await async_wait_for(*first, op->time);
		break;
	case 'G':
		await async_gather_n(handles, (size_t)op->n);
		break;
	case 'W': {
		size_t done = await async_wait(handles, (size_t)op->n, (enum async_return_when)op->a, op->time < 0 ? ASYNC_FOREVER : op->time);

		say("%d.%d wait %zu", me->id, pc, done);
		break;
	}
	case 'k':
		await as_completed(me, pc, op, handles);
	}
}

static async void run_op(struct actor *me, int pc, const struct op *op)
{
	async_handle self = async_current_task();

	if (strchr("AXGWHTPk", op->kind)) {
		if (is_missing(op))
			say("%d.%d missing", me->id, pc);
		else
			await with_handles(me, pc, op);
		return;
	}
	switch (op->kind) {
	case 'S': await async_sleep(op->time); break;
	case 'C': case 'c': case 'i': create(me, op); break;
	case 'U':
		say("%d.%d cancelling %d", me->id, pc, async_cancelling(self));
		say("%d.%d uncancel %d", me->id, pc, async_uncancel(self));
		break;
	case 'Z': say("%d.%d self %d", me->id, pc, async_cancel(self)); break;
	case 'F': await *futures[op->a]; break;
	case 'D': say("%d.%d set %d", me->id, pc, async_set_done(futures[op->a]) == 0); break;
	case 'E': say("%d.%d fail %d", me->id, pc, async_set_exception(futures[op->a], ASYNC_ERROR, "x") == 0); break;
	case 'N': say("%d.%d drop %d", me->id, pc, async_cancel(futures[op->a])); break;
	case 'V': await async_wait_for(run_script(op->a, 100 * (me->id + 1) + op->a), op->time); break;
	case 'Y': await run_script(op->a, 100 * (me->id + 1) + op->a); break;
	case 'R': async_raise(ASYNC_ERROR, "raised");
	case 'K': async_call_soon(say_number, (void *)(long)op->a); break;
	case 'L': async_call_later(op->time, say_number, (void *)(long)op->a); break;
	case 'e': await async_event_wait(&events[op->a]); break;
	case 's': check(async_event_set(&events[op->a])); break;
	case 'x': check(async_event_clear(&events[op->a])); break;
	case 'f':
		accounts.released[op->a]++;
		check(async_semaphore_release(&semaphores[op->a]));
		break;
	case 'b': say("%d.%d index %zu", me->id, pc, await async_barrier_wait(&barriers[op->a])); break;
	case 'y': check(async_barrier_reset(&barriers[op->a])); break;
	case 'z': check(async_barrier_abort(&barriers[op->a])); break;
	case 'n': case 'o': case 'w': await with_condition(me, pc, op); break;
	default: await with_queue(me, pc, op);
	}
}

/* ---- Blocks: what follows, within a timeout, a lock, a semaphore or a group ---- */

static async void in_timeout(struct actor *me, double seconds, int pc, int end)
{
	async_timeout (seconds)
		await run_ops(me, pc, end);
}

static async void in_lock(struct actor *me, async_lock *lock, int pc, int end)
{
	await async_lock_acquire(lock);
	async_try {
		say("%d locked", me->id);
		await run_ops(me, pc, end);
	} async_finally {
		check(async_lock_release(lock));
	}
}

static async void in_semaphore(struct actor *me, async_semaphore *semaphore, int pc, int end)
{
	await async_semaphore_acquire(semaphore);
	async_try {
		say("%d acquired", me->id);
		await run_ops(me, pc, end);
	} async_finally {
		check(async_semaphore_release(semaphore));
	}
}

static async void in_group(struct actor *me, int pc, int end)
{
	async_group *outer = me->group;

	async_try {
		async_task_group (g) {
			me->group = g;
			await run_ops(me, pc, end);
		}
	} async_finally {
		me->group = outer;
	}
}

/* The blocks of a group in a group: how its errors are made up. */
static void say_group(struct actor *me, async_error error)
{
	for (size_t i = 0; error.code == ASYNC_GROUP; i++) {
		async_error one = async_group_error(error, i);

		if (!one.code)
			break;
		say("%d of group %s", me->id, outcome(one));
	}
}

static async void run_block(struct actor *me, const struct op *op, int pc, int end)
{
	say("%d.%d %c ok", me->id, pc, op->kind);
	async_try {
		switch (op->kind) {
		case 'B': await in_timeout(me, op->time, pc + 1, end); break;
		case 'l': await in_lock(me, &locks[op->b], pc + 1, end); break;
		case 'm': await in_semaphore(me, &semaphores[op->b], pc + 1, end); break;
		case 't': await in_group(me, pc + 1, end);
		}
		say("%d block ok", me->id);
	} async_except (error) {
		say("%d block %s", me->id, outcome(error));
		say_group(me, error);
		if ((error.code != ASYNC_TIMEOUT && error.code != ASYNC_GROUP) || sweep_ends())
			async_reraise();
	}
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static async void run_ops(struct actor *me, int pc, int end)
{
	end = least(end, me->script->n);
	while (pc < end) {
		const struct op *op = &me->script->ops[pc];
		async_error error;

		if (strchr("Blmt", op->kind)) {
			int after = least(pc + 1 + op->a, end);

			await run_block(me, op, pc, after);
			pc = after;
			continue;
		}
		error = await async_catch(run_op(me, pc, op));
		say("%d.%d %c %s", me->id, pc, op->kind, outcome(error));
		if (error.code && (!op->catches || sweep_ends()))
			async_raise_error(error);
		pc++;
	}
}

static async void run_script(int script, int id)
{
	struct actor me = { .id = id, .script = &scripts[script] };

	say("%d begin", id);
	accounts.begun++;
	async_try {
		await run_ops(&me, 0, me.script->n);
		say("%d end ok", id);
	} async_except (error) {
		say("%d end %s", id, outcome(error));
		async_reraise();
	} async_finally {
		accounts.ended++;
	}
}

/* ---- Running ---- */

static async void everything(void)
{
	async_set_exception_handler(ignore_error, NULL);
	make_shared();
	tasks[0] = (async_task(void))async_current_task();
	async_retain(tasks[0]);
	await run_script(0, 0);
}

/* Script 0 is a task as the others are; when it ends, or time has passed, all of them are cancelled, as often as it takes. */
static async void everything_to_its_end(void)
{
	async_handle others[64], first;

	async_set_exception_handler(ignore_error, NULL);
	make_shared();
	accounts = (struct accounts){ 0 };
	tasks[0] = async_create_task(run_script(0, 0));
	async_retain(tasks[0]);
	first = tasks[0];
	await async_wait(&first, 1, ASYNC_ALL_COMPLETED, 1000);
	sweep_begins_to_end();
	for (size_t n; (n = async_all_tasks(others, 64)) > 1;) {
		for (size_t i = 0; i < n; i++)
			if (others[i] != async_current_task())
				async_cancel(others[i]);
		await async_sleep(0);
	}
	sweep_check(all_is_well());
	free_shared();
}

static void run_on(async_loop *loop)
{
	async_run_on(loop, everything_to_its_end());
}

static async_loop *new_loop(void)
{
	async_loop *loop = async_loop_new(&scenario_loop);

	if (loop)
		async_set_eager(loop, wants_eager);
	return loop;
}

int main(int argc, char **argv)
{
	const char *nth = getenv("FAIL_ALLOC");
	async_loop *loop;
	async_error error;

	read_scripts();
	if (argc > 1 && !strcmp(argv[1], "--sweep"))
		return sweep(new_loop, run_on);
	if (nth)
		async__fail_alloc(strtoul(nth, NULL, 10));
	loop = new_loop();
	if (!loop)
		return 0;
	error = async_catch(async_run_on(loop, everything()));
	if (error.code == ASYNC_INVALID_STATE)
		say("deadlock");
	async_loop_close(loop);
	for (int i = 0; i < N_EACH; i++)
		async_queue_destroy(queues[i]);
	return 0;
}
