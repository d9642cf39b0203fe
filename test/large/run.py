#!/usr/bin/env python3
"""run.py ASYNCC CC LIBRARY INCLUDE [NAMES...]: large sources, as programs write them for programs.

Each is lowered, compiled, run, and has to print what the same source prints as ordinary C. Then it is made four times as large: the output
may be as much larger, and the work too (four times as much where work is in proportion, sixteen where it goes by the square)."""
import os, resource, subprocess, sys, tempfile

HEAD = """#ifdef SEQUENTIAL
#define async
#define await
static int next(int n) { return n % 7 + 1; }
#else
#include <async.h>
async int next(int n)
{
	if (n % 3 == 0)
		await async_sleep(0);
	return n % 7 + 1;
}
#endif
#include <stdio.h>
"""
MAIN = """
async int main(void)
{
	static const int values[] = { -1, 0, 1, 2, 5, 17, 199, 499 };

	for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
		printf("%d\\n", await work(values[i]));
	return 0;
}
"""


def function(body, name="work"):
    return f"async int {name}(int n)\n{{\n\tint total = 0;\n\n{body}\n\treturn total;\n}}\n"


def each(n, text):
    return "".join(text.replace("@", str(i)) for i in range(n))


def else_if_chain(n):
    return function("\tif (n == -1)\n\t\ttotal = 1;\n" + each(n, "\telse if (n == @)\n\t\ttotal = await next(@);\n"))


def awaits_in_conditions(n):
    return function("\tif (n == -1)\n\t\ttotal = 1;\n" + each(n // 4, "\telse if (await next(@) == n + @)\n\t\ttotal = @;\n"))


def lines_of_a_function(n):
    return function("\tawait next(0);\n" + each(n // 4, "\ttotal = total * 3 + n;\n\tif (total > @)\n\t\ttotal -= n;\n\ttotal &= 0xffff;\n"))


def nested_blocks(n):
    return function("\t{\n" * n + "\ttotal += await next(n);\n" + "\t}\n" * n)


def nested_ifs(n):
    return function(each(n, "\tif (n > @) {\n\t\tint kept_@ = await next(@);\n") + "\t\ttotal += await next(1);\n" +
                    "".join(f"\t\ttotal += kept_{i};\n\t}}\n" for i in reversed(range(n))))


def awaits(n):
    return function(each(n, "\ttotal += await next(@);\n"))


def kept_locals(n):
    return function(each(n, "\tint kept_@ = await next(@);\n") + each(n, "\ttotal += kept_@ * @;\n"))


def locals_of_one_name(n):
    return function(each(n, "\t{\n\t\tint a = await next(@), b = await next(a);\n\n\t\ttotal += a * b;\n\t}\n"))


def switch_cases(n):
    return function("\tswitch (n) {\n" + each(n, "\tcase @:\n\t\ttotal += await next(@);\n\t\tbreak;\n") + "\t}\n")


def labels(n):
    return function(each(n, "\tif (n == @)\n\t\tgoto label_@;\n") + each(n, "label_@:\n\ttotal += await next(@);\n"))


def initialiser(n):
    return function("\tint list[] = { " + ", ".join(f"await next({i})" for i in range(n)) + " };\n\n\tfor (int i = 0; i < " + str(n) +
                    "; i++)\n\t\ttotal = total * 3 + list[i];\n\ttotal &= 0xffff;\n")


def operands(n):
    return function("\ttotal = " + " + ".join(f"await next({i})" for i in range(n)) + ";\n")


def commas(n):
    return function("\ttotal = (" + ", ".join(f"await next({i})" for i in range(n)) + ");\n")


def macros(n):
    return "#define TWICE(x) ((x) + (x))\n" + function(each(n, "\ttotal += TWICE(n) + @;\n") + "\tawait next(total & 15);\n")


def functions(n):
    """40 lines each"""
    text = each(n, "static async int step_@(int n)\n{\n\tint total = 0;\n\n" + "\ttotal = total * 3 + n;\n\tif (total > 1000)\n\t\ttotal -= await next(n);\n" * 11 +
                "\treturn total + @;\n}\n\n")
    return text + function(each(n, "\ttotal += await step_@(n & 3);\n"))


# How large a program is run, and how large what is measured beside one four times that size (functions: 100,000 lines); 0: it is run only,
# as libclang's limit of 256 brackets is near, or as each operand of a sum is looked for by way of those to its left, its kind's in libclang too
SHAPES = {
    else_if_chain: (2000, 250), awaits_in_conditions: (400, 1000), lines_of_a_function: (10000, 3000), nested_blocks: (200, 0), nested_ifs: (60, 0),
    awaits: (1000, 1000), kept_locals: (300, 300), locals_of_one_name: (300, 500), switch_cases: (2000, 1000), labels: (500, 500),
    initialiser: (500, 250), operands: (500, 0), commas: (500, 1000), macros: (1000, 1000), functions: (100, 625),
}
LARGEST_GROWTH, MOST_WORK, TRIES = 5, 11, 4


class Large:
    def __init__(self, asyncc, cc, library, include, folder):
        self.asyncc, self.cc, self.library, self.include, self.folder = asyncc, cc, library, include, folder

    def lower(self, text):
        """The output's name, and the ms of CPU."""
        source, lowered = self.folder + "/large.c", self.folder + "/large.lowered.c"
        with open(source, "w") as file:
            file.write(text)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([self.asyncc, "--no-line", "-std=gnu11", "-I" + self.include, source, "-o", lowered], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return lowered, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3

    def output(self, *arguments):
        program = self.folder + "/large"
        subprocess.run([self.cc, "-std=gnu11", "-O0", "-w", *arguments, "-o", program], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout

    def run(self, shape, n):
        text = HEAD + shape(n) + MAIN
        lowered, _ = self.lower(text)
        ours = self.output("-I" + self.include, lowered, self.library, "-pthread", "-lm", "-ldl")
        sequential = self.output("-DSEQUENTIAL", self.folder + "/large.c")
        return [] if ours == sequential else [f"{shape.__name__}({n}) prints\n{ours}and as ordinary C\n{sequential}"]

    def growth(self, shape, n):
        """How much larger the output is, how much more the work, beyond that of a file of a few lines."""
        sizes, times = [], []
        for text in (HEAD, HEAD + shape(n), HEAD + shape(4 * n)):
            lowered, time = self.lower(text)
            sizes.append(os.path.getsize(lowered))
            times.append(time)
        return (sizes[2] - sizes[0]) / (sizes[1] - sizes[0]), (times[2] - times[0]) / max(times[1] - times[0], 1)

    def grow(self, shape, n):
        larger, more = self.growth(shape, n)
        for _ in range(TRIES - 1): # something else may have run meanwhile
            if more > MOST_WORK:
                more = min(more, self.growth(shape, n)[1])
        print(f"  {shape.__name__}: four times {n} is {larger:.2f} times the output, {more:.1f} times the work")
        words = [(larger, LARGEST_GROWTH, "output"), (more, MOST_WORK, "work")]
        return [f"{shape.__name__}: four times {n} is {found:.2f} times the {what}" for found, most, what in words if found > most]


def main():
    asyncc, cc, library, include, *names = sys.argv[1:]
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        large = Large(asyncc, cc, library, include, folder)
        for shape, (run, measured) in SHAPES.items():
            if names and shape.__name__ not in names:
                continue
            bad += large.run(shape, run)
            bad += large.grow(shape, measured) if measured else []
    print("\n".join(bad) or "large sources: all as expected")
    return bool(bad)


sys.exit(main())
