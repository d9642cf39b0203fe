/* A Forth: a dictionary, an outer interpreter and a compiler with control structures, an inner one with computed gotos. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long cell;
enum { STACK = 64, MEMORY = 2000, WORDS = 200 };

struct forth {
	cell stack[STACK], returns[STACK], memory[MEMORY];
	int depth, r_depth, here;
	const char *input;
	_Bool compiling;
	const char *error;
	int controls[16], n_controls;
	long steps;
};

typedef void primitive(struct forth *f);

struct word {
	char name[16];
	enum { PRIMITIVE, IMMEDIATE, COLON, VARIABLE, CONSTANT } kind;
	union {
		primitive *run;
		cell where;
	};
};
static struct word words[WORDS];
static int n_words;

enum code { DO_EXIT, DO_LITERAL, DO_CALL, DO_PRIMITIVE, DO_JUMP, DO_JUMP_IF_ZERO, DO_FOR, DO_NEXT };

static void fail(struct forth *f, const char *why)
{
	if (!f->error)
		f->error = why;
}

static void push(struct forth *f, cell value)
{
	if (f->depth == STACK) {
		fail(f, "too much on the stack");
		return;
	}
	f->stack[f->depth++] = value;
}

static cell pop(struct forth *f)
{
	return f->depth ? f->stack[--f->depth] : (fail(f, "nothing on the stack"), 0);
}

static void emit(struct forth *f, cell value)
{
	if (f->here < MEMORY)
		f->memory[f->here++] = value;
	else
		fail(f, "no memory");
}

/* ---- primitives ---- */

#define BINARY(name, expression) \
	static void name(struct forth *f) \
	{ \
		cell b = pop(f), a = pop(f); \
		push(f, expression); \
	}
BINARY(add, a + b)
BINARY(subtract, a - b)
BINARY(multiply, (cell)((unsigned long)a * (unsigned long)b))
BINARY(divide, b ? a / b : (fail(f, "division by zero"), 0))
BINARY(modulo, b ? a % b : (fail(f, "division by zero"), 0))
BINARY(less, -(a < b))
BINARY(equal, -(a == b))
BINARY(and, a & b)
BINARY(or, a | b)

static void dup(struct forth *f)
{
	cell top = pop(f);
	push(f, top), push(f, top);
}

static void drop(struct forth *f)
{
	(void)pop(f);
}

static void swap(struct forth *f)
{
	cell b = pop(f), a = pop(f);
	push(f, b);
	push(f, a);
}

static void over(struct forth *f)
{
	swap(f);
	dup(f);
	cell kept = pop(f);
	swap(f), push(f, kept);
}

static void rot(struct forth *f)
{
	cell abc[3];
	for (int i = 3; i--;)
		abc[i] = pop(f);
	for (int i = 0; i < 3; i++)
		push(f, abc[(i + 1) % 3]);
}

static void print(struct forth *f)
{
	printf("%ld ", pop(f));
}

static void new_line(struct forth *f)
{
	(void)f;
	putchar('\n');
}

static void put_character(struct forth *f)
{
	putchar((int)pop(f) & 127);
}

static cell *cell_at(struct forth *f, cell where)
{
	static cell nowhere;
	if (where >= 0 && where < MEMORY)
		return &f->memory[where];
	fail(f, "outside of memory");
	return &nowhere;
}

static void fetch(struct forth *f)
{
	push(f, *cell_at(f, pop(f)));
}

static void store(struct forth *f)
{
	cell where = pop(f);
	*cell_at(f, where) = pop(f);
}

static void add_store(struct forth *f)
{
	cell where = pop(f);
	*cell_at(f, where) += pop(f);
}

static void allot(struct forth *f)
{
	cell n = pop(f);
	while (n-- > 0 && !f->error)
		emit(f, 0);
}

static void to_return(struct forth *f)
{
	if (f->r_depth < STACK)
		f->returns[f->r_depth++] = pop(f);
}

static void from_return(struct forth *f)
{
	push(f, f->r_depth ? f->returns[--f->r_depth] : (fail(f, "nothing to return"), 0));
}

static void index_of_loop(struct forth *f)
{
	push(f, f->r_depth >= 2 ? f->returns[f->r_depth - 2] : 0);
}

/* ---- the compiler's words ---- */

static void open_control(struct forth *f, int at)
{
	if (f->n_controls == 16)
		fail(f, "too deep");
	else
		f->controls[f->n_controls++] = at;
}

