// A signal handler, a function called at exit and what an async function's qsort calls back cannot be async.
// RUN: not %asyncc -D_GNU_SOURCE %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:24:17: error: the async function 'on_signal' cannot be given to 'signal': a signal handler cannot wait: use async_add_signal_handler
// CHECK: c:25:58: error: the async function 'on_signal' cannot be given to 'sa_handler'
// CHECK: c:26:25: error: the async function 'on_action' cannot be given to 'sa_sigaction'
// CHECK: c:27:23: error: the async function 'on_signal' cannot be given to 'sa_handler'
// CHECK: c:28:9: error: the async function 'at_end' cannot be given to 'atexit': no loop runs at exit: await it at the end of async main
// CHECK: c:29:27: error: the async function 'at_end' cannot be given to 'at_quick_exit'
// CHECK: c:37:33: error: the async function 'compare' cannot be given to 'qsort': its caller does not suspend
// CHECK-NOT: error:
#include <async.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

async void on_signal(int number);
async void on_action(int number, siginfo_t *info, void *context);
async void at_end(void);
async int compare(const void *a, const void *b);
async void *thread(void *arg);

void ordinary(int *table, int n, pthread_t *id)
{
	signal(SIGINT, on_signal);
	struct sigaction action = {.sa_flags = 0, .sa_handler = on_signal};
	action.sa_sigaction = (on_action);
	action.sa_handler = &on_signal;
	atexit(at_end);
	at_quick_exit(n ? NULL : at_end);
	sigaction(SIGINT, &action, NULL);
	qsort(table, n, sizeof *table, compare); /* blocks at each call */
	pthread_create(id, NULL, thread, NULL);  /* has a loop of its own */
	signal(SIGTERM, SIG_IGN);
}
async void f(int *table, int n)
{
	qsort(table, n, sizeof *table, compare);
	await on_signal(await compare(table, table));
}
