"""Random statements: lists of lines.  Every loop burns fuel; what a jump leaves unset is set again, or not used again."""
from guards import Guards
from model import BYTE, DOUBLE, FLOAT, INT, INTS, LONG, STEP, VOID, Ex, Scope, Type, Var, joined

NAMES = ["a", "b", "c", "x", "y", "f", "status", "result", "base", "operand_1", "value_1", "state", "truth_1"]

FALLTHROUGH = "\t\t__attribute__((fallthrough));" # on purpose: lowered, it must not be warned of either


class Statements(Guards):
    """Needs what Expressions needs, and function, loops (what break and continue may leave)."""

    # ---- scopes ----

    def enter(self):
        self.scope = Scope(self.scope, self.scope.depth + 1 if self.scope else 0)

    def leave(self):
        self.scope = self.scope.parent

    def new_name(self):
        taken = {v.name for v in self.scope.vars} | self.reserved
        if self.r.random() < .7:
            free = [n for n in NAMES if n not in taken]
            if free:
                return self.r.choice(free)
        self.unit.n_names += 1
        return f"v{self.unit.n_names}"

    def new_counter(self):
        self.unit.n_names += 1
        return f"n{self.unit.n_names}"

    def depth_here(self):
        return self.scope.depth + self.scope_shift

    # ---- blocks ----

    def statements(self, n, depth):
        lines = []
        for _ in range(n):
            if self.lines_left <= 0:
                break
            lines += self.statement(depth)
        return lines

    def block(self, depth, n=None, notes=True):
        """The lines between the braces."""
        self.enter()
        saved, self.scope_shift = self.scope_shift, 0
        lines = self.statements(n or self.r.randrange(1, 5), depth)
        if notes and self.r.random() < .6:
            lines += self.note_something()
        self.scope_shift = saved
        self.leave()
        return ["\t" + line for line in lines]

    def block_with_value(self, make, depth):
        self.enter()
        saved = self.loops, self.may_jump, self.scope_shift, self.flat
        self.loops, self.may_jump, self.scope_shift, self.flat = self.loops if self.may_leave else 0, False, 0, True
        lines = []
        if self.loops and depth > 0 and self.r.random() < .15:
            lines += self.conditionally(self.r.choice(["break;", "continue;"]))
        for _ in range(self.r.randrange(0, 3)):
            lines += self.declaration() if self.r.random() < .6 else self.expression_statement(depth)
        if depth > 0 and self.r.random() < .2:
            lines += self.if_statement(0)
        value = make(depth)
        self.loops, self.may_jump, self.scope_shift, self.flat = saved
        self.leave()
        return lines, self.full(value)

    def note_something(self):
        lines = []
        for var in self.r.sample(self.scope.visible(), min(3, len(self.scope.visible()))):
            lines += self.note_var(var.name, var.type)
        return lines

    def note_var(self, text, type):
        if type.kind == "int":
            return [f"note({self.note_id()}, {text});"]
        if type.kind == "double":
            return [f"note_d({self.note_id()}, {text});"]
        if type.kind == "pointer":
            return self.note_var(f"(*{text})", type.of)
        if type.kind == "array":
            return self.note_var(f"{text}[{self.r.randrange(type.size)}]", type.of)
        if type.kind == "struct":
            field = self.r.choice(type.fields)
            return self.note_var(f"{text}.{field.name}", field.type)
        if type.kind == "union":
            return [f"note({self.note_id()}, {text}.i);"]
        return []

    # ---- statements ----

    def statement(self, depth):
        self.lines_left -= 1
        self.budget = self.options.budget
        choices = [(8, self.declaration), (10, lambda: self.expression_statement(self.options.depth)),
                   (2, self.note_something)]
        if depth > 0:
            choices += [(5, lambda: self.if_statement(depth)), (3, lambda: self.for_statement(depth)),
                        (2, lambda: self.while_statement(depth)), (2, lambda: self.do_statement(depth)),
                        (3, lambda: self.switch_statement(depth)), (1, lambda: self.duff(depth)),
                        (2, lambda: ["{", *self.block(depth - 1), "}"]), (1, lambda: self.cleanup_block(depth)),
                        (1, lambda: self.run_time_size(depth)), (1, lambda: self.pointer_loop(depth)),
                        (1, lambda: self.local_type(depth)), (1, lambda: self.macro_statement()),
                        (1.5, lambda: self.guard(depth))]
            if self.may_jump:
                choices += [(2, lambda: self.forward(depth)), (2, lambda: self.backward(depth)), (1, lambda: self.into(depth))]
            if self.may_jump and not self.guards and not self.no_leave: # where it goes is not known: refused in an async_try
                choices += [(.5, lambda: self.computed(depth))]
        if self.loops:
            choices += [(1, lambda: self.conditionally("break;")), (1, lambda: self.conditionally("continue;"))]
        choices += [(1, lambda: self.leave_function()), *self.ways_out(depth)]
        choices = [c for c in choices if not c[1].__code__.co_names or
                   not set(c[1].__code__.co_names) & set(self.options.without)]
        return self.pick(choices)()

    def condition(self):
        saved, self.may_leave = self.may_leave, False
        try:
            return self.condition_text()
        finally:
            self.may_leave = saved

    def condition_text(self):
        return self.full(self.truth(self.options.depth))

    def conditionally(self, text):
        return [f"if (({self.full(self.integer(self.options.depth - 1))}) & {self.r.choice([1, 3, 4])})", "\t" + text]

    def return_text(self):
        result = self.function.result
        if result is VOID:
            return "return;"
        last = self.call_of(result.kind, self.options.depth, result) if result.kind != "pointer" and self.r.random() < .3 else None
        value = last or self.lasting_value(result)
        return f"return {self.full(value)};"

    def lasting_value(self, type):
        if type.kind == "pointer":
            return self.pointer(type.of, 2, -1)
        return self.value(type, self.options.depth)

    def expression_statement(self, depth):
        saved, self.may_leave = self.may_leave, True # a statement expression may leave the loop around it
        try:
            return self.expression_lines(depth)
        finally:
            self.may_leave = saved

    def expression_lines(self, depth):
        def struct():
            return self.struct_assignment(self.r.choice(self.unit.structs), depth, True) or self.assignment(depth, True)

        def pointer():
            pointers = [v for v in self.scope.visible() if v.type.kind == "pointer" and not v.const]
            if not pointers:
                return self.assignment(depth, True)
            var = self.r.choice(pointers)
            value = self.pointer(var.type.of, depth, var.depth)
            return joined(f"{var.name} = {value}", value, writes=[var.key])

        def double():
            target = self.target("double")
            if not target:
                return self.discarded(depth)
            value = self.double(depth)
            if not self.assignable(target[0], value):
                value = Ex("0.75")
            op = self.r.choice(["=", "=", "+=", "-=", "*="])
            return joined(f"{target[0]} {op} {value}", target[0], value, writes=[target[2]], reads=[target[2]])

        def call():
            void = self.call_of("void", depth)
            return void or self.call_of("int", depth) or self.discarded(depth)

        ex = self.pick([(5, lambda: self.assignment(depth, True)), (4, lambda: self.compound(depth, True)), (2, struct),
                        (2, pointer), (2, double), (2, lambda: self.discarded(depth)), (3, call),
                        (1, self.step_by_one), (1, lambda: self.logical(depth))])()
        return [f"{self.full(ex)};"]

    # ---- declarations ----

    def random_type(self):
        return self.pick([
            (8, lambda: INTS[self.r.choice(list(INTS))]), (3, lambda: INT), (2, lambda: DOUBLE), (1, lambda: FLOAT),
            (4, lambda: self.r.choice(self.unit.structs)), (1, lambda: self.unit.union),
            (3, lambda: Type("pointer", "", self.r.choice(list(self.unit.pointable)))),
            (3, lambda: Type("array", "", self.r.choice([INT, INT, LONG, BYTE, INTS["short"], DOUBLE, self.unit.structs[0]]),
                             self.r.choice([2, 4]))),
            (.5, lambda: Type("array", "", Type("array", "", INT, 2), 2)),
            (1, lambda: STEP), (.5, lambda: Type("array", "", STEP, 2)),
        ])()

    def initializer(self, type):
        d = self.options.depth
        if type.kind == "array":
            if type.of is BYTE and self.r.random() < .4:
                return Ex(self.r.choice(['"x"', '"abc"', '""'] if type.size == 4 else ['"x"', '""']))
            return self.braces_of_array(type, d)
        if type.kind in ("struct", "union"):
            return self.braces(type, d) if self.r.random() < .5 else self.struct(type, d)
        if type.kind == "pointer":
            return self.pointer(type.of, d, self.depth_here())
        return self.value(type, d)

    def declaration(self):
        type = self.random_type()
        name = self.new_name()
        is_static = self.r.random() < .06 and not (type.kind == "array" and type.of is STEP) # NULLs cannot be called
        var = Var(name, None, self.depth_here())
        self.scope.vars.append(var) # hidden while its initialiser is made
        qualifier = ""
        if is_static:
            var.shared = var.lasting = True
            initial = None if type.kind in ("pointer", "function") else self.zero(type)
            if type.kind in ("pointer", "function"):
                initial = self.zero(type) if type.kind == "pointer" else Ex("plain")
            qualifier = "static "
        else:
            self.own = name
            initial = self.full(self.initializer(type))
            self.own = None
            if self.r.random() < .1 and type.kind in ("int", "double", "struct"):
                qualifier, var.const = "const ", True
            elif self.r.random() < .1 and type.kind in ("int", "double"):
                qualifier, var.volatile = "volatile ", True
            elif self.r.random() < .05 and type.kind in ("int", "double", "pointer"): # gcc: no array in it has an address
                qualifier = "register "
        var.pointed = qualifier in ("", "static ") and self.r.random() < (.8 if type.kind == "array" else .4)
        if type.kind == "array":
            for_array = not var.const and not var.volatile and qualifier != "register "
            var.pointed = for_array
            if qualifier == "register ":
                qualifier = ""
        var.type = type
        if qualifier == "" and type.kind in ("int", "double", "pointer", "struct") and self.r.random() < .25:
            var.type = None
            lines = [f"{type.declare(name)};"]
            if self.r.random() < .5:
                lines += self.expression_statement(2)
            if self.r.random() < .3 and type.kind != "pointer" and type.kind != "struct":
                lines += [f"if ({self.condition()})", f"\t{name} = {initial};", "else", f"\t{name} = 0;"]
            else:
                text = f"({type.name}){initial}" if initial.text.startswith("{") else str(initial)
                lines += [f"{name} = {text};"]
            var.type = type
            return lines
        if type is INT and qualifier == "" and self.r.random() < .2: # several declarators
            other = self.new_name()
            second = Var(other, None, self.depth_here())
            self.scope.vars.append(second)
            more = self.full(self.integer(2))
            second.type = type
            return [f"int {name} = {initial}, {other} = {more};"]
        if qualifier == "" and type.kind in ("int", "array", "struct") and self.r.random() < .06:
            return [f"_Alignas(64) {type.declare(name)} = {initial};",
                    f"note({self.note_id()}, (long)((char *)&{name} - (char *)0) & 63);"]
        if qualifier == "" and type.kind == "int" and not var.pointed and type.name != "__int128" and self.r.random() < .05:
            var.atomic = True
            return [f"_Atomic {type.declare(name)} = {initial};"]
        if type is INT and qualifier == "" and self.r.random() < .08 and f"sizeof({name})" not in initial.text:
            return [f"__auto_type {name} = (int)({initial});"]
        return [f"{qualifier}{type.declare(name)} = {initial};"]

    # ---- branches and loops ----

    def body(self, depth, loop=0):
        """A statement under if, for, ...: with braces or without."""
        self.loops += loop
        if self.r.random() < .25:
            lines = ["\t" + line for line in (self.expression_statement(self.options.depth))]
        else:
            lines = ["{", *self.block(depth - 1), "}"]
        self.loops -= loop
        return lines

    def if_statement(self, depth):
        lines = [f"if ({self.condition()})"] + self.body(depth)
        while self.r.random() < .2:
            lines += [f"else if ({self.condition()})"] + self.body(depth)
        if self.r.random() < .5:
            lines += ["else"] + self.body(depth)
        return lines

    def for_statement(self, depth):
        self.enter()
        kind = self.r.randrange(4)
        if kind == 0: # nothing declared
            counter = self.new_counter()
            before, first = [f"int {counter} = 0;"], self.r.choice(["", str(self.full(self.integer(2)))])
        else:
            counter, before = self.new_name(), []
            self.scope.vars.append(Var(counter, None, self.depth_here()))
            first = f"int {counter} = ({self.full(self.integer(2))}) & 1"
            if kind == 1:
                other = self.new_name()
                second = Var(other, None, self.depth_here())
                self.scope.vars.append(second)
                first += f", {other} = {self.full(self.integer(2))}"
                second.type = INT
        self.scope.vars.append(Var(counter, INT, self.depth_here(), const=True))
        limit = self.r.randrange(1, 4)
        tests = [f"{counter} < {limit} && burn()", f"burn() && {counter} < {limit} && ({self.condition()})",
                 f"(await step({counter})) < {limit} && burn()", f"burn() && await step({counter} < {limit})"]
        steps = [f"{counter}++", f"++{counter}", f"{counter} += await step(1)", f"(await step_v(), {counter}++)",
                 f"{counter} += 1 + (({self.full(self.integer(2))}) & 1)"]
        lines = before + [f"for ({first}; {self.r.choice(tests)}; {self.r.choice(steps)})"] + self.body(depth, 1)
        self.leave()
        return ["{", *["\t" + line for line in lines], "}"] if before else lines

    def counted(self):
        """A condition that holds a few times, and the declaration of its counter."""
        counter = self.new_counter()
        tests = [f"{counter}-- > 0 && burn()", f"{counter}-- > 0 && burn() && ({self.condition()})",
                 f"burn() && (await step({counter}--)) > 0"]
        return f"int {counter} = {self.r.randrange(1, 4)};", self.r.choice(tests)

    def while_statement(self, depth):
        declared, test = self.counted()
        return [declared, f"while ({test})"] + self.body(depth, 1)

    def do_statement(self, depth):
        declared, test = self.counted()
        self.loops += 1
        lines = [declared, "do {", *self.block(depth - 1), f"}} while ({test});"]
        self.loops -= 1
        return lines

    def switch_statement(self, depth):
        lines = [f"switch (({self.full(self.integer(self.options.depth))}) & 3) {{"]
        self.enter()
        self.loops += 1
        early = None
        if self.r.random() < .3:
            early = Var(self.new_name(), None, self.depth_here())
            self.scope.vars.append(early)
            lines += [f"\tint {early.name};"]
        n = self.r.randrange(2, 5)
        labels = self.r.sample(["case 0:", "case 1:", "case 2:", "case 3:", "default:", "case 4 ... 9:"], n)
        falls = False
        for label in labels:
            lines += [FALLTHROUGH] * falls + ["\t" + label]
            if early:
                early.type = None
                lines += [f"\t\t{early.name} = {self.full(self.integer(2))};"]
                early.type = INT
            if self.r.random() < .5:
                lines += ["\t{", *["\t" + line for line in self.block(depth - 1, 2)], "\t}"]
            else:
                self.enter() # what is declared here is out of sight after the next label
                hidden = {v.name for v in self.scope.parent.vars}
                saved, self.reserved = self.reserved, self.reserved | hidden
                lines += [";"] + ["\t\t" + line for line in self.statements(2, depth - 1)]
                names = {v.name for v in self.scope.vars}
                self.reserved = saved
                self.leave()
                self.scope.vars += [Var(name, None, 0) for name in names]
            falls = self.r.random() >= .6
            if not falls:
                lines += ["\t\tbreak;"]
        lines += ["\t\t;", "}"]
        self.loops -= 1
        self.leave()
        # `continue` there belongs to a loop around it: only break is sure to have one
        return self.without_stray_continue(lines)

    def without_stray_continue(self, lines):
        return lines if self.loops else [line.replace("continue;", "break;") if self.depth_of_loops(lines, i) == 0 else line
                                         for i, line in enumerate(lines)]

    @staticmethod
    def depth_of_loops(lines, at):
        """Is lines[at] inside a loop that begins in lines?"""
        indent = len(lines[at]) - len(lines[at].lstrip("\t"))
        for line in reversed(lines[:at]):
            here = len(line) - len(line.lstrip("\t"))
            if here < indent:
                indent = here
                if line.lstrip().startswith(("for", "while", "do")) or line.lstrip() == "{":
                    pass
                if line.lstrip().startswith(("for (", "while (", "do {")):
                    return 1
        return 0

    def duff(self, depth):
        declared, test = self.counted()
        self.loops += 1
        may_jump, self.may_jump = self.may_jump, False
        parts = ["{", f"\t{declared}", f"\tswitch (({self.full(self.integer(2))}) & 3) {{"]
        parts += ["\tcase 0:", "\t\tdo {"]
        for label in ("case 1:", "case 2:"):
            parts += ["\t\t\t" + line for line in self.expression_statement(2)] + ["\t" + FALLTHROUGH, "\t\t" + label]
            parts += ["\t\t{"] + ["\t\t" + line for line in self.block(depth - 1, 2)] + ["\t\t}"]
        parts += [f"\t\t}} while ({test});", "\t}", "}"]
        self.may_jump = may_jump
        self.loops -= 1
        return parts

    def cleanup_block(self, depth):
        self.enter()
        may_jump, self.may_jump = self.may_jump, False
        name = self.new_name()
        var = Var(name, None, self.depth_here(), pointed=True)
        self.scope.vars.append(var)
        initial = self.full(self.integer(2))
        var.type = INT
        lines = [f"__attribute__((cleanup(drop))) int {name} = {initial};"] + self.statements(3, depth - 1)
        self.may_jump = may_jump
        self.leave()
        return ["{", *["\t" + line for line in lines], "}"]

    def run_time_size(self, depth):
        """An array whose size is known when it runs: nothing jumps into its scope."""
        self.enter()
        may_jump, self.may_jump = self.may_jump, False
        name, size, i = self.new_name(), self.new_counter(), self.new_counter()
        var = Var(name, None, self.depth_here(), pointed=True)
        self.scope.vars.append(var)
        of = self.r.choice([INT, LONG, BYTE])
        lines = [f"int {size} = ({self.full(self.integer(2))} & 3) + 1;"]
        lines += [f"{of.name} {name}[{self.r.choice([size, size + ' * 2'])}];"]
        lines += [f"for (int {i} = 0; {i} < {size}; {i}++)", f"\t{name}[{i}] = {self.full(self.integer(2))};"]
        if self.r.random() < .3:
            lines += [f"note({self.note_id()}, sizeof {name});"]
        var.type = Type("array", "", of, 1) # the first element is sure to be there
        lines += self.statements(3, depth - 1)
        lines += [f"note({self.note_id()}, {name}[{size} - 1]);"]
        self.may_jump = may_jump
        self.leave()
        return ["{", *["\t" + line for line in lines], "}"]

    def pointer_loop(self, depth):
        arrays = [v for v in self.scope.visible() + self.unit.globals if v.type.kind == "array" and v.pointed and
                  not v.const and v.type.of.kind in ("int", "struct") and v.type.size > 1]
        array = self.r.choice(arrays)
        self.enter()
        name = self.new_name()
        if name == array.name:
            self.leave()
            return []
        step = self.r.choice([f"{name}++", f"{name} += await step(1)"])
        head = f"for ({array.type.of.name} *{name} = {array.name}; {name} < {array.name} + {array.type.size} && burn(); {step}) {{"
        self.scope.vars.append(Var(name, Type("pointer", "", array.type.of), self.depth_here(), const=True))
        self.loops += 1
        self.reserved, saved = self.reserved | {name, array.name}, self.reserved
        lines = self.block(depth - 1, 2)
        self.reserved = saved
        self.loops -= 1
        self.leave()
        return [head, *lines, "}"]

    def local_type(self, depth):
        from model import Field
        self.enter()
        may_jump, self.may_jump = self.may_jump, False
        name = f"struct {self.r.choice(['own', 'local', self.unit.structs[0].name.split()[1]])}"
        fields = [Field(letter, INTS[self.r.choice(list(INTS))]) for letter in "pq"] + [Field("r", Type("array", "", INT, 2))]
        type = Type("struct", name, fields=fields)
        saved, self.unit.structs = self.unit.structs, [t for t in self.unit.structs if t.name != name] + [type]
        lines = [f"{name} {{ {' '.join(f.type.declare(f.name) + ';' for f in fields)} }};"]
        hidden = name == saved[0].name
        if hidden or any(t is type for t in self.unit.structs):
            self.unit.structs = saved
        var = Var(self.new_name(), None, self.depth_here(), pointed=True)
        self.scope.vars.append(var)
        if hidden: # what is outside of the block is called the same, and cannot be named here
            lines += [f"{name} {var.name} = {{{', '.join(f'(int)({self.literal()})' for _ in fields[:2])}, {{await step(1), 2}}}};",
                      f"await step({var.name}.p);", f"note({self.note_id()}, {var.name}.r[await step(1)] + {var.name}.q);"]
        else:
            lines += [f"{name} {var.name} = {self.full(self.braces(type, 2))};"]
            var.type = type
            lines += self.statements(3, depth - 1)
            lines += self.note_var(var.name, type)
        self.unit.structs = saved
        self.may_jump = may_jump
        self.leave()
        return ["{", *["\t" + line for line in lines], "}"]

    def macro_statement(self):
        if "macro" in self.options.without:
            return []
        if self.r.random() < .5 and not self.guards and not self.no_leave:
            value = self.return_text()[len("return"):-1]
            condition = self.full(self.integer(2))
            return [f"RETURN_IF((({condition}) & 1),{f' ({value})' if '{' in value else value});"]
        places = [p for p in self.places() if p[1].kind == "int" and not p[3] and not p[4] and not p[2].atomic]
        pairs = [(a, b) for a in places for b in places if a[0] != b[0]]
        if not pairs:
            return []
        a, b = self.r.choice(pairs)
        return [f"EXCHANGE({a[0]}, {b[0]});"]

    # ---- jumps ----

    def new_label(self):
        self.unit.n_names += 1
        return f"{self.r.choice(['out', 'again', 'await_1', 'else'])}_{self.unit.n_names}"

    def set_again(self, vars):
        """After a jump past their declarations: scalars are set, the others are not used again."""
        lines = []
        for var in vars:
            if var.type in (INT, LONG, DOUBLE) and not var.const and self.r.random() < .7:
                lines.append(f"{var.name} = {self.r.randrange(9)};")
            elif var.type and not var.lasting:
                var.type = None
        return lines

    def forward(self, depth):
        label = self.new_label()
        lines = self.conditionally(f"goto {label};")
        before = len(self.scope.vars)
        lines += self.statements(self.r.randrange(1, 4), depth - 1)
        lines += [f"{label}:;"] + self.set_again(self.scope.vars[before:])
        return lines

    def backward(self, depth):
        label, counter = self.new_label(), self.new_counter()
        saved, self.scope_shift = self.scope_shift, self.scope_shift + .25 # clang ends a lifetime where goto leaves it
        lines = [f"int {counter} = {self.r.randrange(1, 3)};", f"{label}:;"]
        lines += self.statements(self.r.randrange(1, 4), depth - 1)
        lines += [f"if ({counter}-- > 0 && burn() && ({self.condition()}))", f"\tgoto {label};"]
        self.scope_shift = saved
        return lines

    def into(self, depth):
        label = self.new_label()
        lines = self.conditionally(f"goto {label};")
        lines += [f"if ({self.condition()}) {{"]
        before = len(self.scope.vars)
        self.enter()
        inner = self.statements(2, depth - 1)
        inner += [f"{label}:;"] + self.set_again(self.scope.vars)
        inner += self.statements(2, depth - 1)
        self.leave()
        del before
        return lines + ["\t" + line for line in inner] + ["}"]

    def computed(self, depth):
        one, two = self.new_label(), self.new_label()
        table = self.new_counter()
        lines = ["{", f"\tstatic void *const {table}[] = {{&&{one}, &&{two}}};",
                 f"\tgoto *{table}[({self.full(self.integer(2))}) & 1];"]
        for label in (one, two):
            lines += [f"\t{label}:", "\t{", *["\t" + line for line in self.block(depth - 1, 2)], "\t}"]
        return lines + ["}"]
