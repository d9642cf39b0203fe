/* queue_test.c: queues.  Numbers: README.md. */
#include "play.h"

#include <errno.h>

static async_queue(int) q;

static async_handle put(int value)
{
	return async__queue_put_task(ASYNC__QUEUE(q), &value, sizeof value);
}

static async_handle get(void)
{
	return async__queue_get_task(ASYNC__QUEUE(q), sizeof(int));
}

static async_handle join(void)
{
	return async__queue_join_task(ASYNC__QUEUE(q));
}

static int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x / 10 > *y / 10) - (*x / 10 < *y / 10);
}

static const char *drain(void)
{
	static char text[256];
	int value;

	*text = '\0';
	while (!async_queue_empty(q)) {
		CHECK(async_queue_get_nowait(q, &value) == 0);
		sprintf(text + strlen(text), "%d ", value);
	}
	return text;
}

SCRIPT(orders)
{
	static const int items[] = { 31, 12, 45, 11, 32, 13, 10 };
	static size_t i;
	static int value;

	BEGIN;
	q = async_queue_create(int, 0);
	for (i = 0; i < 7; i++)
		CHECK(async_queue_put_nowait(q, items[i]) == 0);
	CHECK(async_queue_size(q) == 7 && !async_queue_full(q));
	CHECK(!strcmp(drain(), "31 12 45 11 32 13 10 "));
	CHECK(async_queue_get_nowait(q, &value) == ASYNC_QUEUE_EMPTY);
	async_queue_destroy(q);
	q = async_queue_create_lifo(int, 0);
	for (i = 0; i < 7; i++)
		CHECK(async_queue_put_nowait(q, items[i]) == 0);
	CHECK(!strcmp(drain(), "10 13 32 11 45 12 31 "));
	async_queue_destroy(q);
	q = async_queue_create_priority(int, 0, compare);
	for (i = 0; i < 7; i++)
		CHECK(async_queue_put_nowait(q, items[i]) == 0);
	CHECK(!strcmp(drain(), "12 11 13 10 31 32 45 ")); /* by tens; equal ones in the order of their puts */
	async_queue_destroy(q);
	async_queue_destroy((async_queue(int))NULL);
	END;
}

TEST(semantics_184_first_in_last_in_or_least_comes_first)
{
	PLAY_SIM(orders);
}

SCRIPT(full)
{
	static async_handle a, b, g;
	static int value;

	BEGIN;
	q = async_queue_create(int, 2);
	CHECK(async_queue_maxsize(q) == 2);
	AWAIT_VOID(put(1));
	AWAIT_VOID(put(2));
	CHECK(async_queue_full(q) && async_queue_put_nowait(q, 3) == ASYNC_QUEUE_FULL);
	a = put(3), b = put(4);
	YIELD;
	YIELD;
	CHECK(!async_done(a) && async_queue_size(q) == 2);
	AWAIT(get(), &value);
	CHECK(value == 1);
	AWAIT_VOID(a);
	CHECK(!async_done(b));
	CHECK(!strcmp(drain(), "2 3 "));
	AWAIT_VOID(b);
	CHECK(!strcmp(drain(), "4 "));
	g = get();
	YIELD;
	CHECK(async_queue_put_nowait(q, 5) == 0);
	AWAIT(g, &value);
	CHECK(value == 5);
	async_queue_destroy(q);
	END;
}

TEST(semantics_184_a_full_queue_makes_putters_wait_and_an_empty_one_getters)
{
	PLAY_SIM(full);
}

SCRIPT(ring)
{
	static int i, value, out;

	BEGIN;
	q = async_queue_create(int, 0);
	for (i = 0; i < 1000; i++) {
		CHECK(async_queue_put_nowait(q, i) == 0);
		if (i % 3 == 0) {
			CHECK(async_queue_get_nowait(q, &value) == 0 && value == out);
			out++;
		}
	}
	while (!async_queue_empty(q)) {
		CHECK(async_queue_get_nowait(q, &value) == 0 && value == out);
		out++;
	}
	CHECK(out == 1000);
	async_queue_destroy(q);
	END;
}

