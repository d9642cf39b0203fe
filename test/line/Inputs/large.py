"""Writes async C programs that are large in one way each."""
import os
import sys

HEAD = """#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	if (v & 1)
		await async_sleep(0);
	return v;
}
"""
PLAIN = """
static int plain_%d(int n)
{
	int x = n;
	if (n > 3)
		x = n * %d;

	/* a comment */
	return x;
}
"""
WORK = """
static async int work_%d(int n)
{
	int total = 0;
	for (int i = 0; i <= n; i++)
		total += await t(i);
	return total + plain_%d(%d) - %d;
}
"""


def main_function(name, body):
    return HEAD + "\nasync int main(void)\n{\n" + body + f'\tprintf("{name} %d\\n", r);\n\treturn 0;\n}}\n'


def lines():
    text = [HEAD]
    for i in range(4000):
        text.append(PLAIN % (i, i) + "\n" * 14)
        if i % 4 == 0:
            text.append(WORK % (i, i, i % 3, i % 3))
    sums = "".join(f"\tr += await work_{i}(2) - plain_{i + 1}(1) - 1 + {i // 2};\n" for i in range(0, 4000, 4))
    return "".join(text) + main_function("sum", "\tint r = 0;\n" + sums)[len(HEAD):]


def main():
    folder = sys.argv[1]
    programs = {
        "lines": lines(),
        "parentheses": main_function("parentheses", "\tint r = " + "(" * 200 + "await t(3)" + ")" * 200 + ";\n"),
        "operands": main_function("operands", "\tint r = " + "1 + " * 3000 + "await t(3);\n"),
        "arms": main_function("arms", "\tint r = 0;\n\t" + " else ".join(
            f"if (r == {i + 1}) r = await t({i});" for i in range(800)) + " else r = 5;\n"),
        "blocks": main_function("blocks", "\tint r = 0;\n" + "{" * 200 + "r = await t(3);" + "}" * 200 + "\n"),
        "awaits": main_function("awaits", "\tint r = 0;\n" + "".join(f"\tr += await t({i % 5});\n" for i in range(2000))),
    }
    os.mkdir(os.path.join(folder, "lowered"))
    for name, text in programs.items():
        with open(os.path.join(folder, name + ".c"), "w", encoding="utf-8") as file:
            file.write(text)


main()
