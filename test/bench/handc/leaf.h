#pragma once
#include <stdint.h>
typedef struct {
	int state;
	uint64_t x, ret;
} leaf_t;
int leaf_step_other(leaf_t *f);
uint64_t leaf_plain_other(uint64_t x);
void barrier_other(void);
