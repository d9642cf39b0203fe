/* left.c: what a cancelled task's operation has yielded all the same: connections, and bytes.  There is little of it, if any.
 * Completes: nothing.  Owns: both, until somebody accepts or reads again, the descriptor is closed, or the loop.  Thread: the loop's. */
#include "io.h"

#include <sys/stat.h>
#include <unistd.h>

struct left {
	struct async__link listed; /* in loop->left, in order of arrival */
	struct async__closer closer;
	int from;                  /* the descriptor that it came from, */
	dev_t device;              /* and what file that was: numbers are used again */
	ino_t inode;
	int fd;                    /* a connection; -1: bytes */
	bool message;              /* not a part of a stream */
	size_t begin, end;
	char bytes[];
};

static void free_left(struct left *left)
{
	async__list_remove(&left->listed);
	async__list_remove(&left->closer.listed);
	async__free(left);
}

static void on_loop_closed(struct async__closer *closer)
{
	struct left *left = async__container_of(closer, struct left, closer);

	if (left->fd >= 0)
		close(left->fd);
	free_left(left);
}

static bool is_from(const struct left *left, int fd)
{
	struct stat file;

	return left->from == fd && !fstat(fd, &file) && file.st_dev == left->device && file.st_ino == left->inode;
}

static struct left *find(int fd)
{
	struct async__link *head = &async__self.loop->left;

	for (struct async__link *link = head->next; link && link != head; link = link->next) {
		struct left *left = async__container_of(link, struct left, listed);

		if (is_from(left, fd))
			return left;
	}
	return NULL;
}

/* NULL without memory. */
static struct left *leave(int from, size_t size)
{
	struct left *left = async__alloc_zeroed(sizeof *left + size);
	async_loop *loop = async__self.loop;
	struct stat file;

	if (!left || fstat(from, &file)) {
		async__free(left);
		return NULL;
	}
	if (!loop->left.next)
		async__list_init(&loop->left);
	left->from = from;
	left->device = file.st_dev;
	left->inode = file.st_ino;
	left->fd = -1;
	left->closer.loop_closed = on_loop_closed;
	async__list_append(&loop->left, &left->listed);
	async__on_close(loop, &left->closer);
	return left;
}

bool async__has_left(int fd)
{
	return find(fd);
}

void async__drop_left(int fd)
{
	struct left *left;

	while ((left = find(fd)))
		on_loop_closed(&left->closer);
}

/* ---- Connections ---- */

void async__leave_connection(int listener, int fd)
{
	struct left *left = leave(listener, 0);

	if (left)
		left->fd = fd;
	else
		close(fd);
}

bool async__take_connection(int listener, struct sockaddr *address, socklen_t *length, int *fd)
{
	struct left *left = find(listener);

	if (!left)
		return false;
	*fd = left->fd;
	free_left(left);
	if (address && getpeername(*fd, address, length))
		*length = 0; /* it has gone already */
	return true;
}

/* ---- Bytes ---- */

bool async__leave_bytes(int fd, const void *bytes, size_t size)
{
	struct left *left = leave(fd, size);
	int type = SOCK_STREAM;

	if (!left)
		return false;
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type});
	left->message = type != SOCK_STREAM;
	left->end = size;
	memcpy(left->bytes, bytes, size);
	return true;
}

ssize_t async__take_bytes(int fd, void *buffer, size_t size, bool keep)
{
	struct left *left = find(fd);
	size_t n;

	if (!left)
		return -1;
	n = left->end - left->begin < size ? left->end - left->begin : size;
	memcpy(buffer, left->bytes + left->begin, n);
	if (keep)
		return (ssize_t)n;
	left->begin += n;
	if (left->message || left->begin == left->end)
		free_left(left);
	return (ssize_t)n;
}
