/* watchdog.c: who blocks the loop: in debug mode each entry is timed, and a thread looks for one that does not come back.
 * The thread reads only what the loop's thread wrote for it, under the lock: a text made before each step, as the task's frames
 * are nobody else's to read while it runs.  Owner: the loop.  Loop's thread, but for the thread's own part. */
#include "runtime.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct async__watchdog {
	double slow;          /* seconds; reported when it ends */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t end;
	bool ending;
	double began;         /* when the step that runs did; 0: none does */
	bool told;            /* the thread has reported it */
	char who[96];         /* "Task-7 (load_user)" */
	char chain[2048];     /* where it stood when the step began */
};

/* Real time, whatever the loop's clock says. */
static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- The thread ---- */

static struct timespec time_at(double seconds)
{
	time_t whole = (time_t)seconds;

	return (struct timespec){ .tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9) };
}

/* Reports the step if it has lasted too long; when to look again. */
static double look(struct async__watchdog *dog, double now)
{
	double late = dog->slow * 10;

	if (dog->began <= 0 || dog->told)
		return now + late;
	if (now < dog->began + late)
		return dog->began + late;
	dog->told = true;
	fprintf(stderr, "asyncc: the loop is blocked: %s has been running for %.3f s\n%s", dog->who, now - dog->began, dog->chain);
	return now + late;
}

static void *watch(void *arg)
{
	struct async__watchdog *dog = arg;

	pthread_mutex_lock(&dog->lock);
	while (!dog->ending) {
		struct timespec next = time_at(look(dog, seconds_now()));

		pthread_cond_timedwait(&dog->end, &dog->lock, &next);
	}
	pthread_mutex_unlock(&dog->lock);
	return NULL;
}

/* Signals are for the threads that were there before.  Without a thread, what blocks is reported when it ends. */
static void start_thread(struct async__watchdog *dog)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	dog->has_thread = pthread_create(&dog->thread, NULL, watch, dog) == 0;
	if (dog->has_thread)
		atomic_fetch_add(&async__own_threads, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_thread(struct async__watchdog *dog)
{
	pthread_mutex_lock(&dog->lock);
	dog->ending = true;
	pthread_cond_signal(&dog->end);
	pthread_mutex_unlock(&dog->lock);
	pthread_join(dog->thread, NULL);
}

/* ---- Steps ---- */

static void note_start(struct async__watchdog *dog, struct async__entry *entry)
{
	struct async__task *task = async__stepping(entry);

	pthread_mutex_lock(&dog->lock);
	if (task) {
		snprintf(dog->who, sizeof dog->who, "%s (%s)", async_get_name(async__handle_of(&task->future.object)), async__function_of(task)->name);
		async__format_chain(task, dog->chain, sizeof dog->chain);
	} else {
		strcpy(dog->who, "a callback");
		dog->chain[0] = '\0';
	}
	dog->told = false;
	dog->began = seconds_now();
	pthread_mutex_unlock(&dog->lock);
}

static void note_end(struct async__watchdog *dog)
{
	double lasted;

	pthread_mutex_lock(&dog->lock);
	lasted = seconds_now() - dog->began;
	dog->began = 0;
	if (lasted > dog->slow)
		fprintf(stderr, "asyncc: slow: %s took %.3f s in one step\n%s", dog->who, lasted, dog->chain);
	pthread_mutex_unlock(&dog->lock);
}

/* In the child of a fork there is no thread, and the lock may be held for ever. */
static bool forked(const async_loop *loop)
{
	return loop->fork_count != async__forks();
}

/* The entry may switch the watchdog off, or fork. */
void async__watched_run(async_loop *loop, struct async__entry *entry)
{
	note_start(loop->watchdog, entry);
	async__run(entry);
	if (loop->watchdog && !forked(loop))
		note_end(loop->watchdog);
}

/* ---- Switching on and off ---- */

bool async__wanted(const char *variable)
{
	const char *text = getenv(variable);

	return text && *text && strcmp(text, "0");
}

static struct async__watchdog *new_watchdog(double slow)
{
	struct async__watchdog *dog = async__alloc_zeroed(sizeof *dog);
	pthread_condattr_t attributes;

	if (!dog)
		return NULL;
	dog->slow = slow;
	pthread_mutex_init(&dog->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&dog->end, &attributes);
	pthread_condattr_destroy(&attributes);
	dog->began = 0;
	start_thread(dog);
	return dog;
}

void async__watchdog_close(async_loop *loop)
{
	struct async__watchdog *dog = loop->watchdog;

	if (!dog)
		return;
	loop->watchdog = NULL;
	if (dog->has_thread && !forked(loop))
		end_thread(dog);
	if (dog->has_thread)
		atomic_fetch_sub(&async__own_threads, 1);
	if (!forked(loop)) {
		pthread_cond_destroy(&dog->end);
		pthread_mutex_destroy(&dog->lock);
	}
	async__free(dog);
}

void async__watchdog_open(async_loop *loop)
{
	if (!loop->watchdog)
		loop->watchdog = new_watchdog(loop->slow);
}

void async_set_debug(async_loop *loop, bool on)
{
	if (!async__loop_is_ours(loop, "async_set_debug"))
		return;
	if (on)
		async__watchdog_open(loop);
	else
		async__watchdog_close(loop);
}

bool async_get_debug(async_loop *loop)
{
	return async__loop_is_ours(loop, "async_get_debug") && loop->watchdog;
}

void async_set_slow_callback_duration(async_loop *loop, double seconds)
{
	struct async__watchdog *dog;

	if (!async__loop_is_ours(loop, "async_set_slow_callback_duration") || isnan(seconds) || seconds < 0)
		return;
	loop->slow = seconds;
	dog = loop->watchdog;
	if (!dog || forked(loop))
		return;
	pthread_mutex_lock(&dog->lock);
	dog->slow = seconds;
	pthread_cond_signal(&dog->end);
	pthread_mutex_unlock(&dog->lock);
}
