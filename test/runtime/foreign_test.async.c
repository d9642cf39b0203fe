/* foreign_test.async.c: every call that belongs to a loop's thread is refused on another one, whether a loop runs there or not, and
 * changes nothing.  Numbers: README.md. */
#include "async_testing.h"

#include <async/sim.h>
#include <async/sim_network.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

static async_loop *owner;
static async_task(void) task;
static async_future(int) future;
static async_call call;
static async_group *group;
static async_completions *completions;
static async_stream *stream;
static async_server *server;
static async_process *process;
static async_timeout_scope *scope;
static async_coro(void) coroutine;
static async_lock lock;
static async_event event;
static async_condition condition;
static async_semaphore semaphore;
static async_barrier barrier;
static async_queue(int) queue;
static int n_ran;
static bool was_eager; /* the owner */

static void run(void *arg)
{
	(void)arg;
	n_ran++;
}

static void done(async_handle h, void *arg)
{
	(void)h;
	run(arg);
}

static void destroy(void *result)
{
	run(result);
}

static async_local(int) local = 1;

/* ---- The calls: each is refused by its answer, by a report, or by both ---- */

static bool wants_report;

#define REFUSED_BY_ANSWER(name, answer) \
	static bool name(void)          \
	{                               \
		return answer;          \
	}
#define REFUSED_BY_BOTH(name, answer)   \
	static bool name(void)          \
	{                               \
		wants_report = true;    \
		return answer;          \
	}
#define REFUSED_BY_REPORT(name, statement) \
	static bool name(void)             \
	{                                  \
		wants_report = true;       \
		statement;                 \
		return true;               \
	}

