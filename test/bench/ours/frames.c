/* frames.c: the fixed coroutines whose frames are compared; `asyncc --frames` tells their sizes, so this is never linked. */
#include <async.h>

#include <stdint.h>

struct state {
	uint64_t a, b, c, d;
	uint32_t n;
};

/* Elsewhere, all of these. */
void use(char *p, size_t n);
uint64_t source(void);
void sink(uint64_t x);
void *acquire(void);
void release(void **resource);

/* A leaf operation that suspends: what the kernel, or who completes it, has to know.  Who only lets others go first has the library's
 * own, as C++ and Rust have theirs. */
struct operation {
	async_awaitable_t awaitable;
	int fd;
	void *buffer;
	size_t size;
};
async_status operate(struct async_awaitable *self, void *result);

#define BEGIN(fd, buffer, size) ((struct operation){{.step = operate}, fd, buffer, size})

async void echo512(int fd)
{
	char buffer[512];
	struct operation op;

	for (;;) {
		op = BEGIN(fd, buffer, sizeof buffer);
		ssize_t n = await async_awaitable(ssize_t, &op);

		if (n <= 0)
			break;
		for (ssize_t offset = 0; offset < n;) {
			op = BEGIN(fd, buffer + offset, (size_t)(n - offset));
			ssize_t sent = await async_awaitable(ssize_t, &op);

			if (sent <= 0)
				return;
			offset += sent;
		}
	}
}

async void siblings2x1K(int fd)
{
	{
		char a[1024];
		struct operation op;

		use(a, sizeof a);
		op = BEGIN(fd, a, sizeof a);
		await async_awaitable(ssize_t, &op);
		use(a, sizeof a);
	}
	{
		char b[1024];
		struct operation op;

		use(b, sizeof b);
		op = BEGIN(fd, b, sizeof b);
		await async_awaitable(ssize_t, &op);
		use(b, sizeof b);
	}
}

static async uint64_t fifth(uint64_t x)
{
	await async_sleep(0);
	return x + source();
}

static async uint64_t fourth(uint64_t x)
{
	return await fifth(x + 1) + x;
}

static async uint64_t third(uint64_t x)
{
	return await fourth(x + 1) + x;
}

static async uint64_t second(uint64_t x)
{
	return await third(x + 1) + x;
}

async uint64_t chain5(uint64_t x)
{
	return await second(x + 1) + x;
}

async uint64_t scalars10live3(void)
{
	uint64_t a = source(), b = source(), c = source(), d = source(), e = source(), f = source(), g = source(), h = source(),
		 i = source(), j = source();

	sink(a + b + c + d + e + f + g);
	await async_sleep(0);
	return h + (i ^ j);
}

async uint64_t structloop(uint32_t n)
{
	struct state s = {source(), source(), source(), source(), 0};

	for (; s.n < n; s.n++) {
		s.a += s.b;
		s.b ^= s.c;
		s.c += s.d;
		s.d = s.a ^ s.a << 13;
		await async_sleep(0);
	}
	return s.a + s.b + s.c + s.d;
}

async int cleanup(int fd)
{
	__attribute__((cleanup(release))) void *resource = acquire();
	struct operation op = BEGIN(fd, resource, 64);

	if (await async_awaitable(ssize_t, &op) < 0)
		return -1;
	op = BEGIN(fd, resource, 32);
	return await async_awaitable(ssize_t, &op) < 0 ? -2 : 0;
}
