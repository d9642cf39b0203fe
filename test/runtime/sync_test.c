/* sync_test.c: locks, events, conditions, semaphores, barriers.  Numbers: README.md. */
#include "play.h"

#include <errno.h>

/* A library function of one pointer, to be awaited in place. */
static async_handle call(const async_function *function, void *object)
{
	struct {
		async_frame base;
		void *object;
	} *f = async__new_task(function);

	if (f)
		f->object = object;
	return async__keep_coroutine(f);
}

static async_handle named(async_handle task, const char *name)
{
	async_set_name(task, name);
	return task;
}

#define START_AS(script, name) async__start_handle(named(CORO(script), (name)))

static const char *me(void)
{
	return async_get_name(async_current_task());
}

/* ---- Lock ---- */

static async_lock lock;
#define ACQUIRE(l) AWAIT_PROPAGATE(call(&async_lock_acquire__async, (l)))

SCRIPT(locker)
{
	BEGIN;
	ACQUIRE(&lock);
	note("%s", me());
	SLEEP(1);
	CHECK(async_lock_release(&lock) == 0);
	END;
}

SCRIPT(locking)
{
	static async_handle a, b, c;

	BEGIN;
	CHECK(async_lock_release(&lock) == ASYNC_INVALID_STATE);
	ACQUIRE(&lock);
	CHECK(async_lock_locked(&lock));
	a = START_AS(locker, "a"), b = START_AS(locker, "b"), c = START_AS(locker, "c");
	YIELD;
	CHECK(async_cancel(b));
	CHECK(async_lock_release(&lock) == 0);
	AWAIT_VOID(a);
	AWAIT_ERROR(b, ASYNC_CANCELLED);
	AWAIT_VOID(c);
	CHECK_SEEN("a c");
	CHECK(!async_lock_locked(&lock) && !lock.waiters.first);
	CHECK(async_lock_release(&lock) == ASYNC_INVALID_STATE);
	END;
}

TEST(semantics_170_a_lock_is_had_in_order_and_a_cancelled_waiter_leaves_no_trace)
{
	PLAY_SIM(locking);
}

/* The head is woken and cancelled in one turn. */
SCRIPT(lock_race)
{
	static async_handle a, b, c;

	BEGIN;
	ACQUIRE(&lock);
	a = START_AS(locker, "a"), b = START_AS(locker, "b"), c = START_AS(locker, "c");
	YIELD;
	CHECK(async_lock_release(&lock) == 0);
	CHECK(async_cancel(a));
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT_VOID(b);
	AWAIT_VOID(c);
	CHECK_SEEN("b c");
	ACQUIRE(&lock);
	a = START_AS(locker, "a"), b = START_AS(locker, "b");
	YIELD;
	CHECK(async_cancel(a)); /* the other way round */
	CHECK(async_lock_release(&lock) == 0);
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT_VOID(b);
	CHECK_SEEN("b");
	END;
}

TEST(semantics_171_a_cancelled_head_passes_the_lock_on)
{
	PLAY_SIM(lock_race);
}

/* Released, and not yet taken by the waiter it was released to: nobody else gets in between. */
SCRIPT(no_barging)
{
	static async_handle a;

	BEGIN;
	ACQUIRE(&lock);
	a = START_AS(locker, "a");
	YIELD;
	CHECK(async_lock_release(&lock) == 0);
	CHECK(!async_lock_locked(&lock));
	ACQUIRE(&lock);
	note("me");
	CHECK(async_lock_release(&lock) == 0);
	AWAIT_VOID(a);
	CHECK_SEEN("a me");
	END;
}

TEST(a_lock_goes_to_the_waiter_it_was_released_to)
{
	PLAY_SIM(no_barging);
}

SCRIPT(finishing)
{
	static async_handle a;

	BEGIN;
	ACQUIRE(&lock);
	a = START_AS(locker, "a");
	YIELD;
	async_lock_finish(&lock);
	AWAIT_ERROR(a, ASYNC_CLOSED);
	async_lock_finish(NULL);
	END;
}