static int close_control(struct forth *f)
{
	return f->n_controls ? f->controls[--f->n_controls] : (fail(f, "unbalanced"), 0);
}

static void compile_if(struct forth *f)
{
	emit(f, DO_JUMP_IF_ZERO);
	open_control(f, f->here);
	emit(f, 0);
}

static void compile_else(struct forth *f)
{
	int at = close_control(f);
	emit(f, DO_JUMP);
	open_control(f, f->here);
	emit(f, 0);
	f->memory[at] = f->here;
}

static void compile_then(struct forth *f)
{
	f->memory[close_control(f)] = f->here;
}

static void compile_begin(struct forth *f)
{
	open_control(f, f->here);
}

static void compile_until(struct forth *f)
{
	emit(f, DO_JUMP_IF_ZERO);
	emit(f, close_control(f));
}

static void compile_while(struct forth *f)
{
	compile_if(f);
}

static void compile_repeat(struct forth *f)
{
	int out = close_control(f);
	emit(f, DO_JUMP);
	emit(f, close_control(f));
	f->memory[out] = f->here;
}

static void compile_do(struct forth *f)
{
	emit(f, DO_FOR);
	open_control(f, f->here);
}

static void compile_loop(struct forth *f)
{
	emit(f, DO_NEXT);
	emit(f, close_control(f));
}

static void end_colon(struct forth *f)
{
	emit(f, DO_EXIT);
	f->compiling = 0;
	if (f->n_controls)
		fail(f, "unbalanced");
}

/* ---- the inner interpreter ---- */

static void execute(struct forth *f, cell at)
{
	static const void *const table[] = {&&exit, &&literal, &&call, &&primitive, &&jump, &&jump_if_zero, &&for_, &&next};
	cell callers[STACK];
	int n_callers = 0;
#define NEXT \
	do { \
		if (f->error || ++f->steps > 20000) \
			return; \
		goto *table[f->memory[at++]]; \
	} while (0)
	NEXT;
exit:
	if (n_callers == 0)
		return;
	at = callers[--n_callers];
	NEXT;
literal:
	push(f, f->memory[at++]);
	NEXT;
call:
	if (n_callers == STACK) {
		fail(f, "calls too deep");
		return;
	}
	callers[n_callers++] = at + 1;
	at = f->memory[at];
	NEXT;
primitive:
	words[f->memory[at++]].run(f);
	NEXT;
jump:
	at = f->memory[at];
	NEXT;
jump_if_zero:
	at = pop(f) ? at + 1 : f->memory[at];
	NEXT;
for_: {
	cell from = pop(f), limit = pop(f);
	if (f->r_depth + 2 > STACK)
		fail(f, "loops too deep");
	else
		f->returns[f->r_depth++] = from, f->returns[f->r_depth++] = limit;
	NEXT;
}
next: {
	cell *loop = &f->returns[f->r_depth - 2];
	if (++loop[0] < loop[1])
		at = f->memory[at];
	else
		at++, f->r_depth -= 2;
	NEXT;
}
}

/* ---- the outer interpreter ---- */

static _Bool next_word(struct forth *f, char name[static 16])
{
	int n = 0;
	while (isspace((unsigned char)*f->input))
		f->input++;
	while (*f->input && !isspace((unsigned char)*f->input))
		if (n < 15)
			name[n++] = *f->input++;
		else
			f->input++;
	name[n] = 0;
	return n > 0;
}

static struct word *find(const char *name)
{
	for (int i = n_words; i-- > 0;)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}

static struct word *define(const char *name, int kind)
{
	struct word *word = &words[n_words++ % WORDS];
	memset(word, 0, sizeof *word);
	strncpy(word->name, name, sizeof word->name - 1);
	word->kind = kind;
	return word;
}

static void compile_literal(struct forth *f, cell value)
{
	emit(f, DO_LITERAL);
	emit(f, value);
}

static void define_named(struct forth *f, int kind)
{
	char name[16];
	if (!next_word(f, name)) {
		fail(f, "no name");
		return;
	}
	struct word *word = define(name, kind);
	switch (kind) {
	case COLON:
		f->compiling = 1;
		word->where = f->here;
		break;
	case VARIABLE:
		word->where = f->here;
		emit(f, 0);
		break;
	case CONSTANT:
		word->where = pop(f);
		break;
	}
}

