/* async/executor.h: blocking work on other threads and in other processes. */
#ifndef ASYNC_EXECUTOR_H
#define ASYNC_EXECUTOR_H

#include <async/base.h>

ASYNC_BEGIN_DECLS

typedef struct async_executor async_executor;

/* await async_run_in_executor(pool, f(args)): calls the ordinary function f in the pool (NULL: the loop's own thread pool),
 * its arguments evaluated here.  Cancelled, the await ends when the job has ended, as its arguments may point into the
 * frame.  In a process pool, arguments and result travel by value and strings (const char *) are copied.
 * (loop.run_in_executor) */
#define async_run_in_executor(pool, call) (async__mark_run_in_executor(pool), (call))
void async__mark_run_in_executor(async_executor *pool) ASYNC__MARKER;

/* A pool of up to n threads or worker processes (0: a number that suits the machine), started on demand; NULL with errno
 * set.  (ThreadPoolExecutor, ProcessPoolExecutor) */
async_executor *async_thread_pool_new(unsigned n);
async_executor *async_process_pool_new(unsigned n);
/* Takes no more jobs; wait: until all have ended (blocks).  Frees the pool when the last job has let go of it.
 * NULL is fine.  (Executor.shutdown) */
void async_executor_shutdown(async_executor *pool, bool wait);

ASYNC_END_DECLS

#endif