TEST(who_waits_for_a_lock_that_is_finished_is_told)
{
	PLAY_SIM(finishing);
}

/* ---- Loops ---- */

SCRIPT(uses_lock)
{
	BEGIN;
	ACQUIRE(&lock);
	CHECK(async_lock_release(&lock) == 0);
	END;
}

SCRIPT(is_refused)
{
	BEGIN;
	AWAIT_ERROR(call(&async_lock_acquire__async, &lock), ASYNC_WRONG_THREAD);
	async_set_exception_handler(note_error, NULL);
	CHECK(async_lock_release(&lock) == ASYNC_WRONG_THREAD);
	CHECK_SEEN("[async_lock_release: called from a thread that does not own the loop]");
	END;
}

static void *other_thread(void *arg)
{
	(void)arg;
	PLAY_SIM(is_refused);
	return NULL;
}

SCRIPT(has_thread)
{
	static pthread_t thread;

	BEGIN;
	ACQUIRE(&lock);
	CHECK(!pthread_create(&thread, NULL, other_thread, NULL));
	CHECK(!pthread_join(thread, NULL));
	CHECK(async_lock_release(&lock) == 0);
	END;
}

TEST(semantics_178_another_loop_is_refused_while_the_first_one_exists)
{
	PLAY_SIM(has_thread);
	PLAY_SIM(uses_lock); /* that loop is gone */
}

SCRIPT(two_loops)
{
	BEGIN;
	AWAIT_ERROR(call(&async_lock_acquire__async, &lock), ASYNC_WRONG_THREAD);
	END;
}

TEST(semantics_178_another_loop_of_the_same_thread_is_refused_too)
{
	async_loop *first = async_loop_new(&sim_backend), *second = async_loop_new(&sim_backend);

	async__use_loop(first);
	PLAY(uses_lock);
	async__use_loop(second);
	PLAY(two_loops);
	async_loop_close(first);
	async__use_loop(second);
	PLAY(uses_lock);
	async_loop_close(second);
}

static async_event event;

SCRIPT(stuck)
{
	BEGIN;
	AWAIT_STATUS(call(&async_event_wait__async, &event), NULL, 0);
	AWAIT_STATUS(call(&async_event_wait__async, &event), NULL, 0); /* insists */
	END;
}

SCRIPT(leaves_stuck)
{
	BEGIN;
	START(stuck);
	async_set_exception_handler(note_error, NULL);
	YIELD;
	END;
}

SCRIPT(sets_event)
{
	BEGIN;
	CHECK(async_event_set(&event) == 0);
	AWAIT_VOID(call(&async_event_wait__async, &event));
	END;
}

TEST(waiters_that_died_with_their_loop_are_forgotten)
{
	PLAY_SIM(leaves_stuck);
	CHECK(strstr(seen, "stuck"));
	CHECK(event.waiters.first);
	PLAY_SIM(sets_event);
}

/* ---- Event ---- */

SCRIPT(event_waiter)
{
	BEGIN;
	AWAIT_PROPAGATE(call(&async_event_wait__async, &event));
	note("%s", me());
	END;
}

SCRIPT(setting)
{
	static async_handle a, b, c, d;

	BEGIN;
	a = START_AS(event_waiter, "a"), b = START_AS(event_waiter, "b"), c = START_AS(event_waiter, "c");
	YIELD;
	async_cancel(b);
	CHECK(!async_event_is_set(&event));
	CHECK(async_event_set(&event) == 0 && async_event_set(&event) == 0);
	d = START_AS(event_waiter, "d");
	AWAIT_VOID(d);
	AWAIT_VOID(a);
	AWAIT_ERROR(b, ASYNC_CANCELLED);
	AWAIT_VOID(c);
	CHECK_SEEN(QUEUED_OR_EAGER("a c d", "d a c")); /* eager: d found it set */
	CHECK(async_event_clear(&event) == 0);
	a = START_AS(event_waiter, "a"), b = START_AS(event_waiter, "b");
	YIELD;
	async_event_set(&event);
	async_event_clear(&event);
	c = START_AS(event_waiter, "c");
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK(!async_done(c));
	async_event_set(&event);
	AWAIT_VOID(c);
	CHECK_SEEN("a b c");
	END;
}

