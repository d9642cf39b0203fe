/* trace_test.async.c: the error return trace: file and line of every async function an error passed, whatever the way.
 * Numbers: README.md. */
#include "async_testing.h"
#include "virtual.h"

#include <errno.h>

static char trace[8192];

static void keep_trace(const async_error_context *context, void *arg)
{
	(void)arg;
	snprintf(trace, sizeof trace, "%s", context->trace);
}

/* The trace of what t failed with. */
static async void get_trace(async_task(void) t)
{
	async_set_exception_handler(keep_trace, NULL);
	trace[0] = '\0';
	async_detach(t);
	while (!trace[0])
		await async_sleep(1);
}

/* Does the trace go on like this?  Takes it off. */
static bool passed(const char *function, int line)
{
	char expected[64], *end = strchr(trace, '\n');
	size_t length;

	CHECK(end);
	*end = '\0';
	snprintf(expected, sizeof expected, "  at %s (", function);
	length = strlen(expected);
	if (strncmp(trace, expected, length) || !strstr(trace, "trace_test.async.c:") || atoi(strrchr(trace, ':') + 1) != line) {
		fprintf(stderr, "'%s' instead of %s, line %d\n", trace, function, line);
		return false;
	}
	memmove(trace, end + 1, strlen(end + 1) + 1);
	return true;
}

static bool says(const char *text)
{
	size_t length = strlen(text);

	if (strncmp(trace, text, length)) {
		fprintf(stderr, "'%s' instead of '%s'\n", trace, text);
		return false;
	}
	memmove(trace, trace + length, strlen(trace + length) + 1);
	return true;
}

enum { LINE_LEAF = __LINE__ + 3 };
static async int leaf(void)
{
	async_raise(EIO, "leaf");
	return 0;
}

enum { LINE_SLEEPY = __LINE__ + 4 };
static async int sleepy(void)
{
	await async_sleep(1);
	return await leaf() + 1;
}

enum { LINE_TRIES = __LINE__ + 4 };
static async int tries(void)
{
	async_try {
		return await sleepy();
	} async_except (error) {
		(void)error;
		await async_sleep(1);
		async_reraise();
	} async_finally {
		await async_sleep(1);
	}
	return 0;
}

enum { LINE_LIMITED = __LINE__ + 4 };
static async int limited(void)
{
	async_timeout (100) {
		return await async_wait_for(tries(), 50);
	}
	return 0;
}

enum { LINE_ROOT = __LINE__ + 4 };
static async void root(void)
{
	await async_sleep(0);
	await limited();
}

static async void run_frames(void)
{
	await get_trace(async_create_task(root()));
	CHECK(passed("leaf", LINE_LEAF) && passed("sleepy", LINE_SLEEPY) && passed("tries", LINE_TRIES));
	CHECK(passed("limited", LINE_LIMITED) && passed("root", LINE_ROOT));
	CHECK(!*trace);
}
TEST(semantics_10_the_trace_has_the_line_of_every_frame)
{
	async_run_on(virtual_loop(), run_frames());
}

enum { LINE_AWAITS = __LINE__ + 3 };
static async void awaits(async_task(int) t)
{
	await *t;
}

static async void run_tasks(void)
{
	async_task(int) t = async_create_task(sleepy());

	await get_trace(async_create_task(awaits(t)));
	CHECK(passed("leaf", LINE_LEAF) && passed("sleepy", LINE_SLEEPY) && passed("awaits", LINE_AWAITS) && !*trace);
}
TEST(semantics_10_the_trace_goes_on_in_the_task_that_awaited)
{
	async_run_on(virtual_loop(), run_tasks());
}

enum { LINE_GATHERS = __LINE__ + 5 };
static async void gathers(void)
{
	int a, b;

	await async_gather(a = sleepy(), b = tries());
	(void)a, (void)b;
}

static async void run_gather(void)
{
	await get_trace(async_create_task(gathers()));
	CHECK(passed("leaf", LINE_LEAF) && passed("sleepy", LINE_SLEEPY) && passed("gathers", LINE_GATHERS) && !*trace);
}
TEST(semantics_10_the_trace_goes_through_a_gather)
{
	async_run_on(virtual_loop(), run_gather());
}

enum { LINE_GROUP = __LINE__ + 3 };
static async void in_group(void)
{
	async_task_group (g)
		async_create_task_in(g, sleepy());
}

static async void run_group(void)
{
	await get_trace(async_create_task(in_group()));
	CHECK(passed("in_group", LINE_GROUP));
	CHECK(says("caused by: leaf [EIO]\n") && passed("leaf", LINE_LEAF) && passed("sleepy", LINE_SLEEPY) && !*trace);
}
TEST(a_group_has_the_traces_of_its_errors)
{
	async_run_on(virtual_loop(), run_group());
}

enum { LINE_INSTEAD = __LINE__ + 8 };
static async void raises_instead(void)
{
	async_error error = await async_catch(sleepy());

	async_try {
		async_raise_error(error); /* with the trace that it had */
	} async_except (again) {
		async_raise(EPIPE, "instead of %s", again.message);
	}
}

static async void run_instead(void)
{
	await get_trace(async_create_task(raises_instead()));
	CHECK(passed("raises_instead", LINE_INSTEAD));
	CHECK(says("caused by: leaf [EIO]\n") && passed("leaf", LINE_LEAF) && passed("sleepy", LINE_SLEEPY));
}
TEST(an_error_raised_instead_has_the_trace_of_its_cause)
{
	async_run_on(virtual_loop(), run_instead());
}

static async int deep(int n)
{
	return n ? await deep(n - 1) : await leaf();
}

static async void deepest(void)
{
	await deep(1000);
}

static async void run_deep(void)
{
	await get_trace(async_create_task(deepest()));
	CHECK(passed("leaf", LINE_LEAF) && strstr(trace, "  ... ") && strstr(trace, " more\n"));
}
TEST(a_long_trace_keeps_where_it_began_and_says_how_much_is_left_out)
{
	async_run_on(virtual_loop(), run_deep());
}
