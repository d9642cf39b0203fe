// Shared measuring helpers (C and C++): clock, peak RSS of this address space, result line.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define DEPTH 64
/* What an HTTP server answers to each request. */
#define HTTP_REPLY "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!"
#define STEP 0x9e3779b97f4a7c15ull
#define SEED 88172645463325252ull
static inline uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
/* The clock of benchmarks that never wait: other processes do not show in it. */
static inline uint64_t busy_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
static inline double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
static inline long hwm_kb(void)
{
	char line[256];
	long kb = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}
static inline void report(const char *name, double v, const char *unit, uint64_t check)
{
	printf("%s %.3f %s rss_kb=%ld cpu_ms=%.0f check=%llu\n", name, v, unit, hwm_kb(), cpu_ms(),
	       (unsigned long long)check);
}
static inline uint64_t xs64(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}
static inline uint64_t mix(uint64_t x)
{
	return (x ^ (x >> 7)) + 0x9e3779b97f4a7c15ull;
}
static inline uint64_t arg_n(int argc, char **argv, uint64_t dflt)
{
	return argc > 2 ? strtoull(argv[2], 0, 10) : dflt;
}
