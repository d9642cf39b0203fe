/* A stack machine: computed goto or switch, calls, and a memory that is read and written by awaiting. */
#include "corpus.h"

enum { PUSH, ADD, SUB, MUL, LESS, DUP, SWAP, OVER, DROP, JUMP, JUMP_IF, LOAD, STORE, CALL, RETURN, PRINT, HALT };

struct machine {
	long stack[64];
	int sp;
	int calls[32], depth;
	long memory[16];
	unsigned long steps;
};

static async long load(struct machine *m, long at)
{
	await pause_here();
	return m->memory[at & 15];
}

static async void store(struct machine *m, long at, long value)
{
	m->memory[at & 15] = value;
	await pause_here();
}

static async void push(struct machine *m, long v)
{
	m->stack[m->sp++] = v;
	if (m->steps % 16 == 0)
		await pause_here();
}

static async long pop(struct machine *m)
{
	if (m->steps % 16 == 1)
		await pause_here();
	return m->stack[--m->sp];
}

static async int run_switch(struct machine *m, const int *code)
{
	for (int pc = 0;; m->steps++) {
		switch (code[pc++]) {
		case PUSH: await push(m, code[pc++]); break;
		case ADD: await push(m, await pop(m) + await pop(m)); break;
		case SUB: { long b = await pop(m), a = await pop(m); await push(m, a - b); break; }
		case MUL: await push(m, await pop(m) * await pop(m)); break;
		case LESS: { long b = await pop(m); await push(m, await pop(m) < b); } break;
		case DUP: { long a = await pop(m); await push(m, a); await push(m, a); break; }
		case SWAP: { long b = await pop(m), a = await pop(m); await push(m, b), await push(m, a); break; }
		case OVER: await push(m, m->stack[m->sp - 2]); break;
		case DROP: (void)await pop(m); break;
		case JUMP_IF:
			if (!await pop(m)) {
				pc++;
				break;
			}
			/* fall through */
		case JUMP: pc = code[pc]; break;
		case LOAD: await push(m, await load(m, await pop(m))); break;
		case STORE: { long at = await pop(m); await store(m, at, await pop(m)); break; }
		case CALL: m->calls[m->depth++] = pc + 1; pc = code[pc]; break;
		case RETURN: pc = m->calls[--m->depth]; break;
		case PRINT: printf("%ld\n", await pop(m)); break;
		case HALT: return (int)await pop(m);
		}
	}
}

static async int run_threaded(struct machine *m, const int *code)
{
	static void *const labels[] = {&&push, &&add, &&sub, &&mul, &&less, &&dup, &&swap, &&over, &&drop, &&jump, &&jump_if,
				       &&load, &&store, &&call, &&ret, &&print, &&halt};
	const int *pc = code;
#define NEXT do { m->steps++; goto *labels[*pc++]; } while (0)
	long a, b;
	goto *labels[*pc++];
push: await push(m, *pc++); NEXT;
add: b = await pop(m); a = await pop(m); await push(m, a + b); NEXT;
sub: b = await pop(m); a = await pop(m); await push(m, a - b); NEXT;
mul: b = await pop(m); a = await pop(m); await push(m, a * b); NEXT;
less: b = await pop(m); a = await pop(m); await push(m, a < b); NEXT;
dup: a = await pop(m); await push(m, a); await push(m, a); NEXT;
swap: b = await pop(m); a = await pop(m); await push(m, b); await push(m, a); NEXT;
over: await push(m, m->stack[m->sp - 2]); NEXT;
drop: await pop(m); NEXT;
jump: pc = code + *pc; NEXT;
jump_if: pc = await pop(m) ? code + *pc : pc + 1; NEXT;
load: await push(m, await load(m, await pop(m))); NEXT;
store: a = await pop(m); await store(m, a, await pop(m)); NEXT;
call: m->calls[m->depth++] = (int)(pc + 1 - code); pc = code + *pc; NEXT;
ret: pc = code + m->calls[--m->depth]; NEXT;
print: printf("%ld\n", await pop(m)); NEXT;
halt:
	return (int)await pop(m);
}

static const int program[] = {
	/* 0: the 15th Fibonacci number */
	PUSH, 0, PUSH, 0, STORE, PUSH, 1, PUSH, 1, STORE, PUSH, 15,
	/* 12 */ PUSH, 0, LOAD, PUSH, 1, LOAD, DUP, PUSH, 0, STORE, ADD, PUSH, 1, STORE, PUSH, 1, SUB, DUP, JUMP_IF, 12,
	/* 32 */ DROP, PUSH, 0, LOAD, PRINT, PUSH, 10, CALL, 45, PRINT, PUSH, 7, HALT,
	/* 45: the factorial of n */
	DUP, PUSH, 2, LESS, JUMP_IF, 60, DUP, PUSH, 1, SUB, CALL, 45, MUL, RETURN, HALT,
	/* 60 */ RETURN,
};

async int main(void)
{
	int (*const runs[])(struct machine *, const int *) = {run_switch, run_threaded};
	int status = 0;
	for (int i = 0; i < 2; i++) {
		struct machine *m = calloc(1, sizeof *m);
		status = status * 10 + await runs[i](m, program);
		printf("%lu steps, sp %d, memory %ld %ld\n", m->steps, m->sp, m->memory[0], m->memory[1]);
		free(m);
	}
	return status != 77;
}
