/* unclosed.c: in debug mode (ASYNC_DEBUG=1), what nobody has closed when the process ends is named on stderr: streams and loops.
 * Completes and owns nothing; a note lives in what it is about.  Any thread, under a lock.  A forked child speaks of its own things
 * only. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct async__link notes = { &notes, &notes };

static void tell(void)
{
	pthread_mutex_lock(&lock);
	for (struct async__link *link = notes.next; link != &notes; link = link->next) {
		struct async__note *note = async__container_of(link, struct async__note, listed);

		if (note->process != getpid() || (note->fd && *note->fd < 0))
			continue;
		if (note->fd)
			fprintf(stderr, "asyncc: a %s on descriptor %d was never closed: %s is missing\n", note->what, *note->fd, note->remedy);
		else
			fprintf(stderr, "asyncc: a %s was never closed: %s is missing\n", note->what, note->remedy);
	}
	pthread_mutex_unlock(&lock);
}

static void tell_at_exit(void)
{
	atexit(tell);
}

void async__note_open(struct async__note *note, const char *what, const char *remedy, const int *fd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	note->listed.next = NULL;
	if (!async__wanted("ASYNC_DEBUG"))
		return;
	pthread_once(&once, tell_at_exit);
	*note = (struct async__note){ .what = what, .remedy = remedy, .fd = fd, .process = getpid() };
	pthread_mutex_lock(&lock);
	async__list_append(&notes, &note->listed);
	pthread_mutex_unlock(&lock);
}

void async__note_closed(struct async__note *note)
{
	if (!async__linked(&note->listed))
		return;
	pthread_mutex_lock(&lock);
	async__list_remove(&note->listed);
	pthread_mutex_unlock(&lock);
}
