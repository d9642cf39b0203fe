/* A machine of registers whose instructions are bit-fields: dispatched by a switch, by a table of functions, by computed goto. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef union {
	uint32_t word;
	struct { uint32_t op : 5, a : 4, b : 4, c : 4; int32_t immediate : 15; };
} instruction;
struct machine {
	int32_t r[16];
	uint8_t memory[64];
	int pc;
	unsigned zero : 1, negative : 1, halted : 1;
	int traps : 6;
};
enum op { HALT, LOAD, ADD, SUB, MUL, BRANCH_IF_NOT, STORE, FETCH, SHIFT, TRAP, OPS };

static void set_flags(struct machine *m, int32_t v)
{
	m->zero = v == 0;
	m->negative = v < 0;
}

static int32_t set(struct machine *m, unsigned r, int32_t v)
{
	set_flags(m, v);
	return m->r[r & 15] = v;
}

static instruction make(enum op op, unsigned a, unsigned b, unsigned c, int immediate)
{
	return (instruction){.op = op, .a = a, .b = b, .c = c, .immediate = immediate};
}

static uint8_t *byte_at(struct machine *m, int32_t at)
{
	return &m->memory[(uint32_t)at % sizeof m->memory];
}

static void by_switch(struct machine *m, const instruction *code)
{
	for (;;) {
		instruction i = code[m->pc++];
		switch ((enum op)i.op) {
		case HALT: m->halted = 1; return;
		case LOAD: set(m, i.a, i.immediate); break;
		case SUB: i.immediate = 0, set(m, i.a, m->r[i.b] - m->r[i.c]); break;
		case ADD: set(m, i.a, m->r[i.b] + m->r[i.c] + i.immediate); continue;
		case MUL: set(m, i.a, (int32_t)((uint32_t)m->r[i.b] * (uint32_t)m->r[i.c])); break;
		case BRANCH_IF_NOT:
			if (!m->zero)
		case TRAP:
				m->pc += i.op == TRAP ? (m->traps++, 0) : i.immediate;
			break;
		case STORE: *byte_at(m, m->r[i.a] + i.immediate) += (uint8_t)m->r[i.b]; break;
		case FETCH: set(m, i.a, *byte_at(m, m->r[i.b] + i.immediate)); break;
		case SHIFT: set(m, i.a, i.immediate < 0 ? m->r[i.b] >> -i.immediate : (int32_t)((uint32_t)m->r[i.b] << i.immediate)); break;
		default: return;
		}
	}
}

static void do_halt(struct machine *m, instruction i) { m->halted = i.op == HALT; }
static void do_load(struct machine *m, instruction i) { set(m, i.a, i.immediate); }
static void do_add(struct machine *m, instruction i) { set(m, i.a, m->r[i.b] + m->r[i.c] + i.immediate); }
static void do_sub(struct machine *m, instruction i) { set(m, i.a, m->r[i.b] - m->r[i.c]); }
static void do_mul(struct machine *m, instruction i) { set(m, i.a, (int32_t)((uint32_t)m->r[i.b] * (uint32_t)m->r[i.c])); }
static void do_branch(struct machine *m, instruction i) { m->pc += m->zero ? 0 : i.immediate; }
static void do_store(struct machine *m, instruction i) { *byte_at(m, m->r[i.a] + i.immediate) += (uint8_t)m->r[i.b]; }
static void do_fetch(struct machine *m, instruction i) { set(m, i.a, *byte_at(m, m->r[i.b] + i.immediate)); }
static void do_shift(struct machine *m, instruction i) { set(m, i.a, i.immediate < 0 ? m->r[i.b] >> -i.immediate : (int32_t)((uint32_t)m->r[i.b] << i.immediate)); }
static void do_trap(struct machine *m, instruction i) { m->traps += !!i.op; }

static void by_table(struct machine *m, const instruction *code)
{
	static void (*const table[OPS])(struct machine *, instruction) = {
		[LOAD] = do_load, [ADD] = do_add, [SUB] = do_sub, [MUL] = do_mul, [BRANCH_IF_NOT] = do_branch, [STORE] = do_store,
		[FETCH] = do_fetch, [SHIFT] = do_shift, [TRAP] = do_trap, [HALT] = do_halt,
	};
	while (!m->halted) {
		instruction i = code[m->pc++];
		table[i.op](m, i);
	}
}

static void by_goto(struct machine *m, const instruction *code)
{
	static const void *const table[OPS] = {&&halt, &&load, &&add, &&sub, &&mul, &&branch, &&store, &&fetch, &&shift, &&trap};
	instruction i;
#define NEXT do { i = code[m->pc++]; goto *table[i.op]; } while (0)
	NEXT;
load:	do_load(m, i); NEXT;
add:	do_add(m, i); NEXT;
sub:	do_sub(m, i); NEXT;
mul:	do_mul(m, i); NEXT;
branch:	do_branch(m, i); NEXT;
store:	do_store(m, i); NEXT;
fetch:	do_fetch(m, i); NEXT;
shift:	do_shift(m, i); NEXT;
trap:	do_trap(m, i); NEXT;
halt:	do_halt(m, i);
}

static unsigned digest(const struct machine *m)
{
	unsigned sum = (unsigned)m->pc + m->zero * 2u + m->negative * 4u + (unsigned)m->traps;
	for (size_t i = 0; i < sizeof m->memory; i++)
		sum = sum * 17 + m->memory[i];
	for (int i = 0; i < 16; i++)
		sum = sum * 31 + (unsigned)m->r[i];
	return sum;
}

int main(void)
{
	instruction code[] = {
		make(LOAD, 1, 0, 0, 20), make(LOAD, 2, 0, 0, 1), make(LOAD, 4, 0, 0, -3), make(MUL, 2, 2, 1, 0), make(ADD, 3, 3, 2, 7),
		make(STORE, 1, 3, 0, 5), make(FETCH, 5, 3, 0, -9), make(SHIFT, 6, 3, 0, -2), make(SHIFT, 7, 5, 0, 3), make(TRAP, 0, 0, 0, 0),
		make(LOAD, 8, 0, 0, 1), make(SUB, 1, 1, 8, 0), make(BRANCH_IF_NOT, 0, 0, 0, -10), make(HALT, 0, 0, 0, 0),
	};
	void (*const ways[])(struct machine *, const instruction *) = {by_switch, by_table, by_goto};
	for (int i = 0; i < 3; i++) {
		struct machine m = {.pc = 0};
		ways[i](&m, code);
		printf("%u %d %d\n", digest(&m), m.r[3], m.traps);
	}
	return 0;
}
