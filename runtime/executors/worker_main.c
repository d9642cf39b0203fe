/* worker_main.c: the worker process: takes jobs from its socket, runs them, answers.
 * Completes: the job of the pool that started it, by its answer.  Owns: each job's copy, until it has answered.  Thread:
 * the worker's only one, before main, which never runs.  Cancel: a note on the socket, seen by async_job_cancelled.
 *
 * The constructor has no priority, so it runs after those that have one; and in a program that the library is linked into
 * (as the last of its archives, as usual) after the program's own.  */
#include "worker_main.h"
#include "job.h"
#include "module.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int pool_socket = -1;
static uint64_t current_id;
static bool current_cancelled;

/* True unless the pool is gone. */
static bool receive(void *data, size_t size)
{
	char *left = data;

	while (size) {
		ssize_t n = recv(pool_socket, left, size, MSG_WAITALL);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0) {
			left += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static bool answer(const void *data, size_t size)
{
	const char *left = data;

	while (size) {
		ssize_t n = send(pool_socket, left, size, MSG_NOSIGNAL);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0) {
			left += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static bool answer_code(uint64_t id, int code)
{
	struct wire_reply reply = {.id = id, .code = code};

	return answer(&reply, sizeof reply);
}

/* While a job runs nothing but a note of its cancellation can come. */
static bool look_for_cancellation(void)
{
	struct wire_head head;

	while (!current_cancelled && recv(pool_socket, &head, sizeof head, MSG_PEEK | MSG_DONTWAIT) == sizeof head &&
	       head.kind == WIRE_CANCEL) {
		if (!receive(&head, sizeof head))
			break;
		current_cancelled = head.id == current_id;
	}
	return current_cancelled;
}

/* The string arguments, which lie one after the other, in place of the pool's pointers. */
static void place_strings(const async_job_type *type, char *job, char *strings)
{
	for (size_t i = 0; i < type->n_strings; i++) {
		char *string;

		memcpy(&string, job + type->strings[i], sizeof string);
		if (!string)
			continue;
		memcpy(job + type->strings[i], &strings, sizeof strings);
		strings += strlen(strings) + 1;
	}
}

static bool run_job(uint64_t id, const async_job_type *type, char *job)
{
	struct wire_reply reply = {.id = id, .size = type->result_size};

	current_id = id;
	current_cancelled = false;
	type->run(job);
	fflush(NULL); /* what it printed must not wait for the next job, nor die with us */
	return answer(&reply, sizeof reply) && answer(job + type->result_offset, type->result_size);
}

/* False when the pool is gone. */
static bool take_job(const struct wire_head *head)
{
	char *message = malloc(head->size), *job = NULL;
	const struct wire_job *wire = (const struct wire_job *)message;
	const async_job_type *type = NULL;
	struct module_place place;
	bool alive;

	if (!message || !receive(message, head->size)) {
		/* Without memory the stream cannot be followed any more; the pool sees us leave. */
		free(message);
		return false;
	}
	place.name = message + sizeof *wire;
	place.offset = wire->type_offset;
	type = module_address_of(&place, sizeof *type);
	if (!type || type->size != wire->job_size) {
		alive = answer_code(head->id, EINVAL);
		goto free_message;
	}
	/* A copy, as the job's struct must be aligned. */
	job = aligned_alloc(64, (wire->job_size + 63) / 64 * 64);
	if (!job) {
		alive = answer_code(head->id, ASYNC_NO_MEMORY);
		goto free_message;
	}
	memcpy(job, message + sizeof *wire + wire->name_size, wire->job_size);
	place_strings(type, job, message + sizeof *wire + wire->name_size + wire->job_size);
	alive = run_job(head->id, type, job);
	free(job);
free_message:
	free(message);
	return alive;
}

/* False when the pool is gone. */
static bool take_initialiser(const struct wire_head *head)
{
	char *message = malloc(head->size);
	const struct wire_job *wire = (const struct wire_job *)message;
	struct module_place place;
	int (*function)(void);
	bool alive;

	if (!message || !receive(message, head->size)) {
		free(message);
		return false;
	}
	place.name = message + sizeof *wire;
	place.offset = wire->type_offset;
	function = (int (*)(void))(uintptr_t)module_address_of(&place, 1);
	free(message);
	alive = answer_code(head->id, function ? function() : EINVAL);
	fflush(NULL);
	return alive;
}

static void serve(void)
{
	struct wire_head head;
	bool alive = true;

	while (alive && receive(&head, sizeof head))
		if (head.kind == WIRE_JOB)
			alive = take_job(&head);
		else if (head.kind == WIRE_INITIALISE)
			alive = take_initialiser(&head);
}

static void on_interrupt(int signal)
{
	(void)signal;
}

/* The terminal's interrupt goes to the whole group; it is the pool's program that decides what it means.  Not SIG_IGN,
 * which programs that a job starts would inherit. */
static void leave_interrupts_to_the_pool(void)
{
	struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
}

static bool started_as_worker(void)
{
	const char *variable = secure_getenv(WIRE_ENVIRONMENT); /* obeyed, it lets its setter call anything */
	int descriptor, domain;
	socklen_t size = sizeof domain;
	long parent;

	if (!variable || sscanf(variable, "%d:%ld", &descriptor, &parent) != 2)
		return false;
	if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX)
		return false;
	unsetenv(WIRE_ENVIRONMENT); /* programs that jobs start are no workers */
	fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	pool_socket = descriptor;
	prctl(PR_SET_NAME, "async-worker");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent && getppid() != 0) /* 0: we are in a namespace of our own */
		_exit(0); /* it died while we started */
	return true;
}

__attribute__((constructor)) void async__serve_if_worker(void)
{
	if (!started_as_worker())
		return;
	leave_interrupts_to_the_pool();
	async__worker_job_cancelled = look_for_cancellation;
	serve();
	exit(0);
}
