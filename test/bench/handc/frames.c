// Frame sizes: what a person would put in each frame: a 16-byte header (resume point, continuation),
// the waiter link and operation where suspended, and the values live across an await, overlapped
// where their lives are disjoint.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
typedef struct hdr {
	void (*resume)(struct hdr *);
	struct hdr *cont;
} hdr; // resume doubles as the state
typedef struct {
	void *next;
	int fd;
	void *buf;
	size_t n;
	ssize_t res;
} op; // 40
typedef struct {
	hdr h;
	op o;
	int fd;
	int n, off;
	char buf[512];
} echo;
typedef struct {
	hdr h;
	op o;
	char buf[1024];
	int fd;
} siblings;
typedef struct {
	hdr h;
	void *next;
	uint64_t x, ret;
} c5;
typedef struct {
	hdr h;
	uint64_t x, ret;
} cn;
typedef struct {
	cn c1, c2, c3, c4;
	c5 c;
} chain;
typedef struct {
	hdr h;
	void *next;
	uint64_t a, b, c;
} scalars; // ret may overlap a
typedef struct {
	hdr h;
	void *next;
	uint64_t a, b, c, d;
	uint32_t n, end;
} looped;
typedef struct {
	hdr h;
	op o;
	void *p;
	int fd;
	int ret;
} cleanup;
int main(void)
{
#define S(n, t) printf("frame %s %zu bytes frames=1\n", n, sizeof(t))
	S("echo512", echo);
	S("siblings2x1K", siblings);
	S("chain5", chain);
	S("scalars10live3", scalars);
	S("structloop", looped);
	S("cleanup", cleanup);
}
