/* worker.h: one worker process, as the thread that drives it sees it.  The other end is worker.c. */
#ifndef ASYNC_WORKER_H
#define ASYNC_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct worker {
	pid_t process; /* 0 if there is none */
	int socket;
	int pidfd; /* tells of its death even if somebody else holds its end of the socket; -1 on old kernels */
};

/* Starts the worker; environment is its own, without WIRE_ENVIRONMENT.  0 or an error code. */
int worker_start(struct worker *worker, char *const *environment);
/* Both move all of it, and answer false when the worker has died. */
bool worker_send(const struct worker *worker, const void *data, size_t size);
bool worker_receive(const struct worker *worker, void *data, size_t size);
/* Sends if there is room for all of it right now. */
void worker_notify(const struct worker *worker, const void *data, size_t size);
/* Any thread that knows that it is not reaped yet. */
void worker_kill(const struct worker *worker);
/* Lets an idle worker leave, insists after a while, and waits for its end.  The process id stays taken until
 * worker_reap. */
void worker_dismiss(const struct worker *worker);
/* Frees what is left of a worker that has ended, or is about to; its wait status, or -1 if somebody else took it. */
int worker_reap(struct worker *worker);

#endif