TEST(semantics_172_an_event_wakes_all_who_wait)
{
	PLAY_SIM(setting);
}

/* ---- Condition ---- */

static async_condition condition;
static int ready;
#define CONDITION_WAIT AWAIT_PROPAGATE(call(&async_condition_wait__async, &condition))

SCRIPT(condition_waiter)
{
	BEGIN;
	ACQUIRE(async_condition_lock(&condition));
	AWAIT_STATUS(call(&async_condition_wait__async, &condition), NULL, 0);
	note("%s:%s%s", me(), self->status == ASYNC_DONE ? "woken" : take_error().message,
	     async_lock_locked(async_condition_lock(&condition)) ? "" : " without the lock");
	CHECK(async_lock_release(async_condition_lock(&condition)) == 0);
	END;
}

SCRIPT(notifying)
{
	static async_handle a, b, c, d;

	BEGIN;
	AWAIT_ERROR(call(&async_condition_wait__async, &condition), ASYNC_INVALID_STATE);
	CHECK(async_condition_notify(&condition, 1) == ASYNC_INVALID_STATE);
	a = START_AS(condition_waiter, "a"), b = START_AS(condition_waiter, "b"), c = START_AS(condition_waiter, "c"), d = START_AS(condition_waiter, "d");
	YIELD;
	ACQUIRE(&condition.own);
	CHECK(async_condition_notify(&condition, 2) == 0);
	YIELD;
	CHECK_SEEN(""); /* they want the lock */
	CHECK(async_lock_release(&condition.own) == 0);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("a:woken b:woken");
	ACQUIRE(&condition.own);
	CHECK(async_condition_notify(&condition, 2048) == 0);
	CHECK(async_condition_notify_all(&condition) == 0);
	CHECK(async_lock_release(&condition.own) == 0);
	AWAIT_VOID(c);
	AWAIT_VOID(d);
	CHECK_SEEN("c:woken d:woken");
	END;
}

TEST(semantics_173_174_a_condition_wakes_in_order_and_needs_its_lock)
{
	PLAY_SIM(notifying);
}

SCRIPT(cancelling_waits)
{
	static async_handle a, b;

	BEGIN;
	a = START_AS(condition_waiter, "a");
	YIELD;
	ACQUIRE(&condition.own);
	CHECK(async_cancel_with(a, "first"));
	YIELD;
	YIELD;
	CHECK(!async_done(a)); /* takes the lock again first */
	CHECK(async_cancel_with(a, "second"));
	YIELD;
	CHECK(!async_done(a));
	CHECK(async_lock_release(&condition.own) == 0);
	AWAIT_VOID(a);
	CHECK_SEEN("a:second");
	a = START_AS(condition_waiter, "a"), b = START_AS(condition_waiter, "b");
	YIELD;
	ACQUIRE(&condition.own);
	CHECK(async_condition_notify(&condition, 1) == 0);
	CHECK(async_cancel(a));
	CHECK(async_lock_release(&condition.own) == 0);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("a:cancelled b:woken");
	END;
}

TEST(semantics_173_175_176_a_cancelled_wait_has_the_lock_and_loses_no_notification)
{
	PLAY_SIM(cancelling_waits);
}

SCRIPT(late)
{
	static struct async__scope scope;
	static async_handle wait;

	BEGIN;
	ACQUIRE(&condition.own);
	async__timeout_block_begin(&scope, 1);
	wait = call(&async_condition_wait__async, &condition);
	AWAIT_STATUS(wait, NULL, 0);
	self->status = async__timeout_end(&scope, self->status);
	CHECK(self->status == ASYNC_FAILED && take_error().code == ASYNC_TIMEOUT);
	CHECK(sim_seconds() == 1 && async_lock_locked(&condition.own));
	CHECK(async_lock_release(&condition.own) == 0);
	END;
}

