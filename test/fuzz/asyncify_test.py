#!/usr/bin/env python3
"""What asyncify makes of small programs: where the words go, and what stays plain for which reason.

    asyncify_test.py ASYNCIFY INCLUDE
"""
import os
import re
import subprocess
import sys
import tempfile

# name, options, program, what has to be in the result (a regular expression each; `!`: must not be), what is told on stderr
TESTS = [
    ("a call in each kind of place", [], """
        static int f(int v) { return v; }
        int main(void) { int a = f(1), b[2] = {f(2), f(f(3))}; return a + b[f(0)] * -f(4); }""",
     [r"async static int f\(int v\)", r"a = await f\(1\), b\[2\] = \{await f\(2\), await f\(await f\(3\)\)\}", r"b\[await f\(0\)\] \* -await f\(4\)",
      r"async int main\(void\)"], [r"2 async, 6 awaits"]),
    ("what binds tighter gets brackets", [], """
        struct s { int m, n[2]; }; static struct s f(void) { return (struct s){1}; } static struct s *g(void) { static struct s v; return &v; }
        typedef int (*op)(void); static int one(void) { return 1; } static op h(void) { return one; }
        int main(void) { return f().m + f().n[1] + g()->m + h()() + (*g()).m; }""",
     [r"\(await f\(\)\)\.m \+ \(await f\(\)\)\.n\[1\] \+ \(await g\(\)\)->m", r"await \(await h\(\)\)\(\)", r"\(\*await g\(\)\)\.m"], []),
    ("calls through pointers are awaited", [], """
        static int f(int v) { return v; } struct s { int (*call)(int); };
        int main(void) { int (*p)(int) = f; struct s s = {f}; return p(1) + (*p)(2) + s.call(3); }""",
     [r"await p\(1\) \+ await \(\*p\)\(2\) \+ await s\.call\(3\)"], []),
    ("each function begins with a suspension", ["--enter"], """
        static int f(void) { return 1; } static int g(void) { return f(); } int main(void) { return g(); }""",
     [r"f\(void\) \{ await asyncify_enter\(\);", r"g\(void\) \{ await asyncify_enter\(\);", r"main\(void\) \{ await asyncify_enter\(\);"], []),
    ("every second one", ["--enter=2"], """
        static int f(void) { return 1; } static int g(void) { return f(); } int main(void) { return g(); }""",
     [r"f\(void\) \{ await asyncify_enter\(\);", r"!g\(void\) \{ await asyncify_enter", r"main\(void\) \{ await asyncify_enter\(\);"], []),
    ("none", [], "int main(void) { return 0; }", [r"!asyncify_enter\(\)"], [r"1 async, 0 awaits"]),
    ("prototypes become async, too", [], "static int f(void); int main(void) { return f(); } static int f(void) { return 1; }",
     [r"async static int f\(void\);", r"async static int f\(void\) \{"] , []),
    ("in a macro's definition", [], """
        static int f(int v) { return v; }
        #define TWICE(x) (f(x) + f(x))
        #define CALL f
        int main(void) { return TWICE(1) + TWICE(f(2)) + CALL(3); }""",
     [r"#define TWICE\(x\) \(await f\(x\) \+ await f\(x\)\)", r"TWICE\(await f\(2\)\)"], []),
    ("a function that a macro defines", [], """
        #define DEFINE(name, v) static int name(void) { return v; }
        DEFINE(one, 1)
        DEFINE(two, 2)
        int main(void) { return one() + two(); }""",
     [r"#define DEFINE\(name, v\) async static int name", r"await one\(\) \+ await two\(\)"], []),
    ("what is not evaluated is left alone", [], """
        static int f(void) { return 1; } int main(void) { return sizeof f() + sizeof(f()) + _Alignof(__typeof__(f())) + f(); }""",
     [r"sizeof f\(\) \+ sizeof\(f\(\)\)", r"__typeof__\(f\(\)\)", r"\+ await f\(\);"], []),
    ("called back by a library", [], """
        #include <stdlib.h>
        static int order(const void *a, const void *b) { return *(int *)a - *(int *)b; }
        int main(void) { int a[] = {2, 1}; qsort(a, 2, sizeof *a, order); return a[0]; }""",
     [r"!async static int order", r"!await qsort"], [r"1 plain, called back by other code: order"]),
    ("and what it calls", [], """
        #include <stdlib.h>
        static int key(int v) { return v; } static int order(const void *a, const void *b) { return key(*(int *)a) - key(*(int *)b); }
        int main(void) { int a[] = {2, 1}; qsort(a, 2, sizeof *a, order); return key(a[0]); }""",
     [r"!async static int key", r"!await key"], [r"called by a plain function: key", r"called back by other code: order"]),
    ("through a pointer in a plain function", [], """
        #include <stdlib.h>
        static int one(int v) { return v; } static int two(int v) { return v; } static int (*pick)(int) = one;
        static int order(const void *a, const void *b) { return pick(*(int *)a) - *(int *)b; }
        int main(void) { int a[] = {2, 1}; qsort(a, 2, sizeof *a, order); return two(a[0]); }""",
     [r"!async static int one", r"async static int two", r"await two\("], [r"called through a pointer by a plain function: one"]),
    ("given to a system's struct", [], """
        #include <signal.h>
        static void handle(int n) { (void)n; } int main(void) { struct sigaction sa = {0}; sa.sa_handler = handle; return 0; }""",
     [r"!async static void handle"], [r"called back by other code: handle"]),
    ("variadic", ["--enter"], """
        #include <stdarg.h>
        static int f(int v) { return v; } static int g(int v) { return v; }
        static int sum(int n, ...) { va_list l; va_start(l, n); int s = 0; while (n--) s += va_arg(l, int); va_end(l); return g(s); }
        static int late(int n, ...) { va_list l; va_start(l, n); int s = f(va_arg(l, int)); va_end(l); return s; }
        int main(void) { return sum(2, 1, 2) + late(1, 3); }""",
     [r"async static int sum\(int n, \.\.\.\) \{ va_list", r"return await g\(s\)", r"!async static int late", r"await sum\("],
     [r"variadic, with calls before its last va_end: late", r"called by a plain function: f"]),
    ("setjmp", [], """
        #include <setjmp.h>
        static jmp_buf place; static int f(void) { return setjmp(place); } int main(void) { return f(); }""",
     [r"!async static int f"], [r"setjmp or its like: f"]),
    ("a refused attribute", [], "__attribute__((constructor)) static void f(void) {} __attribute__((noinline)) static int g(void) { return 1; } int main(void) { return g(); }",
     [r"async __attribute__\(\(noinline\)\) static int g|static async int g"], [r"an attribute: f"]),
    ("a cleanup function", [], """
        static void done(int *v) { *v = 0; } int main(void) { __attribute__((cleanup(done))) int v = 1; return v; }""",
     [r"!async static void done"], [r"a cleanup attribute's: done"]),
    ("an asm operand", [], """
        static int f(void) { return 1; } int main(void) { int v; __asm__("" : "=r"(v) : "0"(f())); return v; }""",
     [r"!async static int f"], [r"called in an asm operand: f"]),
    ("a parameter's type", [], """
        static int f(void) { return 1; } static int g(int a[f()]) { return a[0]; } int main(void) { int a[1] = {0}; return g(a); }""",
     [r"!async static int f"], [r"called in a parameter's type: f"]),
    ("a header's macro", [], """
        #include "calls.h"
        static int f(void) { return 1; } int main(void) { return CALLS_F; }""",
     [r"!async static int f"], [r"called out of a header's macro: f"]),
    ("a header's prototype", [], """
        #include "calls.h"
        int declared(void) { return 1; } int main(void) { return declared(); }""",
     [r"!async int declared"], [r"declared out of the file: declared"]),
    ("old-style and unnamed parameters", [], """
        static int old(a, b) int a; int b; { return a - b; } static int unnamed(int, int b) { return b; }
        int main(void) { return old(2, 1) + unnamed(1, 2); }""",
     [r"async static int old\(a, b\)", r"async static int unnamed\(int, int b\)", r"await old\(2, 1\) \+ await unnamed\(1, 2\)"], []),
]
HEADER = "#define CALLS_F f()\nint declared(void);\n"
WRONG = [("an error of clang's", "int main(void) { return nothing; }", r"error: use of undeclared identifier 'nothing'"),
         ("no such file", None, r"asyncify: .*: No such file or directory")]


