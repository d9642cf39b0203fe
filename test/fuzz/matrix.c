/* The ground of the position matrix: leaves that are ready, suspend, fail or wait to be cancelled at their Nth call, and a
 * log of all that happens.  matrix.py appends the slots and their table.  -DTWIN: the sequential program. */
#include <async.h>
#include <errno.h>
#include <stdarg.h>
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
#define async_reraise() (void)e
#define async_finally if (1)
#define async_timeout(seconds) if ((seconds) > 0)
#define TASK(call) call
#define TIMED(call) call
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
#define TASK(call) *async_create_task(call)
#define TIMED(call) async_wait_for(call, 1e6)
#endif

/* What functions need of a value, and places of that type. */
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
	static T (*volatile pick_##T)(T) = leaf_##T; \
	static async struct box_##T *find_##T(void) \
	{ \
		(void)await leaf_int(1); \
		return &box_##T; \
	} \
	static async struct box_##T boxed_##T(T v) \
	{ \
		return (struct box_##T){1, v, {make_##T(4), v}}; \
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
		(void)told_##T, (void)three_##T, (void)echo_##T, (void)place_##T, (void)make_##T, (void)look_##T, (void)pick_##T; \
		(void)find_##T, (void)boxed_##T; \
	}
GROUND(int)
GROUND(double)
GROUND(structure)
GROUND(pointer)

/* Places for an int: bit-fields, and elements of arrays. */
struct field {
	int : 3;
	int is : 12;
};
struct box_field {
	char before;
	int m : 13;
	struct field n[2];
};
static struct field global_field, array_field[4];
static struct box_field box_field;
static int global_element[2];

static async struct box_field *find_field(void)
{
	(void)await leaf_int(1);
	return &box_field;
}

static async struct box_field boxed_field(int v)
{
	return (struct box_field){1, v, {{4}, {v}}};
}

static struct field *place_field(int k)
{
	printf("place %d\n", k);
	return &array_field[k];
}

static void look_field(void)
{
	printf("global %d array %d %d box %d %d\n", global_field.is, array_field[1].is, array_field[2].is, box_field.m, box_field.n[1].is);
}

static void look_element(void)
{
	printf("global %d array %d %d box %d %d\n", global_element[1], array_int[1], array_int[2], box_int.m, box_int.n[1]);
}

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

typedef int four __attribute__((vector_size(16)));

static int sum_of(int n, ...)
{
	va_list list;
	int sum = 0;
	va_start(list, n);
	while (n--)
		sum = sum * 10 + va_arg(list, int);
	va_end(list);
	return sum;
}

static int old_style(a, b)
	int a, b;
{
	return a * 10 + b;
}

static int low_byte(unsigned char c)
{
	return c;
}

int labs_of(int v)
{
	return v < 0 ? -v : v;
}

/* Macros that users write. */
#define LEAF(T, k) (await leaf_##T(make_##T(k)))
#define SAME(e) (e)
#define LARGER(a, b) \
	({ \
		__auto_type a_ = (a); \
		__auto_type b_ = (b); \
		a_ > b_ ? a_ : b_; \
	})
#define STATEMENT(...) \
	do { \
		__VA_ARGS__; \
	} while (0)
#define WHEN(c) if (c)
#define UNLESS(c) if (!(c))
#define TIMES(i, n) for (int i = 0; i < (n); i++)
#define GIVE_IF(c, v) \
	if (c) \
		return v
#define SHOW(e) printf("%s: %d\n", #e, (e))
#define LIST(...) __VA_ARGS__
#define COUNT(a, b) ((void)(a), (void)(b), 2)
#define CALL(f, ...) f(__VA_OPT__(__VA_ARGS__))
#define DEFINE_GETTER(T, name) \
	static async T name(T v) \
	{ \
		T first = await leaf_##T(v); \
		return three_##T(first, await leaf_##T(make_##T(2)), v); \
	}
#define SWAP(a, b) \
	do { \
		__auto_type a_ = (a); \
		(a) = (b); \
		(b) = a_; \
	} while (0)
#define OBJECT(T) \
	struct { \
		T v; \
		int k; \
	}
#define DECLARE(T, name, ...) T name = __VA_ARGS__
#define leaf_of(v) _Generic((v), int: leaf_int, double: leaf_double, structure: leaf_structure, pointer: leaf_pointer)

static void drop(int *v)
{
	printf("drop %d\n", *v);
}

static void reset(void)
{
	for (int i = 0; i < 8; i++)
		numbers[i] = i;
	memset(&bits, 0, sizeof bits);
	memset(&global_field, 0, sizeof global_field);
	memset(array_field, 0, sizeof array_field);
	memset(&box_field, 0, sizeof box_field);
	memset(global_element, 0, sizeof global_element);
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
	(void)sum_of, (void)old_style, (void)low_byte, (void)labs_of, (void)find_field, (void)boxed_field, (void)place_field;
	(void)look_field, (void)look_element, (void)say, (void)drop, (void)mode_names, (void)at, (void)waiting;
}

struct slot {
	const char *name;
	void (*run)(void);
};