TEST(semantics_177_a_wait_that_times_out_has_the_lock)
{
	PLAY_SIM(late);
}

SCRIPT(shared_consumer)
{
	BEGIN;
	ACQUIRE(&lock);
	while (!ready)
		CONDITION_WAIT;
	note("%s", me());
	ready--;
	CHECK(async_lock_release(&lock) == 0);
	END;
}

SCRIPT(shares_lock)
{
	static async_handle a, b;

	BEGIN;
	async_condition_init(&condition, &lock);
	a = START_AS(shared_consumer, "a"), b = START_AS(shared_consumer, "b");
	SLEEP(1);
	ACQUIRE(&lock);
	ready = 2;
	CHECK(async_condition_notify_all(&condition) == 0);
	CHECK(async_lock_release(&lock) == 0);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("a b");
	a = START_AS(shared_consumer, "a");
	YIELD;
	async_condition_finish(&condition);
	AWAIT_ERROR(a, ASYNC_CLOSED);
	END;
}

TEST(a_condition_may_share_a_lock)
{
	PLAY_SIM(shares_lock);
}

SCRIPT(lock_vanishes)
{
	static async_handle a;

	BEGIN;
	a = START_AS(condition_waiter, "a");
	YIELD;
	ACQUIRE(&condition.own);
	CHECK(async_condition_notify(&condition, 1) == 0);
	YIELD;
	async_lock_finish(&condition.own);
	CHECK(async_lock_release(&condition.own) == ASYNC_INVALID_STATE);
	ACQUIRE(&condition.own);
	AWAIT_VOID(a);
	CHECK_SEEN("a:async_lock: finished while somebody waited");
	END;
}

TEST(a_condition_whose_lock_is_finished_gives_up)
{
	PLAY_SIM(lock_vanishes);
}

/* ---- Semaphore ---- */

static async_semaphore semaphore;
#define TAKE AWAIT_PROPAGATE(call(&async_semaphore_acquire__async, &semaphore))

SCRIPT(taker)
{
	BEGIN;
	TAKE;
	note("%s", me());
	SLEEP(1);
	CHECK(async_semaphore_release(&semaphore) == 0);
	END;
}

SCRIPT(sharing)
{
	static async_handle t[6];
	static int i;

	BEGIN;
	async_semaphore_init(&semaphore, 2);
	for (i = 0; i < 6; i++)
		t[i] = START_AS(taker, ((const char *[]){ "a", "b", "c", "d", "e", "f" })[i]);
	YIELD;
	CHECK(async_semaphore_locked(&semaphore));
	CHECK_SEEN("a b");
	async_cancel(t[2]);
	SLEEP(0.5);
	CHECK(sim_seconds() == 0.5);
	SLEEP(0.5);
	YIELD;
	YIELD;
	YIELD;
	CHECK_SEEN("d e");
	AWAIT_ERROR(t[2], ASYNC_CANCELLED);
	for (i = 0; i < 6; i++)
		if (i != 2)
			AWAIT_VOID(t[i]);
	CHECK_SEEN("f");
	CHECK(sim_seconds() == 3 && semaphore.value == 2 && !async_semaphore_locked(&semaphore));
	END;
}

TEST(semantics_179_a_semaphore_serves_in_order)
{
	PLAY_SIM(sharing);
}

SCRIPT(not_overtaken)
{
	static async_handle a, b;

	BEGIN;
	async_semaphore_init(&semaphore, 1);
	TAKE;
	a = START_AS(taker, "a");
	YIELD;
	CHECK(async_semaphore_release(&semaphore) == 0);
	CHECK(async_semaphore_release(&semaphore) == 0); /* one to spare, and a has not run yet */
	CHECK(async_semaphore_locked(&semaphore));
	b = START_AS(taker, "b");
	TAKE;
	note("me");
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN(QUEUED_OR_EAGER("a me b", "a b me")); /* eager: b came before me */
	END;
}