TEST(a_queue_keeps_its_order_while_it_grows)
{
	PLAY_SIM(ring);
}

SCRIPT(get_race)
{
	static async_handle a, b;
	static int value;

	BEGIN;
	q = async_queue_create(int, 0);
	a = get(), b = get();
	YIELD;
	CHECK(async_queue_put_nowait(q, 1) == 0); /* wakes a */
	CHECK(async_cancel(a));
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT(b, &value);
	CHECK(value == 1);
	a = get(), b = get();
	YIELD;
	CHECK(async_cancel(a));
	CHECK(async_queue_put_nowait(q, 2) == 0);
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT(b, &value);
	CHECK(value == 2);
	a = get();
	YIELD;
	CHECK(async_queue_put_nowait(q, 3) == 0);
	CHECK(async_cancel(a));
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	CHECK(async_queue_size(q) == 1); /* stays */
	async_queue_destroy(q);
	END;
}

TEST(semantics_185_a_cancelled_getter_takes_nothing_and_wakes_the_next)
{
	PLAY_SIM(get_race);
}

SCRIPT(put_race)
{
	static async_handle a, b;
	static int value;

	BEGIN;
	q = async_queue_create(int, 1);
	CHECK(async_queue_put_nowait(q, 1) == 0);
	a = put(2), b = put(3);
	YIELD;
	CHECK(async_queue_get_nowait(q, &value) == 0); /* wakes a */
	CHECK(async_cancel(a));
	AWAIT_ERROR(a, ASYNC_CANCELLED);
	AWAIT_VOID(b);
	CHECK(!strcmp(drain(), "3 "));
	async_queue_destroy(q);
	END;
}

TEST(semantics_186_a_cancelled_putter_puts_nothing_and_its_place_goes_on)
{
	PLAY_SIM(put_race);
}

SCRIPT(timed_out)
{
	static int i;

	BEGIN;
	q = async_queue_create(int, 1);
	for (i = 0; i < 3; i++)
		AWAIT_ERROR(async__wait_for_handle(get(), 1, sizeof(int)), ASYNC_TIMEOUT);
	CHECK(async_queue_put_nowait(q, 1) == 0);
	for (i = 0; i < 3; i++)
		AWAIT_ERROR(async__wait_for_handle(put(2), 1, 0), ASYNC_TIMEOUT);
	CHECK(!strcmp(drain(), "1 "));
	CHECK(async_queue_empty(q));
	async_queue_destroy(q);
	END;
}

TEST(semantics_187_waiters_whose_time_is_up_are_gone)
{
	PLAY_SIM(timed_out);
}

SCRIPT(joining)
{
	static async_handle j;
	static int value, i;

	BEGIN;
	q = async_queue_create(int, 0);
	AWAIT_VOID(join());
	CHECK(async_queue_task_done(q) == EINVAL);
	for (i = 0; i < 3; i++)
		CHECK(async_queue_put_nowait(q, i) == 0);
	j = join();
	for (i = 0; i < 3; i++) {
		YIELD;
		CHECK(!async_done(j));
		CHECK(async_queue_get_nowait(q, &value) == 0 && value == i);
		CHECK(async_queue_task_done(q) == 0);
	}
	AWAIT_VOID(j);
	CHECK(async_queue_task_done(q) == EINVAL);
	async_queue_destroy(q);
	END;
}

TEST(semantics_188_join_waits_for_every_item_to_be_done)
{
	PLAY_SIM(joining);
}

static void note_item(void *item)
{
	note("%d", *(int *)item);
}

