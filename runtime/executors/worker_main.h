/* worker_main.h: what a worker process does in place of main.  A constructor; naming this links it in. */
#ifndef ASYNC_WORKER_MAIN_H
#define ASYNC_WORKER_MAIN_H

/* Serves jobs and exits, if this process was started as a worker; else does nothing. */
void async__serve_if_worker(void);

#endif