TEST(semantics_179_nobody_overtakes_a_waiter)
{
	PLAY_SIM(not_overtaken);
}

SCRIPT(token_not_lost)
{
	static async_handle a, b, c;

	BEGIN;
	async_semaphore_init(&semaphore, 1);
	TAKE;
	a = START_AS(taker, "a"), b = START_AS(taker, "b"), c = START_AS(taker, "c");
	YIELD;
	async_cancel(a); /* before it is woken */
	CHECK(async_semaphore_release(&semaphore) == 0);
	async_cancel(b); /* after */
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT_ERROR(b, ASYNC_CANCELLED);
	AWAIT_VOID(c);
	CHECK_SEEN("c");
	CHECK(semaphore.value == 1);
	TAKE;
	a = START_AS(taker, "a");
	b = START_AS(taker, "b");
	YIELD;
	async_semaphore_finish(&semaphore);
	AWAIT_ERROR(a, ASYNC_CLOSED);
	AWAIT_ERROR(b, ASYNC_CLOSED);
	END;
}

TEST(semantics_180_a_cancelled_head_loses_no_unit)
{
	PLAY_SIM(token_not_lost);
}

SCRIPT(bounded)
{
	BEGIN;
	async_semaphore_init_bounded(&semaphore, 1);
	CHECK(async_semaphore_release(&semaphore) != 0);
	TAKE;
	CHECK(async_semaphore_release(&semaphore) == 0);
	CHECK(async_semaphore_release(&semaphore) != 0);
	END;
}

TEST(a_semaphore_may_be_bounded_by_none_and_does_not_begin_anew_at_the_most)
{
	async_semaphore_init_bounded(&semaphore, 0);
	CHECK(async_semaphore_release(&semaphore) == EINVAL);
	async_semaphore_init_bounded(&semaphore, SIZE_MAX);
	CHECK(async_semaphore_release(&semaphore) == EINVAL && semaphore.value == SIZE_MAX);
	async_semaphore_init(&semaphore, SIZE_MAX - 1);
	CHECK(!async_semaphore_release(&semaphore) && async_semaphore_release(&semaphore) == EINVAL && semaphore.value == SIZE_MAX);
	async_semaphore_init(&semaphore, 0);
	CHECK(!async_semaphore_release(&semaphore) && semaphore.value == 1);
}

TEST(semantics_181_a_bounded_semaphore_refuses_to_be_released_too_often)
{
	PLAY_SIM(bounded);
}

enum { CROWD = 100000 };
static size_t n_taken;

SCRIPT(one_of_many)
{
	BEGIN;
	TAKE;
	n_taken++;
	END;
}

SCRIPT(crowd)
{
	static int i;

	BEGIN;
	for (i = 0; i < CROWD; i++)
		async_detach(START(one_of_many));
	YIELD;
	for (i = 0; i < CROWD; i++)
		CHECK(async_semaphore_release(&semaphore) == 0);
	YIELD;
	CHECK(n_taken == CROWD && semaphore.value == 0);
	END;
}

TEST(a_hundred_thousand_waiters_are_woken_in_linear_time)
{
	PLAY_SIM(crowd);
}

/* ---- Barrier ---- */

static async_barrier barrier;

static async_handle barrier_wait(void)
{
	struct async_barrier_wait__frame *f = async__new_task(&async_barrier_wait__async);

	f->barrier = &barrier;
	return async__keep_coroutine(f);
}

SCRIPT(party)
{
	size_t index;

	BEGIN;
	AWAIT_STATUS(barrier_wait(), &index, sizeof index);
	if (self->status == ASYNC_DONE)
		note("%s%zu", me(), index);
	else
		note("%s:%s", me(), take_error().message);
	END;
}

