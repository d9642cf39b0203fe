/* shared.h: a scenario as it is read, what its scripts share, and what they say. */
#ifndef SHARED_H
#define SHARED_H

#include <stdarg.h>
#include <stdio.h>

enum { MAX_OPS = 32, MAX_SCRIPTS = 16, MAX_LIST = 8, N_EACH = 3 };

struct op {
	char kind;
	bool catches; /* '!': an error of this operation is swallowed */
	int a, b;     /* operands */
	double time;
	int n, list[MAX_LIST];
};

static struct script {
	int n;
	struct op ops[MAX_OPS];
} scripts[MAX_SCRIPTS];
static int n_scripts;
static bool wants_eager;

/* ---- What the scripts share ---- */

static async_task(void) tasks[MAX_SCRIPTS];
static async_future(void) futures[MAX_SCRIPTS];
static async_lock locks[N_EACH];
static async_event events[N_EACH];
static async_condition conditions[N_EACH];
static int flags[N_EACH]; /* what the conditions' predicates look at */
static async_semaphore semaphores[N_EACH];
static async_barrier barriers[N_EACH];
static async_queue(int) queues[N_EACH];
static struct accounts accounts;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void count_dropped(void *item)
{
	(void)item;
	accounts.dropped++;
}

static void make_shared(void)
{
	memset(tasks, 0, sizeof tasks);
	for (int i = 0; i < MAX_SCRIPTS; i++) {
		futures[i] = async_create_future(void);
		async_retain(futures[i]);
	}
	for (int i = 0; i < N_EACH; i++) {
		flags[i] = 0;
		async_lock_init(&locks[i]);
		async_event_init(&events[i]);
		async_condition_init(&conditions[i], NULL);
		async_semaphore_init(&semaphores[i], (size_t)i);
		async_barrier_init(&barriers[i], (size_t)i + 1);
	}
	queues[0] = async_queue_create(int, 1);
	queues[1] = async_queue_create_lifo(int, 2);
	queues[2] = async_queue_create_priority(int, 0, compare);
	for (int i = 0; i < N_EACH; i++)
		if (queues[i])
			async_queue_set_destructor(queues[i], count_dropped);
}

/* Nobody waits any more, nobody holds anything, and what was put was got, is there, or was dropped. */
static bool all_is_well(void)
{
	bool well = true;
	size_t left = 0;

	for (int i = 0; i < N_EACH; i++) {
		well &= !async_lock_locked(&locks[i]) && !locks[i].waiters.first;
		well &= !events[i].waiters.first;
		well &= !async_lock_locked(async_condition_lock(&conditions[i])) && !conditions[i].waiters.first && !conditions[i].own.waiters.first;
		well &= semaphores[i].value == (size_t)i + accounts.released[i] && !semaphores[i].waiters.first;
		well &= !barriers[i].count && !barriers[i].waiters.first && !barriers[i].blocked.first;
		left += queues[i] ? async_queue_size(queues[i]) : 0;
	}
	return well && accounts.begun == accounts.ended && accounts.put == accounts.got + accounts.dropped + left;
}

static void free_shared(void)
{
	for (int i = 0; i < N_EACH; i++) {
		async_lock_finish(&locks[i]);
		async_event_finish(&events[i]);
		async_condition_finish(&conditions[i]);
		async_semaphore_finish(&semaphores[i]);
		async_barrier_finish(&barriers[i]);
		async_queue_destroy(queues[i]);
		queues[i] = NULL;
	}
}

/* ---- The log ---- */

static void say(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	log_line(line);
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

static const char *outcome(async_error error)
{
	switch (error.code) {
	case 0: return "ok";
	case ASYNC_CANCELLED: return "cancelled";
	case ASYNC_TIMEOUT: return "timeout";
	case ASYNC_GROUP: return "group";
	case ASYNC_BROKEN_BARRIER: return "broken";
	case ASYNC_SHUT_DOWN: return "shut";
	case ASYNC_QUEUE_FULL: return "full";
	case ASYNC_QUEUE_EMPTY: return "empty";
	case ASYNC_NO_MEMORY: return "memory";
	}
	return "error";
}

/* ---- Reading ---- */

static void read_op(struct op *op, char *text)
{
	op->time = -1;
	if (*text == '!') {
		op->catches = true;
		text++;
	}
	op->kind = *text++;
	for (char *at = strtok(text, " "); at; at = strtok(NULL, " ")) {
		if (*at == 't')
			op->time = atof(at + 1);
		else if (*at == 'a')
			op->a = atoi(at + 1);
		else if (*at == 'b')
			op->b = atoi(at + 1);
		else
			op->list[op->n++] = atoi(at);
	}
}

static void read_script(char *line)
{
	struct script *script = &scripts[n_scripts++];
	char *rest = line, *text;

	while ((text = strsep(&rest, ";")) && *text && script->n < MAX_OPS)
		read_op(&script->ops[script->n++], text);
}

static void read_scripts(void)
{
	static char line[65536];

	while (fgets(line, sizeof line, stdin) && n_scripts < MAX_SCRIPTS) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "eager"))
			wants_eager = true;
		else
			read_script(line);
	}
}

#endif
