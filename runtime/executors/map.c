/* map.c: what async_executor_map awaits: one function over an array, so many jobs at a time.
 * Completes: the last job's end wakes the task.  Owner: the lanes, each of which has one job after the other, are in the
 * task's arena and hold their jobs.  Thread: the loop's.  Cancel: cancels the jobs of all lanes, begins no more, ends
 * cancelled when they have ended: the arrays are the caller's again then. */
#include "job.h"

struct lane {
	struct async__entry entry; /* among the job's waiters */
	struct map_frame *map;
	struct async__future *job; /* held; NULL: the lane has come to its end */
	size_t i;                  /* of the element */
};

struct map_frame {
	async_frame base;
	const async_map_type *type;
	async_executor *pool;
	size_t at_once;
	void *results;
	void (*function)(void);
	const void *arguments;
	size_t n;
	/* what callers need not know */
	struct lane *lanes;
	size_t n_lanes, busy;
	size_t next;                /* the first element without a job */
	struct async__task *task;
	struct async__error *error; /* the first; a reference */
	bool cancelled;
};

static void lane_ended(struct async__entry *entry);

/* The ith job as a future; NULL without memory. */
static struct async__future *submit(struct map_frame *f, size_t i)
{
	void *job = async__new_job(f->pool, f->type->job);
	async_handle handle;

	if (job)
		f->type->fill(job, f->function, f->arguments, i);
	handle = async__submit(job);
	return handle ? async__find_future(handle, "async_executor_map", NULL) : NULL;
}

/* Its own reference; the others are told. */
static void fail(struct map_frame *f, struct async__error *error)
{
	if (f->error) {
		async__error_unref(error);
		return;
	}
	f->error = error;
	for (size_t i = 0; i < f->n_lanes; i++)
		if (f->lanes[i].job)
			async__cancel(f->lanes[i].job, NULL);
}

static void go_on(struct map_frame *f, struct lane *lane)
{
	if (f->error || f->cancelled || f->next == f->n)
		return;
	lane->i = f->next++;
	lane->job = submit(f, lane->i);
	if (!lane->job) {
		fail(f, async__error_new(ASYNC_NO_MEMORY, NULL));
		return;
	}
	f->busy++;
	async__watch(lane->job, &lane->entry);
}

/* The result's bytes are the job's, as they are of a future's type. */
static void take(struct map_frame *f, struct lane *lane)
{
	struct async__future *job = lane->job;

	job->retrieved = true;
	job->taken = true;
	if (job->state == ASYNC__DONE) {
		f->type->take(async__result_of(job), f->results, lane->i);
		job->used = true;
	} else {
		fail(f, job->error ? async__error_ref(job->error) : async__error_new(ASYNC_CANCELLED, NULL));
	}
}

static void lane_ended(struct async__entry *entry)
{
	struct lane *lane = async__container_of(entry, struct lane, entry);
	struct map_frame *f = lane->map;
	struct async__future *job = lane->job;

	take(f, lane);
	lane->job = NULL;
	f->busy--;
	async__let_go(job);
	go_on(f, lane);
	if (!f->busy)
		async__wake(f->task);
}

static enum async__abort abort_map(async_frame *frame)
{
	struct map_frame *f = (struct map_frame *)frame;

	f->cancelled = true;
	for (size_t i = 0; i < f->n_lanes; i++)
		if (f->lanes[i].job)
			async__cancel(f->lanes[i].job, NULL);
	return ASYNC__LATER;
}

static async_status end(struct map_frame *f, async_status status)
{
	async__pop(f->task, f->lanes);
	if (status == ASYNC_FAILED) {
		async__error_unref(f->error); /* a cancellation overrides it */
		return status;
	}
	if (f->error)
		return async__raise_error(f->error);
	return f->cancelled ? async__raise(ASYNC_CANCELLED, NULL) : ASYNC_DONE;
}

static async_status begin(struct map_frame *f, const async_point *at)
{
	f->task = async__self.task;
	f->error = NULL;
	f->cancelled = false;
	f->busy = f->next = 0;
	if (f->n == 0)
		return ASYNC_DONE;
	f->n_lanes = f->at_once && f->at_once < f->n ? f->at_once : f->n;
	f->lanes = f->n_lanes > SIZE_MAX / sizeof *f->lanes ? NULL
							    : async__push(f->task, f->n_lanes * sizeof *f->lanes, _Alignof(struct lane));
	if (!f->lanes)
		return async__raise(ASYNC_NO_MEMORY, NULL);
	for (size_t i = 0; i < f->n_lanes; i++)
		f->lanes[i] = (struct lane){.entry.run = async__runs(lane_ended), .map = f};
	for (size_t i = 0; i < f->n_lanes; i++)
		go_on(f, &f->lanes[i]);
	if (!f->busy)
		return end(f, ASYNC_DONE);
	return async__park(&f->base, at + 1, abort_map);
}

static async_status map_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct map_frame *f = (struct map_frame *)frame;

	return at->state ? end(f, status) : begin(f, at);
}

const async_function async__executor_map__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct map_frame),
	.frame_align = _Alignof(struct map_frame),
	.result_offset = sizeof(async_frame),
	.points = ASYNC_POINTS(async__executor_map__async, map_resume, NULL),
	.name = "async_executor_map",
	.file = "runtime/executors/map.c",
};

void async__executor_map(const async_map_type *type, async_executor *pool, size_t at_once, void *results, void (*function)(void),
			 const void *arguments, size_t n)
{
	struct map_frame *f = async__entry(&async__executor_map__async, (void (*)(void))async__executor_map);

	if (f) {
		f->type = type;
		f->pool = pool;
		f->at_once = at_once;
		f->results = results;
		f->function = function;
		f->arguments = arguments;
		f->n = n;
	}
	async__entry_run(f, NULL, 0);
}
