// A volatile object is read and written exactly as often as in the same functions compiled directly: each access faults, is
// counted, and stepped over.
// REQUIRES: x86_64
// RUN: %exec_twin %s | FileCheck %s
// CHECK: written: 1
// CHECK-NEXT: updated: 2
// CHECK-NEXT: read twice: 2
// CHECK-NEXT: ignored: 2
// CHECK-NEXT: chained: 2
// CHECK-NEXT: condition: 3
// CHECK-NEXT: indexed: 3
// CHECK-NEXT: by value: 1
#define _GNU_SOURCE
#include <async.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

struct registers {
	volatile int port, list[4];
};
static struct registers *device;
static int accesses;
static volatile int one = 1; /* no compiler knows */

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n * one;
}

static void trap_accesses(int protection)
{
	if (mprotect(device, 4096, protection))
		abort();
}

static void on_access(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	(void)info;
	accesses += signal == SIGSEGV;
	trap_accesses(signal == SIGSEGV ? PROT_READ | PROT_WRITE : PROT_NONE);
	if (signal == SIGSEGV)
		c->uc_mcontext.gregs[REG_EFL] |= 0x100; /* trap after this instruction */
	else
		c->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

static async int written(struct registers *d) { int sent = d->port = await step(1); return sent; }
static async int updated(struct registers *d) { d->port *= await step(2); return 0; }
static async int read_twice(struct registers *d) { return d->port + await step(3) + d->port; }
static async int ignored(struct registers *d) { (void)d->port; await step(4); (void)d->port; return 0; }
static async int chained(struct registers *d) { int r = d->list[0] = d->list[1] = await step(5); return r; }
static async int condition(struct registers *d) { d->port = 1; return d->port && await step(2) && d->port; }
static async int indexed(struct registers *d) { return d->list[await step(1)] + (d->list[await step(2)] = 3) + d->list[2]; }
static async int by_value(struct registers *d) { return await step(d->port); }

static void count(const char *name, int (*function)(struct registers *))
{
	accesses = 0;
	trap_accesses(PROT_NONE);
	function(device);
	trap_accesses(PROT_READ | PROT_WRITE);
	printf("%s: %d\n", name, accesses);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_access, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	device = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	count("written", written);
	count("updated", updated);
	count("read twice", read_twice);
	count("ignored", ignored);
	count("chained", chained);
	count("condition", condition);
	count("indexed", indexed);
	count("by value", by_value);
	munmap(device, 4096);
	return 0;
}
