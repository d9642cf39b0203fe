/* signals.c: signals as callbacks of a loop.
 * The process has one disposition for each signal, so this file has one table for the process: which loop asked for which signal.
 * The handler notes the signal's bit with that loop and wakes its back end; the loop's thread then schedules the callback.
 * Removing a handler waits for handlers that run on other threads, so that none of them meets a loop that is gone. */
#include "runtime.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

#define N_SIGNALS ((int)(8 * sizeof(unsigned long)))

struct async__signals {
	unsigned n; /* installed by async_add_signal_handler */
	struct {
		async_callback *fn; /* NULL: not ours */
		void *arg;
		bool once;
		struct sigaction before;
	} of[N_SIGNALS];
};

static _Atomic(async_loop *) owners[N_SIGNALS];
static atomic_int handlers_running;

static void handler(int signal)
{
	int saved_errno = errno;
	async_loop *loop;

	atomic_fetch_add(&handlers_running, 1);
	loop = atomic_load(&owners[signal]);
	if (loop) {
		atomic_fetch_or(&loop->signals_arrived, 1ul << signal);
		atomic_store(&loop->attention, true);
		loop->backend->wake(loop, loop->state);
	}
	atomic_fetch_sub(&handlers_running, 1);
	errno = saved_errno;
}

static void remove_handler(async_loop *loop, int signal, const struct sigaction *action)
{
	sigaction(signal, action, NULL);
	atomic_store(&owners[signal], NULL);
	while (atomic_load(&handlers_running))
		sched_yield();
	if (!loop->signals->of[signal].once)
		loop->signals->n--;
	loop->signals->of[signal].fn = NULL;
}

static int install(async_loop *loop, int signal, async_callback *fn, void *arg, bool once)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART | (once ? (int)SA_RESETHAND : 0) };
	async_loop *nobody = NULL;

	if (signal <= 0 || signal >= N_SIGNALS)
		return EINVAL;
	if (!loop->signals) {
		loop->signals = async__alloc_zeroed(sizeof *loop->signals);
		if (!loop->signals)
			return ASYNC_NO_MEMORY;
	}
	if (loop->signals->of[signal].fn)
		remove_handler(loop, signal, &loop->signals->of[signal].before);
	if (!atomic_compare_exchange_strong(&owners[signal], &nobody, loop))
		return EBUSY; /* another loop has it */
	sigemptyset(&action.sa_mask);
	loop->signals->of[signal].fn = fn;
	loop->signals->of[signal].arg = arg;
	loop->signals->of[signal].once = once;
	if (sigaction(signal, &action, &loop->signals->of[signal].before)) {
		int err = errno;

		loop->signals->of[signal].fn = NULL;
		atomic_store(&owners[signal], NULL);
		return err;
	}
	if (!once)
		loop->signals->n++;
	return 0;
}

int async__signal_once(async_loop *loop, int signal, async_callback *fn, void *arg)
{
	return install(loop, signal, fn, arg, true);
}

int async_add_signal_handler(int signal, async_callback *fn, void *arg)
{
	async_loop *loop = async__need_loop("async_add_signal_handler");
	struct sigaction by_default = { .sa_handler = SIG_DFL };

	if (!loop)
		return EINVAL;
	if (fn)
		return install(loop, signal, fn, arg, false);
	if (signal <= 0 || signal >= N_SIGNALS || !loop->signals || !loop->signals->of[signal].fn)
		return EINVAL;
	remove_handler(loop, signal, &by_default);
	return 0;
}

void async__signals_take(async_loop *loop)
{
	unsigned long arrived;

	arrived = atomic_exchange(&loop->signals_arrived, 0);
	for (int signal = 1; arrived && signal < N_SIGNALS; signal++) {
		if (!(arrived >> signal & 1) || !loop->signals->of[signal].fn)
			continue;
		if (!async_call_soon(loop->signals->of[signal].fn, loop->signals->of[signal].arg)) {
			atomic_fetch_or(&loop->signals_arrived, 1ul << signal); /* no memory: again in the next turn */
			async__attend(loop);
		}
	}
}

bool async__signals_any(const async_loop *loop)
{
	return loop->signals && loop->signals->n;
}

void async__signals_close(async_loop *loop)
{
	if (!loop->signals)
		return;
	for (int signal = 1; signal < N_SIGNALS; signal++)
		if (loop->signals->of[signal].fn)
			remove_handler(loop, signal, &loop->signals->of[signal].before);
	async__free(loop->signals);
	loop->signals = NULL;
}
