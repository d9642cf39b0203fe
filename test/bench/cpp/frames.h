#pragma once
#include <cstddef>
#include <cstdint>
#include <sys/types.h>
struct state_t {
	uint64_t a, b, c, d;
	uint32_t n;
};
ssize_t submit(int fd, void *buf, size_t n);
void use(char *p, size_t n);
uint64_t src();
void sink(uint64_t);
void *acquire();
void release(void *);
