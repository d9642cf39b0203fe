/* wire.h: what a process pool and its workers say to each other, over a stream socket between two processes of one
 * program on one machine.
 *
 * The pool sends a wire_head and head.size bytes after it; the worker answers each WIRE_JOB and WIRE_INITIALISE with a
 * wire_reply and reply.size bytes of result.  One job at a time.  The end of the stream tells the worker to leave. */
#ifndef ASYNC_WIRE_H
#define ASYNC_WIRE_H

#include <stdint.h>

#define WIRE_ENVIRONMENT "ASYNCC_WORKER" /* "descriptor:process id of the pool" */
#define WIRE_DESCRIPTOR 3

enum wire_kind {
	WIRE_JOB = 1, /* a wire_job, the module's name, the job's struct, the strings that are not NULL; each string
	               * and the name with its terminating zero */
	WIRE_INITIALISE, /* a wire_job that says where the function is, the module's name; answered as a job without result */
	WIRE_CANCEL,  /* nobody waits for the job of that id any more; no answer */
};

struct wire_head {
	uint32_t kind;
	uint32_t zero;
	uint64_t id; /* of the job */
	uint64_t size;
};

struct wire_job {
	uint64_t type_offset; /* of the async_job_type in its module */
	uint64_t name_size;   /* of the module's name */
	uint64_t job_size;
	uint64_t strings_size;
};

struct wire_reply {
	uint64_t id;
	int64_t code; /* 0, or why it could not be run */
	uint64_t size;
};

#endif
