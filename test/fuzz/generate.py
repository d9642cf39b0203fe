#!/usr/bin/env python3
"""Writes a random C program in which every function is async and every call of one is awaited.

    generate.py [--units N] [OPTIONS] SEED

Compiled with -DTWIN it is the sequential program; lowered by asyncc it must print the same, whatever $SCHEDULE says.
A program is N units; each prints its number and a hash of what it noted.  `program UNIT` runs only that one.
"""
import argparse
import os
import random

from expressions import Expressions
from model import BYTE, DOUBLE, INT, INT_NAMES, INTS, LONG, STEP, VOID, Field, Scope, Type, Var
from statements import Statements

HERE = os.path.dirname(os.path.abspath(__file__))


class Function:
    def __init__(self, name, result, params, recursive, linkage):
        self.name, self.result, self.params, self.recursive, self.linkage = name, result, params, recursive, linkage
        self.names = []
        self.old_style = False


class Writer(Expressions, Statements):
    """Writes one function."""

    def __init__(self, r, unit, options, function, callable):
        self.r, self.unit, self.options, self.function, self.callable = r, unit, options, function, callable
        self.scope, self.scope_shift, self.reserved, self.loops = None, 0, frozenset(), 0
        self.may_jump, self.may_leave = True, False
        self.begin_guards()
        self.own = None
        self.depth_left, self.calls_left = 2, 4
        self.budget, self.lines_left = options.budget, options.lines

    def note_id(self):
        self.unit.n_notes += 1
        return self.unit.n_notes

    def prototype(self, definition=False):
        f = self.function
        params = ["int depth"] if f.recursive else []
        params += [t.declare(n) for t, n in zip(f.params, f.names)]
        if f.old_style and definition and f.names:
            names = (["depth"] if f.recursive else []) + f.names
            return f"{f.linkage}async {f.result.declare(f.name + '(' + ', '.join(names) + ')')}\n\t{'; '.join(params)};"
        declared = f"{f.name}({', '.join(params) or 'void'})"
        return f"{f.linkage}async {f.result.declare(declared)}"

    def write(self):
        f = self.function
        self.enter()
        self.reserved = frozenset(["depth"])
        for type in f.params:
            name = self.new_name()
            self.scope.vars.append(Var(name, type, 0, pointed=type.kind == "int" and self.r.random() < .3))
            f.names.append(name)
        lines = [f"if ({'depth <= 0 || ' if f.recursive else ''}!burn())", f"\t{self.empty_return()}"]
        lines += [f"note({self.note_id()}, {self.r.randrange(100)});"]
        while self.lines_left > 0:
            lines += self.statement(3)
        lines += self.note_something()
        self.budget = self.options.budget
        lines += [self.return_text()]
        return [self.prototype(True), "{", *["\t" + line for line in lines], "}"]

    def empty_return(self):
        type = self.function.result
        if type is VOID:
            return "return;"
        if type.kind == "struct":
            return f"return ({type.name}){{0}};"
        return f"return {self.zero(type)};"