def without_indent(text):
    return "\n".join(line[8:] if line.startswith("        ") else line for line in text.strip("\n").splitlines()) + "\n"


def has_not(pattern, text):
    wanted, pattern = not pattern.startswith("!"), pattern.lstrip("!")
    return bool(re.search(pattern, text)) != wanted


def run(asyncify, include, options, directory, text):
    source = os.path.join(directory, "program.c")
    if text is not None:
        with open(source, "w") as file:
            file.write(without_indent(text))
    done = subprocess.run([asyncify, *options, source, "--", "-I" + include, "-I" + directory, "-w"], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    asyncify, include = sys.argv[1:3]
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "calls.h"), "w") as file:
            file.write(HEADER)
        for name, options, text, patterns, told in TESTS:
            status, result, said = run(asyncify, include, options, directory, text)
            wrong = [p for p in patterns if has_not(p, result)] + [p for p in told if has_not(p, said)]
            wrong += [] if told or not re.search("plain", said) else ["nothing stays plain"]
            if status or wrong:
                failed += 1
                print(f"{name}: status {status}, not as expected: {wrong}\n{result}{said}")
    for name, text, message in WRONG:
        with tempfile.TemporaryDirectory() as directory:
            status, result, said = run(asyncify, include, [], directory, text)
            if status == 0 or result or not re.search(message, said):
                failed += 1
                print(f"{name}: status {status}\n{result}{said}")
    print(f"{len(TESTS) + len(WRONG) - failed} of {len(TESTS) + len(WRONG)} passed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