static void use(struct forth *f, struct word *word)
{
	switch (word->kind) {
	case IMMEDIATE:
		word->run(f);
		break;
	case PRIMITIVE:
		if (f->compiling)
			emit(f, DO_PRIMITIVE), emit(f, word - words);
		else
			word->run(f);
		break;
	case COLON:
		if (f->compiling)
			emit(f, DO_CALL), emit(f, word->where);
		else
			execute(f, word->where);
		break;
	case VARIABLE:
	case CONSTANT:
		(f->compiling ? compile_literal : push)(f, word->where);
	}
}

static void interpret(struct forth *f, const char *text)
{
	char name[16], *end;
	f->input = text;
	f->error = NULL;
	while (!f->error && next_word(f, name)) {
		struct word *word = find(name);
		cell number;
		if (word)
			use(f, word);
		else if (strcmp(name, ":") == 0)
			define_named(f, COLON);
		else if (strcmp(name, "variable") == 0)
			define_named(f, VARIABLE);
		else if (strcmp(name, "constant") == 0)
			define_named(f, CONSTANT);
		else if (number = strtol(name, &end, 0), end != name && !*end)
			(f->compiling ? compile_literal : push)(f, number);
		else
			fail(f, "unknown word");
	}
	if (f->error) {
		printf("error: %s at '%s'\n", f->error, name);
		f->depth = f->r_depth = f->n_controls = f->compiling = 0;
	}
}

static const struct {
	const char *name;
	primitive *run;
} primitives[] = {
	{"+", add}, {"-", subtract}, {"*", multiply}, {"/", divide}, {"mod", modulo}, {"<", less}, {"=", equal}, {"and", and},
	{"or", or}, {"dup", dup}, {"drop", drop}, {"swap", swap}, {"over", over}, {"rot", rot}, {".", print}, {"cr", new_line},
	{"emit", put_character}, {"@", fetch}, {"!", store}, {"+!", add_store}, {"allot", allot}, {">r", to_return},
	{"r>", from_return}, {"i", index_of_loop},
}, immediate[] = {
	{"if", compile_if}, {"else", compile_else}, {"then", compile_then}, {"begin", compile_begin}, {"until", compile_until},
	{"while", compile_while}, {"repeat", compile_repeat}, {"do", compile_do}, {"loop", compile_loop}, {";", end_colon},
};

int main(void)
{
	static struct forth f;
	for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++)
		define(primitives[i].name, PRIMITIVE)->run = primitives[i].run;
	for (size_t i = 0; i < sizeof immediate / sizeof *immediate; i++)
		define(immediate[i].name, IMMEDIATE)->run = immediate[i].run;
	static const char *const programs[] = {
		"1 2 3 rot . . . cr",
		": square dup * ; 7 square . cr",
		": fib dup 2 < if else dup 1 - fib swap 2 - fib + then ; 15 fib . cr",
		": gcd begin dup while swap over mod repeat drop ; 252 105 gcd . cr",
		": stars 0 do 42 emit loop cr ; 5 stars",
		"variable total : sum 0 total ! 0 do i square total +! loop total @ ; 20 sum . cr",
		"17 constant bound : odd bound 0 do i 2 mod if i . then loop cr ; odd",
		": prime dup 2 < if drop 0 else 2 begin over over dup * swap 1 + < if over over mod if 1 + 0 else drop 0 -1 then else -1 -1 then until swap drop then ;",
		": primes 0 do i prime if i . then loop cr ; 30 primes 2 prime . 9 prime . cr",
		"variable sieve 59 allot : mark dup dup + begin dup 60 < while 1 over sieve + ! over + repeat drop drop ; 2 mark 3 mark 5 mark 7 mark",
		": show 60 2 do i sieve + @ 0 = if i . then loop cr ; show",
		": collatz 0 swap begin dup 1 = 0 = while dup 2 mod if 3 * 1 + else 2 / then swap 1 + swap repeat drop ; 27 collatz . cr",
		"1 0 / . cr",
		"drop drop drop",
		": broken if ;",
		": forever begin 0 until ; forever 5 . cr",
		"-5 3 mod . -5 3 / . 0x10 . 99999 . cr",
		"undefined",
	};
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		f.steps = 0;
		interpret(&f, programs[i]);
		printf("  [%d on the stack, %d cells, %d words, %ld steps]\n", f.depth, f.here, n_words, f.steps);
	}
	return 0;
}