SCRIPT(rounds)
{
	static async_handle a, b, c;
	static size_t index;

	BEGIN;
	AWAIT_ERROR(barrier_wait(), EINVAL);
	async_barrier_init(&barrier, 3);
	a = START_AS(party, "a"), b = START_AS(party, "b");
	YIELD;
	CHECK(async_barrier_n_waiting(&barrier) == 2);
	c = START_AS(party, "c");
	AWAIT_VOID(c);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("c2 a0 b1");
	CHECK(async_barrier_n_waiting(&barrier) == 0);
	a = START_AS(party, "a"), b = START_AS(party, "b"); /* again */
	YIELD;
	async_cancel(a);
	AWAIT_VOID(a);
	CHECK_SEEN("a:cancelled");
	CHECK(async_barrier_n_waiting(&barrier) == 1);
	c = START_AS(party, "c");
	YIELD;
	AWAIT(barrier_wait(), &index);
	CHECK(index == 2);
	AWAIT_VOID(b);
	AWAIT_VOID(c);
	END;
}

TEST(semantics_182_a_barrier_lets_parties_go_together_again_and_again)
{
	PLAY_SIM(rounds);
}

SCRIPT(draining)
{
	static async_handle t[5];
	static int i;

	BEGIN;
	async_barrier_init(&barrier, 2);
	for (i = 0; i < 5; i++)
		t[i] = START_AS(party, ((const char *[]){ "a", "b", "c", "d", "e" })[i]);
	YIELD;
	CHECK(barrier.blocked.first); /* c, d and e came while a had not left yet */
	SLEEP(1);
	CHECK(async_barrier_n_waiting(&barrier) == 1);
	CHECK_SEEN("b1 a0 d1 c0");
	CHECK(async_barrier_abort(&barrier) == 0);
	for (i = 0; i < 5; i++)
		AWAIT_VOID(t[i]);
	CHECK_SEEN("e:the barrier was aborted");
	END;
}

TEST(semantics_182_who_comes_while_a_round_leaves_is_in_the_next)
{
	PLAY_SIM(draining);
}

SCRIPT(breaking)
{
	static async_handle a, b;

	BEGIN;
	async_barrier_init(&barrier, 3);
	a = START_AS(party, "a"), b = START_AS(party, "b");
	YIELD;
	CHECK(async_barrier_reset(&barrier) == 0);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("a:the barrier was reset b:the barrier was reset");
	CHECK(!async_barrier_broken(&barrier) && async_barrier_n_waiting(&barrier) == 0);
	a = START_AS(party, "a");
	YIELD;
	CHECK(async_barrier_abort(&barrier) == 0 && async_barrier_broken(&barrier));
	AWAIT_VOID(a);
	CHECK_SEEN("a:the barrier was aborted");
	AWAIT_ERROR(barrier_wait(), ASYNC_BROKEN_BARRIER);
	CHECK(async_barrier_reset(&barrier) == 0 && !async_barrier_broken(&barrier));
	a = START_AS(party, "a");
	YIELD;
	CHECK(async_barrier_n_waiting(&barrier) == 1);
	async_barrier_finish(&barrier);
	AWAIT_VOID(a);
	CHECK_SEEN("a:async_barrier: finished while somebody waited");
	END;
}

TEST(semantics_183_reset_and_abort_break_a_barrier)
{
	PLAY_SIM(breaking);
}

/* ---- From ordinary C, and without memory ---- */

TEST(a_lock_may_be_acquired_from_ordinary_c)
{
	async_lock_acquire(&lock);
	CHECK(async_lock_locked(&lock) && async_lock_release(&lock) == 0);
	async_event_set(&event);
	async_event_wait(&event);
}

TEST(every_allocation_of_a_locking_program_may_fail)
{
	for (unsigned long n = 1;; n++) {
		async_error error;

		async__fail_alloc(n);
		error = CATCH(PLAY(uses_lock));
		if (async__allocs() < n)
			break;
		CHECK(error.code == 0 || error.code == ASYNC_NO_MEMORY);
	}
	async__fail_alloc(0);
}