class Unit:
    def __init__(self, r, number, options):
        self.r, self.number, self.options = r, number, options
        self.prefix = f"u{number}_"
        self.n_names = self.n_notes = 0
        self.globals, self.structs, self.echoes, self.finders, self.pointable = [], [], {}, {}, {}
        self.union = None
        self.lines = []

    def new_struct(self, i):
        name = f"struct {self.prefix}s{i}"
        fields = []
        for letter in "abcdef"[:self.r.randrange(2, 6) if i < 2 else 6]:
            kind = self.r.randrange(10)
            if kind < 4:
                fields.append(Field(letter, INTS[self.r.choice(INT_NAMES)]))
            elif kind == 4:
                base = self.r.choice(["int", "unsigned", "short", "_Bool", "unsigned char"])
                widest = {"_Bool": 1, "unsigned char": 8, "short": 11}.get(base, 20)
                fields.append(Field(letter, INTS[base], self.r.randrange(1, widest + 1)))
            elif kind == 5:
                fields.append(Field(letter, DOUBLE))
            elif kind == 6:
                fields.append(Field(letter, Type("array", "", self.r.choice([INT, BYTE, LONG]), self.r.choice([2, 4]))))
            elif kind == 7 and self.structs:
                fields.append(Field(letter, self.r.choice(self.structs[:2])))
            elif kind == 9 and i == 1:
                fields.append(Field(letter, STEP))
            elif kind == 8 and self.union:
                fields.append(Field(letter, self.union))
            else:
                fields.append(Field(letter, INT))
        if i == 2: # a large one
            fields.append(Field("z", Type("array", "", INT, 16)))
        body = [f"\t{f.type.declare(f.name)}{f' : {f.bits}' if f.bits else ''};" for f in fields]
        self.lines += [f"{name} {{", *body, "};"]
        return Type("struct", name, fields=fields)

    def types_and_globals(self):
        p = self.prefix
        self.union = Type("union", f"union {p}u", fields=[Field("i", INT), Field("u", INTS["unsigned"]),
                                                           Field("b", Type("array", "", BYTE, 4))])
        self.lines += [f"union {p}u {{", "\tint i;", "\tunsigned u;", "\tunsigned char b[4];", "};"]
        for i in range(3):
            self.structs.append(self.new_struct(i))
        for type, name in [(INT, "ints"), (LONG, "longs"), (BYTE, "bytes"), (DOUBLE, "doubles"), (self.structs[0], "structs")]:
            array = Type("array", "", type, 8 if type is not self.structs[0] else 4)
            self.lines.append(f"static {array.declare(p + name)} = {{{'0' if type.kind != 'struct' else '{0}'}}};")
            self.globals.append(Var(p + name, array, -1, pointed=True, shared=True, lasting=True))
            self.pointable[type] = p + name
            finder = f"{p}find_{name}"
            self.finders[type] = finder
            self.lines += [f"static async {Type('pointer', '', type).declare(f'{finder}(int i)')}", "{",
                           f"\treturn {p}{name} + (await step(i) & {array.size - 1});", "}"]
        for name, type in [("one", INT), ("two", INTS["unsigned short"]), ("s", self.structs[1]), ("wide", INTS["long long"])]:
            self.lines.append(f"static {type.declare(p + name)};")
            self.globals.append(Var(p + name, type, -1, pointed=self.r.random() < .5, shared=True, lasting=True))
        self.lines.append(f"static _Atomic int {p}atom = 3;")
        self.globals.append(Var(p + "atom", INT, -1, shared=True, lasting=True, atomic=True))
        self.lines.append(f"static int (*const {p}steps[])(int) = {{step, plain, step, step}};")
        self.globals.append(Var(p + "steps", Type("array", "", STEP, 4), -1, const=True, shared=True, lasting=True))
        for type in self.structs:
            echo = f"{p}echo_{type.name[-2:]}"
            self.echoes[type] = echo
            self.lines += [f"static async {type.name} {echo}({type.name} v)", "{",
                           "\tawait step_v();" if self.r.random() < .6 else "", "\treturn v;", "}"]

    def functions(self):
        r, made, bodies = self.r, [], []
        n = r.randrange(3, 3 + self.options.functions)
        first_recursive = r.randrange(n // 2, n)

        def type():
            return r.choice([INT, INT, LONG, INTS[r.choice(INT_NAMES)], DOUBLE, *self.structs,
                             Type("pointer", "", r.choice(list(self.pointable)))])

        for i in range(n):
            result = r.choice([INT, INT, INT, VOID, type(), type()])
            params = [type() if r.random() < .9 else STEP for _ in range(r.randrange(0, 4))]
            made.append(Function(f"{self.prefix}f{i}", result, params, i >= first_recursive,
                                 r.choice(["static ", "static ", "", "static inline ", "__attribute__((noinline)) static "])))
            promoted = all(t in (INT, LONG, DOUBLE) or t.kind == "pointer" for t in params)
            made[-1].old_style = promoted and r.random() < .1
        for i, function in enumerate(made):
            callable = made[:first_recursive] + made[first_recursive:] if function.recursive else made[:i]
            writer = Writer(r, self, self.options, function, callable)
            bodies.append((writer, writer.write()))
        for writer, _ in bodies:
            if writer.function.recursive:
                self.lines.append(writer.prototype() + ";")
        for _, body in bodies:
            self.lines += body
        return made

    def write(self):
        self.types_and_globals()
        made = self.functions()
        runner = Writer(self.r, self, self.options, None, made)
        runner.scope = Scope(None, 0)
        self.lines += [f"static async void {self.prefix}run(void)", "{"]
        for function in made * 2:
            runner.calls_left = 9
            runner.budget = 6
            ex = runner.call(function, 1)
            self.lines += [f"\tfuel = {self.options.fuel};"]
            if function.result.kind == "int":
                self.lines += [f"\tnote({runner.note_id()}, {ex});"]
            elif function.result.kind == "double":
                self.lines += [f"\tnote_d({runner.note_id()}, {ex});"]
            elif function.result.kind == "struct":
                self.lines += ["\t{", f"\t\t{function.result.name} v = {ex};"]
                for field in function.result.fields:
                    self.lines += ["\t\t" + line for line in runner.note_var(f"v.{field.name}", field.type)]
                self.lines += ["\t}"]
            else:
                self.lines += [f"\t{ex};"]
        for var in self.globals:
            if var.type.kind == "array" and var.type.of.kind != "function":
                for i in range(var.type.size):
                    self.lines += ["\t" + line for line in runner.note_var(f"{var.name}[{i}]", var.type.of)]
            elif var.type.kind != "array":
                self.lines += ["\t" + line for line in runner.note_var(var.name, var.type)]
        self.lines += ["}", ""]
        return self.lines


def generate(seed, options, only=None):
    """only: the number of the one unit to write, as it is among the others."""
    numbers = range(options.units) if only is None else [only]
    with open(os.path.join(HERE, "prelude.c")) as file:
        sure = ["#define SURE"] if random.Random(f"{seed}.sure").random() < .4 else []
        lines = [f"/* generate.py {options.words}{seed} */", *sure, *file.read().splitlines(), ""]
    for number in numbers:
        lines += Unit(random.Random(f"{seed}.{number}"), number, options).write()
    lines += ["async int main(int argc, char **argv)", "{", "\tint only = argc > 1 ? atoi(argv[1]) : -1;", "\tstart_run();"]
    for number in numbers:
        lines += [f"\tif (only < 0 || only == {number}) {{", "\t\thash = 1;", f"\t\tawait u{number}_run();",
                  f'\t\tprintf("unit {number}: %016llx\\n", hash);', "\t}"]
    lines += ["\treturn 0;", "}"]
    return "\n".join(lines) + "\n"


def add_options(parser):
    parser.add_argument("--units", type=int, default=10, help="programs in one file")
    parser.add_argument("--functions", type=int, default=4, help="at most 2 more than this in a program")
    parser.add_argument("--lines", type=int, default=14, help="statements in a function")
    parser.add_argument("--depth", type=int, default=3, help="of expressions")
    parser.add_argument("--budget", type=int, default=24, help="parts of a statement's expressions")
    parser.add_argument("--awaits", type=float, default=.25, help="how many of an expression's parts await")
    parser.add_argument("--fuel", type=int, default=300)
    parser.add_argument("--no-order", dest="order", action="store_false",
                        help="order does not show in parts without an await of expressions that have one")
    parser.add_argument("--without", action="append", default=[], metavar="METHOD",
                        help="a construct to leave out: generic, statement_expression, computed, cleanup_block, ...")


def finish_options(parser, options):
    """The options that are not at their defaults, as words for the command that makes the program again."""
    words = ""
    for name in ("units", "functions", "lines", "depth", "budget", "awaits", "fuel"):
        if getattr(options, name) != parser.get_default(name):
            words += f"--{name} {getattr(options, name)} "
    words += "" if options.order else "--no-order "
    words += "".join(f"--without {name} " for name in options.without)
    options.words = words


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--only", type=int, metavar="UNIT", help="write one unit of them")
    parser.add_argument("seed")
    options = parser.parse_args()
    finish_options(parser, options)
    print(generate(options.seed, options, options.only), end="")


if __name__ == "__main__":
    main()
