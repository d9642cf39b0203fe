#include "frames.h"
static char block[64];
ssize_t submit(int, void *, size_t n)
{
	return (ssize_t)n;
}
void use(char *p, size_t n)
{
	p[n - 1] = 1;
}
uint64_t src()
{
	return 3;
}
void sink(uint64_t)
{
}
void *acquire()
{
	return block;
}
void release(void *)
{
}
