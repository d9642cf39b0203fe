/* The ground of the position matrix: leaves that are ready, suspend, fail or wait to be cancelled at their Nth call, and a
 * log of all that happens.  matrix.py appends the slots and their table.  -DTWIN: the sequential program. */
#include <async.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum mode { READY, PENDING, PENDING_AT, FAIL_AT, FAIL_LATER_AT, CANCEL_AT };
static const char *const mode_names[] = {"ready", "pending", "pending-at", "fail-at", "fail-later-at", "cancel-at"};
static enum mode mode;
static int at, calls, waiting;

struct big {
	int a;
	double b;
	char c[24];
};
typedef int *pointer;
typedef struct big structure;
static int numbers[8];

static void say(const char *what)
{
	puts(what);
}

static int make_int(int k) { return k; }
static double make_double(int k) { return k + .5; }
static structure make_structure(int k) { return (structure){k, k * 2.0, "text"}; }
static pointer make_pointer(int k) { return numbers + (k & 7); }
static int key_int(int v) { return v; }
static int key_double(double v) { return (int)(v * 2); }
static int key_structure(structure v) { return v.a * 100 + (int)v.b + v.c[1]; }
static int key_pointer(pointer v) { return v ? (int)(v - numbers) : -1; }

#ifdef TWIN
#define async_try if (1)
#define async_except(e) else for (struct { int code; } e = {0};;)
static int comes_through(void)
{
	printf("leaf %d\n", ++calls);
	return 0;
}
#define WAIT (void)0
#define FAIL (void)0
#else
static int comes_through(void)
{
	printf("leaf %d\n", ++calls);
	return mode == PENDING ? 1 : calls == at ? (int)mode : 0;
}
#define WAIT await async_sleep(0)
#define FAIL async_raise(EINVAL, "as told")
#endif

#define GROUND(T) \
	static T global_##T, array_##T[4]; \
	struct box_##T { char before; T m; T n[2]; }; \
	static struct box_##T box_##T; \
	static async T leaf_##T(T v) \
	{ \
		int how = comes_through(); \
		if (how == PENDING || how == PENDING_AT || how == FAIL_LATER_AT) \
			WAIT; \
		if (how == FAIL_AT || how == FAIL_LATER_AT) \
			FAIL; \
		if (how == CANCEL_AT) { \
			waiting = 1; \
			while (how) \
				WAIT; \
		} \
		return v; \
	} \
	static T told_##T(int k, T v) \
	{ \
		printf("told %d: %d\n", k, key_##T(v)); \
		return v; \
	} \
	static T three_##T(T a, T b, T c) \
	{ \
		printf("three: %d %d %d\n", key_##T(a), key_##T(b), key_##T(c)); \
		return b; \
	} \
	static async T echo_##T(T v) \
	{ \
		return v; \
	} \
	static T *place_##T(int k) \
	{ \
		printf("place %d\n", k); \
		return &array_##T[k]; \
	} \
	static void reset_##T(void) \
	{ \
		memset(array_##T, 0, sizeof array_##T); \
		memset(&global_##T, 0, sizeof global_##T); \
		memset(&box_##T, 0, sizeof box_##T); \
	} \
	static void look_##T(void) \
	{ \
		printf("global %d array %d %d box %d %d\n", key_##T(global_##T), key_##T(array_##T[1]), key_##T(array_##T[2]), \
		       key_##T(box_##T.m), key_##T(box_##T.n[1])); \
	} \
	static void ground_##T(void) \
	{ \
		(void)told_##T, (void)three_##T, (void)echo_##T, (void)place_##T, (void)make_##T, (void)look_##T; \
	}
GROUND(int)
GROUND(double)
GROUND(structure)
GROUND(pointer)

struct bits {
	unsigned low : 3;
	int high : 7;
	_Bool truth : 1;
};
static struct bits bits;
static volatile int restless;
static _Atomic int atom;
static _Bool truth;
static unsigned char narrow;

static void drop(int *v)
{
	printf("drop %d\n", *v);
}

static void reset(void)
{
	for (int i = 0; i < 8; i++)
		numbers[i] = i;
	memset(&bits, 0, sizeof bits);
	restless = 1;
	atom = 2;
	truth = 0;
	narrow = 250;
	calls = waiting = 0;
	reset_int();
	reset_double();
	reset_structure();
	reset_pointer();
	ground_int();
	ground_double();
	ground_structure();
	ground_pointer();
	(void)say, (void)drop, (void)mode_names, (void)at, (void)waiting;
}

struct slot {
	const char *name;
	void (*run)(void);
};