REFUSED_BY_ANSWER(cancel, !async_cancel(task))
REFUSED_BY_ANSWER(cancel_with, !async_cancel_with(task, "no"))
REFUSED_BY_BOTH(cancelling, async_cancelling(task) == 0)
REFUSED_BY_BOTH(uncancel, async_uncancel(task) == 0)
REFUSED_BY_ANSWER(set_result, async_set_result(future, 1) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(set_done, async_set_done(future) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(set_exception, async_set_exception(future, EIO, "no") == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(set_error, async_set_error(future, (async_error){.code = EIO}) == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(result, async_result(future) == 0)
REFUSED_BY_ANSWER(exception, async_exception(future).code == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(is_done, async_done(future))
REFUSED_BY_BOTH(cancelled, !async_cancelled(future))
REFUSED_BY_ANSWER(add_done_callback, async_add_done_callback(future, done, NULL) == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(remove_done_callback, async_remove_done_callback(future, done, NULL) == 0)
REFUSED_BY_ANSWER(set_result_destructor, async_set_result_destructor(future, destroy) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(retain, async_retain(future))
REFUSED_BY_REPORT(release, async_release(future))
REFUSED_BY_REPORT(detach, async_detach(task))
REFUSED_BY_REPORT(set_name, async_set_name(task, "mine"))
REFUSED_BY_ANSWER(get_name, !*async_get_name(task))
REFUSED_BY_REPORT(wake, async_wake(task))
REFUSED_BY_ANSWER(cancel_call, !async_cancel_call(call))
REFUSED_BY_REPORT(group_cancel, async_group_cancel(group))
REFUSED_BY_ANSWER(timeout_reschedule, async_timeout_reschedule(scope, 0) == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(timeout_when, async_timeout_when(scope) == INT64_MAX)
REFUSED_BY_BOTH(timeout_expired, !async_timeout_expired(scope))
REFUSED_BY_REPORT(completions_free, async_completions_free(completions))
REFUSED_BY_ANSWER(lock_release, async_lock_release(&lock) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(lock_finish, async_lock_finish(&lock))
REFUSED_BY_ANSWER(event_set, async_event_set(&event) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(event_clear, async_event_clear(&event) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(event_finish, async_event_finish(&event))
REFUSED_BY_ANSWER(condition_notify, async_condition_notify(&condition, 1) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(condition_notify_all, async_condition_notify_all(&condition) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(condition_finish, async_condition_finish(&condition))
REFUSED_BY_ANSWER(semaphore_release, async_semaphore_release(&semaphore) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(semaphore_finish, async_semaphore_finish(&semaphore))
REFUSED_BY_ANSWER(barrier_reset, async_barrier_reset(&barrier) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(barrier_abort, async_barrier_abort(&barrier) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(barrier_finish, async_barrier_finish(&barrier))
REFUSED_BY_ANSWER(queue_put_nowait, async_queue_put_nowait(queue, 1) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(queue_get_nowait, async_queue_get_nowait(queue, &(int){0}) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(queue_task_done, async_queue_task_done(queue) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(queue_shutdown, async_queue_shutdown(queue) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(queue_shutdown_now, async_queue_shutdown_now(queue) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(queue_destroy, async_queue_destroy(queue))
REFUSED_BY_ANSWER(stream_write_nowait, async_stream_write_nowait(stream, "x", 1) == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(stream_printf_nowait, async_stream_printf_nowait(stream, "x") == ASYNC_WRONG_THREAD)
REFUSED_BY_ANSWER(stream_write_eof, async_stream_write_eof(stream) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(stream_set_exception, async_stream_set_exception(stream, EIO, "no"))
REFUSED_BY_REPORT(stream_set_write_limits, async_stream_set_write_limits(stream, 1, 0))
REFUSED_BY_REPORT(stream_close, async_stream_close(stream))
REFUSED_BY_REPORT(stream_abort, async_stream_abort(stream))
REFUSED_BY_REPORT(stream_free, async_stream_free(stream))
REFUSED_BY_REPORT(stream_retain, async_stream_retain(stream))
REFUSED_BY_REPORT(stream_set_limit, async_stream_set_limit(stream, 3))
REFUSED_BY_BOTH(stream_fd, async_stream_fd(stream) == -1)
REFUSED_BY_BOTH(stream_unsent, async_stream_unsent(stream) == 0)
REFUSED_BY_BOTH(stream_is_closing, !async_stream_is_closing(stream))
REFUSED_BY_BOTH(stream_at_eof, !async_stream_at_eof(stream))
REFUSED_BY_BOTH(stream_partial, async_stream_partial(stream).size == 0)
REFUSED_BY_BOTH(process_returncode, async_process_returncode(process) == ASYNC_STILL_RUNNING)
REFUSED_BY_BOTH(process_send_signal, async_process_send_signal(process, SIGKILL) == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(process_terminate, async_process_terminate(process) == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(process_kill, async_process_kill(process) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(process_free, async_process_free(process))
REFUSED_BY_BOTH(lock_locked, !async_lock_locked(&lock))
REFUSED_BY_REPORT(event_is_set, async_event_is_set(&event))
REFUSED_BY_REPORT(semaphore_locked, async_semaphore_locked(&semaphore))
REFUSED_BY_REPORT(barrier_broken, async_barrier_broken(&barrier))
REFUSED_BY_REPORT(barrier_n_waiting, async_barrier_n_waiting(&barrier))
REFUSED_BY_BOTH(queue_size, async_queue_size(queue) == 0)
REFUSED_BY_BOTH(queue_empty, async_queue_empty(queue))
REFUSED_BY_BOTH(queue_full, !async_queue_full(queue))
REFUSED_BY_REPORT(queue_set_destructor, async_queue_set_destructor(queue, destroy))
REFUSED_BY_BOTH(server_port, async_server_port(server) == -1)
REFUSED_BY_REPORT(server_close, async_server_close(server))
REFUSED_BY_REPORT(server_close_clients, async_server_close_clients(server))
REFUSED_BY_REPORT(server_abort_clients, async_server_abort_clients(server))
REFUSED_BY_REPORT(server_free, async_server_free(server))
REFUSED_BY_REPORT(loop_stop, async_loop_stop(owner))
REFUSED_BY_ANSWER(loop_close, !async_loop_close(owner))
REFUSED_BY_ANSWER(loop_run_once, async_loop_run_once(owner, 0) == ASYNC_RUNNING_LOOP)
REFUSED_BY_REPORT(loop_run_forever, async_loop_run_forever(owner))
REFUSED_BY_REPORT(set_eager, async_set_eager(owner, true))
REFUSED_BY_REPORT(set_debug, async_set_debug(owner, true))
REFUSED_BY_BOTH(get_eager, !async_get_eager(owner))
REFUSED_BY_BOTH(get_debug, !async_get_debug(owner))
REFUSED_BY_REPORT(set_slow_callback_duration, async_set_slow_callback_duration(owner, 1))
REFUSED_BY_BOTH(loop_fd, async_loop_fd(owner) == -1)
REFUSED_BY_BOTH(loop_next_deadline, async_loop_next_deadline(owner) == INT64_MAX)

REFUSED_BY_REPORT(sim_seed, async_sim_seed(owner, 1))
REFUSED_BY_REPORT(sim_shuffle, async_sim_shuffle(owner, true))
REFUSED_BY_REPORT(sim_patience, async_sim_patience(owner, 1))
REFUSED_BY_REPORT(sim_fault_rate, async_sim_fault_rate(owner, ASYNC_SIM_SHORT, 1))
REFUSED_BY_BOTH(sim_faults, async_sim_faults(owner, ASYNC_SIM_SHORT) == 0)
REFUSED_BY_BOTH(sim_steps, async_sim_steps(owner) == 0)
REFUSED_BY_BOTH(sim_trace_hash, async_sim_trace_hash(owner) == 0)
REFUSED_BY_REPORT(sim_network, async_sim_network(owner, ASYNC_SIM_NETWORK_REAL))
REFUSED_BY_REPORT(sim_latency, async_sim_latency(owner, 1, 1))
REFUSED_BY_REPORT(sim_segments, async_sim_segments(owner, 1))
REFUSED_BY_REPORT(sim_buffer, async_sim_buffer(owner, 1))
REFUSED_BY_REPORT(sim_descriptors, async_sim_descriptors(owner, 1))
REFUSED_BY_BOTH(sim_open_descriptors, async_sim_open_descriptors(owner) == 0)
REFUSED_BY_BOTH(sim_host, async_sim_host(owner, "name", "192.0.2.1") == ASYNC_WRONG_THREAD)
REFUSED_BY_BOTH(sim_cut_off, async_sim_cut_off(owner, "192.0.2.1", true) == ASYNC_WRONG_THREAD)

/* Where no loop runs, what needs one says so. */
REFUSED_BY_ANSWER(create_future, !async_create_future(int))
REFUSED_BY_ANSWER(call_soon, !async_call_soon(run, NULL))
REFUSED_BY_ANSWER(call_later, !async_call_later(0, run, NULL))
REFUSED_BY_ANSWER(call_at, !async_call_at(0, run, NULL))
REFUSED_BY_BOTH(all_tasks, async_all_tasks(NULL, 0) == 0)
REFUSED_BY_REPORT(print_tasks, async_print_tasks())
REFUSED_BY_ANSWER(as_completed, !async_as_completed(NULL, 0, 1))
REFUSED_BY_ANSWER(add_reader, async_add_reader(0, run, NULL))
REFUSED_BY_ANSWER(add_writer, async_add_writer(0, run, NULL))
REFUSED_BY_ANSWER(remove_reader, !async_remove_reader(0))
REFUSED_BY_ANSWER(remove_writer, !async_remove_writer(0))
REFUSED_BY_ANSWER(add_signal_handler, async_add_signal_handler(SIGUSR1, run, NULL))
REFUSED_BY_ANSWER(local_set, async_local_set(&local, 3) == ASYNC_WRONG_THREAD)
REFUSED_BY_REPORT(set_exception_handler, async_set_exception_handler(NULL, NULL))
REFUSED_BY_ANSWER(current_task, !async_current_task())
REFUSED_BY_ANSWER(get_running_loop, !async_get_running_loop())

/* ---- What is awaited: each raises ASYNC_WRONG_THREAD ---- */

#define REFUSED_AT_AWAIT(name, A)                               \
	static async bool name(void)                            \
	{                                                       \
		async_error err = await async_catch(A);         \
                                                                \
		return err.code == ASYNC_WRONG_THREAD;          \
	}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

static char byte[1];
static async_handle handles[1];

REFUSED_AT_AWAIT(await_task, *task)
REFUSED_AT_AWAIT(await_future, *future)
REFUSED_AT_AWAIT(await_coroutine, *coroutine)
REFUSED_AT_AWAIT(wait_for, async_wait_for(*future, 1))
REFUSED_AT_AWAIT(shield, async_shield(*future))
REFUSED_AT_AWAIT(gather, async_gather(*future, *task))
REFUSED_AT_AWAIT(gather_n, async_gather_n(handles, 1))
REFUSED_AT_AWAIT(gather_n_or_cancel, async_gather_n_or_cancel(handles, 1))
REFUSED_AT_AWAIT(wait_, async_wait(handles, 1, ASYNC_ALL_COMPLETED, 1))
REFUSED_AT_AWAIT(wait_or_cancel, async_wait_or_cancel(handles, 1, ASYNC_ALL_COMPLETED, 1))
REFUSED_AT_AWAIT(next_completed, async_next_completed(completions))
REFUSED_AT_AWAIT(lock_acquire, async_lock_acquire(&lock))
REFUSED_AT_AWAIT(event_wait, async_event_wait(&event))
REFUSED_AT_AWAIT(condition_wait, async_condition_wait(&condition))
REFUSED_AT_AWAIT(condition_wait_for, async_condition_wait_for(&condition, always, NULL))
REFUSED_AT_AWAIT(semaphore_acquire, async_semaphore_acquire(&semaphore))
REFUSED_AT_AWAIT(barrier_wait, async_barrier_wait(&barrier))
REFUSED_AT_AWAIT(queue_put, async_queue_put(queue, 3))
REFUSED_AT_AWAIT(queue_get, async_queue_get(queue))
REFUSED_AT_AWAIT(queue_join, async_queue_join(queue))
REFUSED_AT_AWAIT(stream_read, async_stream_read(stream, byte, 1))
REFUSED_AT_AWAIT(stream_read_all, async_stream_read_all(stream))
REFUSED_AT_AWAIT(stream_readline, async_stream_readline(stream))
REFUSED_AT_AWAIT(stream_readuntil, async_stream_readuntil(stream, ";", 1))
REFUSED_AT_AWAIT(stream_readexactly, async_stream_readexactly(stream, byte, 1))
REFUSED_AT_AWAIT(stream_write, async_stream_write(stream, byte, 1))
REFUSED_AT_AWAIT(stream_drain, async_stream_drain(stream))
REFUSED_AT_AWAIT(stream_wait_closed, async_stream_wait_closed(stream))
REFUSED_AT_AWAIT(server_wait_closed, async_server_wait_closed(server))
REFUSED_AT_AWAIT(serve_forever, async_serve_forever(server))
REFUSED_AT_AWAIT(process_wait, async_process_wait(process))
REFUSED_AT_AWAIT(process_communicate, async_process_communicate(process, NULL, 0))

static async void touch(void)
{
	run(NULL);
}

/* The task is this loop's, so it ends here: cancelled. */
static async bool create_task_in(void)
{
	async_task(void) stray = async_create_task_in(group, touch());

	wants_report = true;
	return (await async_catch(*stray)).code == ASYNC_CANCELLED;
}

#undef REFUSED_AT_AWAIT
#define AWAITABLE(name) {#name, name}
static const struct {
	const char *name;
	async bool (*is_refused)(void);
} awaitables[] = {
	AWAITABLE(await_task), AWAITABLE(await_future), AWAITABLE(await_coroutine), AWAITABLE(wait_for), AWAITABLE(shield),
	AWAITABLE(gather), AWAITABLE(gather_n), AWAITABLE(gather_n_or_cancel), AWAITABLE(wait_), AWAITABLE(wait_or_cancel), AWAITABLE(next_completed),
	AWAITABLE(lock_acquire), AWAITABLE(event_wait), AWAITABLE(condition_wait), AWAITABLE(condition_wait_for),
	AWAITABLE(semaphore_acquire), AWAITABLE(barrier_wait), AWAITABLE(queue_put), AWAITABLE(queue_get), AWAITABLE(queue_join),
	AWAITABLE(stream_read), AWAITABLE(stream_read_all), AWAITABLE(stream_readline), AWAITABLE(stream_readuntil),
	AWAITABLE(stream_readexactly), AWAITABLE(stream_write), AWAITABLE(stream_drain), AWAITABLE(stream_wait_closed),
	AWAITABLE(server_wait_closed), AWAITABLE(serve_forever), AWAITABLE(process_wait), AWAITABLE(process_communicate),
	AWAITABLE(create_task_in),
};

#define CALL(name) {#name, name}
static const struct {
	const char *name;
	bool (*is_refused)(void);
} of_a_loop[] = {
	CALL(cancel), CALL(cancel_with), CALL(cancelling), CALL(uncancel), CALL(set_result), CALL(set_done), CALL(set_exception),
	CALL(set_error), CALL(result), CALL(exception), CALL(is_done), CALL(cancelled), CALL(add_done_callback),
	CALL(remove_done_callback), CALL(set_result_destructor), CALL(retain), CALL(release), CALL(detach), CALL(set_name),
	CALL(get_name), CALL(wake), CALL(cancel_call), CALL(group_cancel), CALL(completions_free), CALL(lock_release),
	CALL(lock_finish), CALL(event_set), CALL(event_clear), CALL(event_finish), CALL(condition_notify),
	CALL(condition_notify_all), CALL(condition_finish), CALL(semaphore_release), CALL(semaphore_finish), CALL(barrier_reset),
	CALL(barrier_abort), CALL(barrier_finish), CALL(queue_put_nowait), CALL(queue_get_nowait), CALL(queue_task_done),
	CALL(queue_shutdown), CALL(queue_shutdown_now), CALL(queue_destroy), CALL(stream_write_nowait), CALL(stream_printf_nowait),
	CALL(stream_write_eof), CALL(stream_set_exception), CALL(stream_set_write_limits), CALL(stream_close), CALL(stream_abort),
	CALL(stream_free), CALL(server_close), CALL(server_close_clients), CALL(server_abort_clients), CALL(server_free),
	CALL(loop_stop), CALL(loop_close), CALL(loop_run_once), CALL(loop_run_forever), CALL(set_eager), CALL(set_debug),
	CALL(timeout_reschedule), CALL(timeout_when), CALL(timeout_expired),
	CALL(stream_retain), CALL(stream_set_limit), CALL(stream_fd), CALL(stream_unsent), CALL(stream_is_closing),
	CALL(stream_at_eof), CALL(stream_partial), CALL(process_returncode), CALL(process_send_signal), CALL(process_terminate),
	CALL(process_kill), CALL(process_free), CALL(lock_locked), CALL(event_is_set), CALL(semaphore_locked), CALL(barrier_broken),
	CALL(barrier_n_waiting), CALL(queue_size), CALL(queue_empty), CALL(queue_full), CALL(queue_set_destructor), CALL(server_port),
	CALL(get_eager), CALL(get_debug), CALL(set_slow_callback_duration), CALL(loop_fd), CALL(loop_next_deadline),
}, of_a_simulated_loop[] = {
	CALL(sim_seed), CALL(sim_shuffle), CALL(sim_patience), CALL(sim_fault_rate), CALL(sim_faults), CALL(sim_trace_hash), CALL(sim_steps),
	CALL(sim_network), CALL(sim_latency), CALL(sim_segments), CALL(sim_buffer), CALL(sim_descriptors), CALL(sim_open_descriptors),
	CALL(sim_host), CALL(sim_cut_off),
}, of_any_loop[] = {
	CALL(create_future), CALL(call_soon), CALL(call_later), CALL(call_at), CALL(all_tasks), CALL(print_tasks), CALL(as_completed),
	CALL(add_reader), CALL(add_writer), CALL(remove_reader), CALL(remove_writer), CALL(add_signal_handler), CALL(local_set),
	CALL(set_exception_handler), CALL(current_task), CALL(get_running_loop),
};

/* What the handler of a loop here hears, or, without a loop, the default one says. */
static unsigned heard;

static void hear(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
	heard++;
}

static bool was_reported(int words)
{
	char text[4096];

	return heard || read(words, text, sizeof text) > 0;
}

static void check(const char *name, bool (*is_refused)(void), int words)
{
	bool refused;

	wants_report = false;
	heard = 0;
	refused = is_refused();
	refused &= was_reported(words) || !wants_report;
	if (!refused)
		printf("async_%s was not refused\n", name);
	CHECK(refused);
}

static async void call_from_another_loop(int words)
{
	async_set_exception_handler(hear, NULL);
	for (size_t i = 0; i < sizeof of_a_loop / sizeof *of_a_loop; i++)
		check(of_a_loop[i].name, of_a_loop[i].is_refused, words);
	for (size_t i = 0; i < sizeof awaitables / sizeof *awaitables; i++) {
		bool refused;

		wants_report = false;
		heard = 0;
		refused = await awaitables[i].is_refused();
		if (!refused || (wants_report && !heard))
			printf("%s was not refused\n", awaitables[i].name);
		CHECK(refused && (!wants_report || heard));
	}
}

static void *misuse(void *arg)
{
	int words = *(int *)arg;

	for (size_t i = 0; i < sizeof of_a_loop / sizeof *of_a_loop; i++)
		check(of_a_loop[i].name, of_a_loop[i].is_refused, words);
	for (size_t i = 0; owner->backend == &async_loop_sim && i < sizeof of_a_simulated_loop / sizeof *of_a_simulated_loop; i++)
		check(of_a_simulated_loop[i].name, of_a_simulated_loop[i].is_refused, words);
	for (size_t i = 0; i < sizeof of_any_loop / sizeof *of_any_loop; i++)
		check(of_any_loop[i].name, of_any_loop[i].is_refused, words);
	async_run(call_from_another_loop(words));
	return NULL;
}

static async void serve(async_stream *s, void *arg)
{
	(void)s, (void)arg;
	await async_sleep(1000);
}

static async void sleeper(void)
{
	await async_sleep(1000);
}

static async void prepare(int fd)
{
	static char much[1 << 22];
	struct async_spawn_options nothing = {.in = ASYNC_NULL, .out = ASYNC_NULL, .err = ASYNC_NULL};
	async_handle h;

	owner = async_get_running_loop();
	was_eager = async_get_eager(owner);
	future = async_create_future(int);
	call = async_call_later(1000, run, NULL);
	h = future;
	completions = async_as_completed(&h, 1, ASYNC_FOREVER);
	await async_lock_acquire(&lock);
	await async_lock_acquire(async_condition_lock(&condition));
	async_event_clear(&event);
	async_condition_notify(&condition, 1);
	async_semaphore_release(&semaphore);
	async_barrier_init(&barrier, 2);
	async_barrier_reset(&barrier);
	queue = async_queue_create(int, 1);
	async_queue_put_nowait(queue, 5);
	stream = async_stream_new(fd);
	CHECK(async_stream_write_nowait(stream, much, sizeof much) == 0 && async_stream_unsent(stream)); /* it is the loop's now */
	server = await async_start_server(serve, NULL, "127.0.0.1", 0);
	process = await async_spawn((const char *const[]){"sleep", "30", NULL}, &nothing);
	coroutine = async_coroutine(touch());
	handles[0] = future;
}

/* Nothing has changed. */
static async void clean_up(void)
{
	int item = 0;

	CHECK(!async_done(task) && async_cancelling(task) == 0 && strcmp(async_get_name(task), "mine"));
	CHECK(!async_done(future) && async_set_result(future, 4) == 0 && await *future == 4);
	CHECK(async_done(future)); /* it was not retained: stale by now */
	CHECK(async_cancel_call(call));
	async_completions_free(completions);
	CHECK(async_lock_locked(&lock) && async_lock_release(&lock) == 0);
	CHECK(async_lock_release(async_condition_lock(&condition)) == 0);
	CHECK(!async_event_is_set(&event) && !async_semaphore_locked(&semaphore) && !async_barrier_broken(&barrier));
	CHECK(async_queue_get_nowait(queue, &item) == 0 && item == 5);
	async_queue_destroy(queue);
	CHECK(!async_stream_is_closing(stream) && async_stream_unsent(stream));
	async_stream_abort(stream);
	async_stream_free(stream);
	CHECK(async_server_port(server) > 0);
	async_server_free(server);
	CHECK(async_process_returncode(process) == ASYNC_STILL_RUNNING);
	async_process_free(process);
	CHECK(async_get_eager(owner) == was_eager && !async_get_debug(owner) && !n_ran);
	await *coroutine;
	CHECK(n_ran == 1);
}

static async void in_a_group(int words)
{
	pthread_t thread;

	async_task_group (g) {
		group = g;
		task = async_create_task_in(g, sleeper());
		async_retain(task);
		async_timeout_as (t, 1000) {
			int64_t when = async_timeout_when(t);

			scope = t;
			await async_sleep(0);
			CHECK(!pthread_create(&thread, NULL, misuse, &words));
			pthread_join(thread, NULL);
			await async_sleep(0);
			CHECK(async_timeout_when(t) == when);
		}
		await clean_up();
		async_group_cancel(g);
	}
}

static async void run_it(int words)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	await prepare(ends[0]);
	await in_a_group(words);
	async_release(task);
	close(ends[1]);
}

/* ---- What is nobody's goes to whoever uses it first ---- */

static async_stream *handed_over;

static async void make_a_stream(int fd)
{
	handed_over = async_stream_new(fd);
	CHECK(await async_stream_read(handed_over, byte, 1) == 1);
}

static async void use_it(void)
{
	CHECK(await async_stream_read(handed_over, byte, 1) == 1 && *byte == 'b');
	async_stream_free(handed_over);
}

static void *use_it_there(void *arg)
{
	(void)arg;
	async_run(use_it());
	return NULL;
}

TEST(a_stream_of_a_loop_that_was_closed_is_free_for_another_thread)
{
	pthread_t thread;
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "ab", 2) == 2);
	async_run(make_a_stream(ends[0]));
	CHECK(!pthread_create(&thread, NULL, use_it_there, NULL) && !pthread_join(thread, NULL));
	close(ends[1]);
}

TEST(semantics_30_every_call_from_another_thread_is_refused_and_changes_nothing)
{
	int words[2];

	CHECK(pipe2(words, O_NONBLOCK) == 0);
	dup2(words[1], STDERR_FILENO);
	async_run(run_it(words[0]));
	close(words[0]);
	close(words[1]);
}