SCRIPT(shutting)
{
	static async_handle g, p, j;
	static int value;

	BEGIN;
	q = async_queue_create(int, 2);
	CHECK(async_queue_put_nowait(q, 1) == 0 && async_queue_put_nowait(q, 2) == 0);
	p = put(3);
	YIELD;
	CHECK(async_queue_shutdown(q) == 0);
	AWAIT_ERROR(p, ASYNC_SHUT_DOWN);
	CHECK(async_queue_put_nowait(q, 4) == ASYNC_SHUT_DOWN);
	AWAIT_ERROR(put(4), ASYNC_SHUT_DOWN);
	AWAIT(get(), &value);
	CHECK(value == 1);
	CHECK(async_queue_get_nowait(q, &value) == 0 && value == 2);
	CHECK(async_queue_get_nowait(q, &value) == ASYNC_SHUT_DOWN);
	AWAIT_ERROR(get(), ASYNC_SHUT_DOWN);
	async_queue_destroy(q);

	q = async_queue_create(int, 0);
	g = get();
	YIELD;
	CHECK(async_queue_shutdown(q) == 0 && async_queue_shutdown(q) == 0);
	AWAIT_ERROR(g, ASYNC_SHUT_DOWN);
	async_queue_destroy(q);

	q = async_queue_create(int, 0);
	async_queue_set_destructor(q, note_item);
	CHECK(async_queue_put_nowait(q, 1) == 0 && async_queue_put_nowait(q, 2) == 0 && async_queue_put_nowait(q, 3) == 0);
	CHECK(async_queue_get_nowait(q, &value) == 0);
	j = join();
	YIELD;
	CHECK(async_queue_shutdown_now(q) == 0);
	CHECK_SEEN("2 3");
	YIELD;
	CHECK(!async_done(j)); /* 1 is not done */
	CHECK(async_queue_task_done(q) == 0);
	AWAIT_VOID(j);
	async_queue_destroy(q);
	END;
}

TEST(semantics_189_a_queue_that_is_shut_down_drains)
{
	PLAY_SIM(shutting);
}

SCRIPT(destroying)
{
	static async_handle g, p;

	BEGIN;
	q = async_queue_create(int, 1);
	async_queue_set_destructor(q, note_item);
	g = get();
	YIELD;
	async_queue_destroy(q);
	AWAIT_ERROR(g, ASYNC_CLOSED);
	q = async_queue_create(int, 1);
	async_queue_set_destructor(q, note_item);
	CHECK(async_queue_put_nowait(q, 7) == 0);
	p = put(8);
	YIELD;
	async_queue_destroy(q);
	AWAIT_ERROR(p, ASYNC_CLOSED);
	CHECK_SEEN("7");
	q = async_queue_create(int, 1);
	async_queue_set_destructor(q, note_item);
	CHECK(async_queue_put_nowait(q, 9) == 0);
	async_detach(get()); /* nobody takes the result */
	SLEEP(1);
	CHECK_SEEN("9");
	async_queue_destroy(q);
	END;
}

TEST(items_that_nobody_gets_go_to_the_destructor)
{
	PLAY_SIM(destroying);
}

struct wide {
	_Alignas(64) char bytes[64];
};

static int by_first_byte(const void *a, const void *b)
{
	CHECK((uintptr_t)a % 64 == 0 && (uintptr_t)b % 64 == 0);
	return *(const char *)a - *(const char *)b;
}

SCRIPT(aligned)
{
	static async_queue(struct wide) w;
	static struct wide value;
	static char i;

	BEGIN;
	w = async_queue_create_priority(struct wide, 0, by_first_byte);
	for (i = 20; i; i--)
		CHECK(async_queue_put_nowait(w, (struct wide){ .bytes = { i } }) == 0);
	for (i = 1; i <= 20; i++)
		CHECK(async_queue_get_nowait(w, &value) == 0 && value.bytes[0] == i);
	async_queue_destroy(w);
	END;
}

TEST(a_priority_queue_keeps_the_alignment_of_its_items)
{
	PLAY_SIM(aligned);
}

SCRIPT(everything)
{
	static int value;

	BEGIN;
	q = async_queue_create_priority(int, 0, compare);
	AWAIT_STATUS(put(1), NULL, 0);
	if (self->status == ASYNC_DONE)
		AWAIT_STATUS(get(), &value, sizeof value);
	if (q)
		async_queue_destroy(q);
	return self->status;
	END;
}

TEST(every_allocation_of_a_queue_may_fail)
{
	for (unsigned long n = 1;; n++) {
		async_error error;

		async__fail_alloc(n);
		error = CATCH(PLAY(everything));
		if (async__allocs() < n)
			break;
		CHECK(error.code == 0 || error.code == ASYNC_NO_MEMORY);
	}
	async__fail_alloc(0);
}
