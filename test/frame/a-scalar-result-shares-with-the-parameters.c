// A scalar result is stored when everything else is over: it has the place where the parameters begin.  What callers elsewhere declare says
// the same.  Parameters that are aligned more than a word, variable ones and other results keep them apart.
// RUN: %asyncc %s -o %t.c --no-line
// RUN: FileCheck %s < %t.c
// RUN: %gcc -Wpedantic -fsyntax-only %t.c
// RUN: %clang -Wpedantic -fsyntax-only %t.c
// RUN: %asyncc --frames %s | FileCheck %s --check-prefix=FRAMES
#include <async.h>

void show(int *p);

// CHECK-LABEL: struct {{.*}}alone__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: long result;
// CHECK-NEXT: int n;
// CHECK-NEXT: };
// CHECK-NEXT: };
async long alone(int n)
{
	await async_sleep(0);
	return n;
}

// The word of the result has room beside the parameter, and it is stored last.
// CHECK-LABEL: struct {{.*}}beside__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: long result;
// CHECK-NEXT: struct {
// CHECK-NEXT: char c;
// CHECK-NEXT: int kept;
// CHECK-NEXT: long more;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-NEXT: };
// FRAMES-LABEL: beside: 24 bytes
async long beside(char c)
{
	int kept = c;
	long more = c;
	show(&kept);
	await async_sleep(0);
	return kept + more;
}

// Gaps between parameters are room as well: these stand where they would without what fills them.
// CHECK-LABEL: struct {{.*}}gaps__frame {
// CHECK: char c;
// CHECK-NEXT: char small;
// CHECK-NEXT: short half;
// CHECK-NEXT: int n;
// CHECK-NEXT: char d;
// CHECK-NEXT: int whole;
// CHECK-NEXT: char *p;
// CHECK-NEXT: };
// FRAMES-LABEL: gaps: 32 bytes
// FRAMES: 8 1 c
// FRAMES: 12 4 n
// FRAMES: 16 1 d
// FRAMES: 24 8 p
async int gaps(char c, int n, char d, char *p)
{
	int whole = n + 1;
	short half = (short)n;
	char small = (char)(c + 1);
	await async_sleep(0);
	return whole + half + small + *p + d;
}

// What is there when the value is known stays until the cleanups have run.
// CHECK-LABEL: cleaned__resume(
// CHECK: returned_1 = n;
// CHECK-NEXT: show(&f->kept);
// CHECK-NEXT: f->result = returned_1;
// CHECK-NEXT: return ASYNC_DONE;
async int cleaned(int n)
{
	__attribute__((cleanup(show))) int kept = n;
	await async_sleep(0);
	return n;
}

// CHECK-LABEL: sets__resume(
// CHECK: returned_1 = f->n++; f->result = returned_1; return ASYNC_DONE;
async int sets(int n)
{
	show(&n);
	await async_sleep(0);
	return n++;
}

// CHECK-LABEL: struct {{.*}}aligned__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: int result;
// CHECK: long double x;
async int aligned(long double x)
{
	await async_sleep(0);
	return (int)x;
}

// What is aligned so itself does not move the result.
// CHECK-LABEL: struct {{.*}}over_aligned__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: int result;
// CHECK-NEXT: struct {
// CHECK-NEXT: int n;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-NEXT: _Alignas(64) int wide;
// FRAMES-LABEL: over_aligned: 128 bytes
// FRAMES: 8 4 result
// FRAMES: 8 4 n
// FRAMES: 64 4 wide
async int over_aligned(int n)
{
	_Alignas(64) int wide = n;
	show(&wide);
	await async_sleep(0);
	return wide;
}

// CHECK-LABEL: struct {{.*}}variable__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: int result;
// CHECK-NEXT: int n;
// CHECK-NEXT: __builtin_va_list *async__arguments;
async int variable(int n, ...)
{
	await async_sleep(0);
	return n;
}

// CHECK-LABEL: struct {{.*}}complex__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: _Complex float result;
// CHECK-NEXT: float x;
async _Complex float complex(float x)
{
	await async_sleep(0);
	return x;
}

// Types called as what is in the frame: within a struct clang takes such a name for the member of an anonymous union.
typedef int result, n;
// CHECK-LABEL: struct {{.*}}named__frame {
// CHECK: result result;
// CHECK: n n;
// CHECK: result other;
async result named(n n, result other)
{
	__auto_type copy = other;
	__auto_type more = n;
	await async_sleep(0);
	return copy + more;
}

// CHECK-LABEL: struct {{.*}}one__call {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: char *result;
// CHECK-NEXT: int a;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-LABEL: struct {{.*}}elsewhere__call {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: _Bool result;
// CHECK-NEXT: struct {
// CHECK-NEXT: char *a;
// CHECK-NEXT: double b;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-NEXT: };
async _Bool elsewhere(char *a, double b);
async char *one(int a);
async _Bool calls(void)
{
	return await elsewhere(await one(1), 2);
}
