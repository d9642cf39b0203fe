/* async/process.h: subprocesses (asyncio.subprocess).
 *
 *	const char *sort[] = {"sort", "-n", NULL};
 *	async_process *p = await async_spawn(sort, &(struct async_spawn_options){.in = ASYNC_PIPE, .out = ASYNC_PIPE});
 *	struct async_output o = await async_process_communicate(p, "2\n1\n", 4);
 *	printf("%s, exit code %d\n", o.out.data, async_process_returncode(p));
 *	async_process_free(p);
 *
 * A process belongs to the loop on which it was spawned, until that is closed: use from another thread is refused, as of a stream.
 * No signal handler is needed or installed, and no other child of the program is waited for. */
#ifndef ASYNC_PROCESS_H
#define ASYNC_PROCESS_H

#include <async/base.h>
#include <async/stream.h>

ASYNC_BEGIN_DECLS

/* A child process.  It belongs to who spawned it, until async_process_free. */
typedef struct async_process async_process;

/* What the child's standard input, output and errors are; a positive number is one of our own descriptors. */
enum async_spawn_descriptor {
	ASYNC_INHERIT = 0, /* ours */
	ASYNC_PIPE = -1,   /* a pipe, whose other end is async_process_in, _out, _err */
	ASYNC_STDOUT = -2, /* errors only: where the output goes */
	ASYNC_NULL = -3    /* /dev/null */
} __attribute__((mode(SI)));

struct async_spawn_options {
	int in, out, err;
	const char *cwd;        /* NULL: ours */
	const char *const *env; /* "NAME=value"..., NULL; NULL: ours */
	bool new_session;       /* setsid */
};

/* Starts argv[0], looked for in $PATH, with the arguments argv (NULL at the end); options may be NULL.  Signals have their default
 * actions there, none is blocked, and of our descriptors it has those that are not closed on exec.  Raises why it could not be
 * started (ENOENT, EACCES, ...).  (asyncio.create_subprocess_exec) */
_Async async_process *async_spawn(const char *const *argv, const struct async_spawn_options *options);
/* The same with a command for the shell.  (asyncio.create_subprocess_shell) */
_Async async_process *async_spawn_shell(const char *command, const struct async_spawn_options *options);

pid_t async_process_pid(const async_process *p);
/* Our ends of its pipes, or NULL.  They belong to the process: async_process_free frees them. */
async_stream *async_process_in(const async_process *p);
async_stream *async_process_out(const async_process *p);
async_stream *async_process_err(const async_process *p);

/* Waits until it has ended and yields its exit code; minus the signal's number if one ended it.  Any number of tasks may wait; a
 * cancelled wait changes nothing.  Does not close pipes: a child waits that fills one which nobody reads, and so would we. */
_Async int async_process_wait(async_process *p);
/* The exit code if it is known to have ended, else ASYNC_STILL_RUNNING.  Looks, without waiting. */
#define ASYNC_STILL_RUNNING (-1000)
int async_process_returncode(async_process *p);
/* Sends a signal; 0, or an errno value; ESRCH if it has ended.  Never hits another process that got the same number. */
int async_process_send_signal(async_process *p, int signal);
int async_process_terminate(async_process *p); /* SIGTERM */
int async_process_kill(async_process *p);      /* SIGKILL */

struct async_output {
	async_bytes out, err; /* in the streams' buffers; empty without a pipe */
};
/* Writes the input and closes it, reads output and errors to their ends, and waits.  A child that does not read its input is no
 * error.  (Process.communicate) */
_Async struct async_output async_process_communicate(async_process *p, const void *input, size_t size);

/* Frees it and its streams.  Kills it if it still runs, and reaps it when that has had its effect, if a loop runs by then.  NULL is fine. */
void async_process_free(async_process *p);

ASYNC_END_DECLS

#endif
