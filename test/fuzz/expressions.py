"""Random expressions without undefined behaviour.  Operands whose order would show stand only under an operator with an
await in one of them: there asyncc promises clang's order."""
from model import BYTE, DOUBLE, INT, INTS, LONG, STEP, Ex, clash, joined

LOG = ("log",)
CALL = ("log", "mem") # what a call of an async function may touch


class Expressions:
    """Needs: r (random), unit, scope, note_id(), options."""

    # ---- order ----

    def unordered(self, makers, fallbacks):
        """Operands that C leaves unordered.  Those whose order shows are replaced, unless one of them awaits."""
        parts = [make() for make in makers]
        if any(p.awaits for p in parts):
            return parts
        for j in range(len(parts)):
            if any(clash(parts[i], parts[j]) for i in range(j)):
                if self.options.order and "*" not in parts[j].writes and \
                        all(not clash(parts[i], parts[j]) or self.only_calls(parts[i], parts[j]) for i in range(j)):
                    parts[j].wants_await = True
                else:
                    parts[j] = fallbacks[j]()
        return parts

    @staticmethod
    def only_calls(a, b):
        """Their order is open, but not undefined."""
        return a.writes | b.writes <= {"log"}

    def full(self, ex):
        """A full expression."""
        if ex.wants_await and not ex.awaits and ex.text.startswith("{"):
            return Ex("{0}")
        if ex.wants_await and not ex.awaits:
            return joined(f"(await step(1), {ex})", ex, reads=LOG, writes=LOG, awaits=True)
        return ex

    # ---- places ----

    def places(self, writable=True):
        """Every (text, type, var, is_bit_field, index expressions) that a visible variable offers."""
        found = []

        def walk(text, type, var, bits, indices, pointed):
            if type.kind == "array":
                i = self.index(type.size)
                walk(f"{text}[{i}]", type.of, var, False, indices + [i], pointed)
            elif type.kind in ("struct", "union"):
                found.append((text, type, var, False, indices, pointed))
                for field in type.fields:
                    walk(f"{text}.{field.name}", field.type, var, field.bits is not None, indices, pointed)
            elif type.kind == "pointer":
                found.append((text, type, var, bits, indices, pointed))
                if type.of.kind == "struct":
                    for field in type.of.fields:
                        walk(f"{text}->{field.name}", field.type, var, field.bits is not None, indices, True)
                    text = f"(*{text})" if self.r.random() < .5 else f"{text}[0]"
                    found.append((text, type.of, var, False, indices, True))
                elif len(indices) < 2:
                    found.append((f"(*{text})" if self.r.random() < .6 else f"{text}[0]", type.of, var, False, indices, True))
            elif type.kind != "function":
                found.append((text, type, var, bits, indices, pointed))

        everything = self.scope.visible() + self.r.sample(self.unit.globals, 2)
        for var in self.r.sample(everything, min(len(everything), 8)):
            if writable and var.const and var.type.kind not in ("pointer",):
                continue
            walk(var.name, var.type, var, False, [], False)
        if writable:
            found = [f for f in found if not (f[2].const and not f[5])]
        return found

    def place(self, kind, type=None, writable=True):
        """(Ex of its address part, text, type, key, is_bit_field), or None."""
        choices = [p for p in self.places(writable) if p[1].kind == kind and (type is None or p[1] is type)]
        if not choices:
            return None
        text, found, var, bits, indices, pointed = self.r.choice(choices)
        reads = [var.key] if pointed else []
        if var.type.kind == "pointer" and pointed:
            reads.append(var.key)
        address = joined(text, *indices, reads=reads)
        return address, found, "mem" if pointed else var.key, bits

    def odd_place(self, type):
        """A place that takes a call or a choice to find: *f(), *(c ? &a : &b)."""
        pointer = self.pointer(type, 1, None)
        return joined(f"(*{pointer})", pointer), type, "mem", False

    def target(self, kind, type=None, depth=1):
        if depth > 0 and self.r.random() < .15:
            elem = type or (self.r.choice([INT, LONG, BYTE]) if kind == "int" else DOUBLE)
            if elem in self.unit.pointable:
                return self.odd_place(elem)
        return self.place(kind, type)

    def index(self, size):
        mask = size - 1
        if self.depth_left <= 0 or self.r.random() < .6:
            return Ex(str(self.r.randrange(size)))
        self.depth_left -= 1
        try:
            inner = self.integer(1)
        finally:
            self.depth_left += 1
        return joined(f"({inner}) & {mask}", inner)

    # ---- integers ----

    def literal(self):
        return Ex(self.r.choice(["0", "1", "2", "3", "-1", "7", "100", "255", "65535", "'a'", "0x7fffffff", "0x80000000u", "1L",
                                 "3ul", "-5ll", "(unsigned char)200", "(short)-3", str(self.r.randrange(1000))]))

    def read(self, kind, type=None):
        found = self.place(kind, type, writable=False)
        if not found:
            return None
        address, _, key, _ = found
        return joined(address.text, address, reads=[key])

    def integer(self, depth):
        self.budget -= 1
        if depth <= 0 or self.budget < 0:
            return (self.read("int") if self.r.random() < .75 else None) or self.literal()
        if self.r.random() < self.options.awaits:
            return self.await_integer(depth)
        return self.pick([
            (6, lambda: self.integer(0)), (8, lambda: self.binary(depth)), (3, lambda: self.unary(depth)),
            (3, lambda: self.cast(depth)), (3, lambda: self.logical(depth)), (3, lambda: self.conditional(self.integer, depth)),
            (1, lambda: self.elvis(depth)), (2, lambda: self.comma(self.integer, depth)), (3, lambda: self.assignment(depth)),
            (3, lambda: self.compound(depth)), (2, lambda: self.step_by_one()), (3, lambda: self.noted(depth)),
            (1, lambda: self.plain_call(depth)), (2, lambda: self.statement_expression(self.integer, depth)),
            (1, lambda: self.sizeof(depth)), (2, lambda: self.member_of_value(depth)), (1, lambda: self.element_of_literal(depth)),
            (1, lambda: self.from_double(depth)), (1, lambda: self.generic(depth)), (1, lambda: self.through_pointer(depth)),
            (1, lambda: self.expect(depth)), (1.5, lambda: self.macro(depth)),
        ])()

    def pick(self, weighted):
        return self.r.choices([w[1] for w in weighted], [w[0] for w in weighted])[0]

    def small(self):
        return self.read("int") or self.literal()

    def binary(self, depth):
        op = self.r.choice("+ - * & | ^ / % << >> < > <= >= == !=".split())
        if op in ("<", ">", "==") and self.r.random() < .25:
            a, b = self.unordered([lambda: self.double(depth - 1)] * 2, [lambda: Ex("1.5"), lambda: Ex("0.5")])
            return joined(f"({a} {op} {b})", a, b)
        a, b = self.unordered([lambda: self.integer(depth - 1)] * 2, [lambda: Ex("3"), lambda: Ex("2")])
        if op in "/%":
            return joined(f"({a} {op} (({b} & 15) + 1))", a, b)
        if op in ("<<", ">>"):
            return joined(f"({a} {op} ({b} & 7))", a, b)
        return joined(f"({a} {op} {b})", a, b)

    def unary(self, depth):
        a = self.integer(depth - 1)
        return joined(f"{self.r.choice(['-', '~', '!', '+', '!!'])}({a})", a)

    def cast(self, depth):
        a = self.integer(depth - 1)
        return joined(f"({self.r.choice(list(INTS))})({a})", a)

    def logical(self, depth):
        a, b = self.truth(depth - 1), self.truth(depth - 1)
        return joined(f"({a} {self.r.choice(['&&', '||'])} {b})", a, b)

    def truth(self, depth):
        if depth > 0 and self.r.random() < .1:
            return self.double(depth)
        if depth > 0 and self.r.random() < .1:
            return self.pointer(INT, depth, None)
        return self.integer(depth)

    def conditional(self, make, depth):
        c, a, b = self.truth(depth - 1), make(depth - 1), make(depth - 1)
        return joined(f"({c} ? {a} : {b})", c, a, b)

    def elvis(self, depth):
        if "elvis" in self.options.without:
            return self.integer(depth - 1)
        a, b = self.integer(depth - 1), self.integer(depth - 1)
        return joined(f"({a} ?: {b})", a, b)

    def comma(self, make, depth):
        a, b = self.discarded(depth - 1), make(depth - 1)
        return joined(f"({a}, {b})", a, b)

    def discarded(self, depth):
        kind = self.r.randrange(6)
        if kind == 0:
            return Ex("await step_v()", LOG, LOG, True)
        if kind == 1:
            c = self.integer(depth)
            return joined(f"({c} ? await step_v() : (void)0)", c, reads=LOG, writes=LOG, awaits=True)
        if kind == 2:
            a = self.integer(depth)
            return joined(f"(void)({a})", a)
        return self.integer(depth)

    def assignable(self, target, value):
        """The value first, then the target: only an await in one of them makes it so in every compiler."""
        return target.awaits or value.awaits or not clash(target, value)

    def assignment(self, depth, statement=False):
        target = self.target("int")
        if not target:
            return self.literal()
        address, type, key, _ = target
        value = self.integer(depth - 1)
        if not self.assignable(address, value):
            value = self.literal()
        text = f"{address} = {value}"
        return joined(text if statement else f"({text})", address, value, writes=[key])

    def compound(self, depth, statement=False):
        target = self.target("int")
        if not target:
            return self.literal()
        address, type, key, bits = target
        value = self.integer(depth - 1)
        op = self.r.choice(["+=", "-=", "*=", "&=", "|=", "^=", "/=", "%=", "<<=", ">>="])
        if op in ("/=", "%=") and ("_atom" in address.text or getattr(key, "atomic", False)):
            op = "-=" # clang 19 divides an _Atomic int by a long as if it were unsigned
        whole = joined("", address, reads=[key])
        if not (address.awaits or value.awaits) and clash(whole, value):
            value = self.literal()
        if op in ("/=", "%="):
            value = joined(f"({value} & 15) + 1", value)
        if op in ("<<=", ">>="):
            value = joined(f"({value}) & 7", value)
        text = f"{address} {op} {value}"
        return joined(text if statement else f"({text})", address, value, reads=[key], writes=[key])

    def step_by_one(self):
        target = self.target("int", depth=1)
        if not target or target[1].name == "_Bool":
            return self.literal()
        address, _, key, _ = target
        op = self.r.choice(["++", "--"])
        text = f"({address}){op}" if self.r.random() < .5 else f"{op}({address})"
        return joined(text, address, reads=[key], writes=[key])

    def noted(self, depth):
        a = self.integer(depth - 1)
        return joined(f"note({self.note_id()}, {a})", a, reads=LOG, writes=LOG)

    def plain_call(self, depth):
        if self.r.random() < .5:
            a = self.integer(depth - 1)
            return joined(f"plain({a})", a)
        a, b = self.unordered([lambda: self.integer(depth - 1)] * 2, [lambda: Ex("3"), lambda: Ex("2")])
        return joined(f"plain2({a}, {b})", a, b)

    def sizeof(self, depth):
        if self.own and self.r.random() < .5: # what is being initialised
            return Ex(f"(int)sizeof({self.own})")
        found = self.place("int", writable=False)
        if found and not found[3] and not found[0].awaits:
            return Ex(f"(int)sizeof({found[0]})")
        return Ex("(int)sizeof(long)")

    def member_of_value(self, depth):
        struct = self.r.choice(self.unit.structs)
        fields = [f for f in struct.fields if f.type.kind == "int" or (f.type.kind == "array" and f.type.of.kind == "int")]
        if not fields:
            return self.literal()
        field = self.r.choice(fields)
        value = self.struct_call(struct, depth) if self.r.random() < .5 else self.struct(struct, depth - 1)
        if field.type.kind == "int":
            return joined(f"({value}).{field.name}", value)
        value, i = self.unordered([lambda: value, lambda: self.index(field.type.size)], [lambda: value, lambda: Ex("1")])
        return joined(f"({value}).{field.name}[{i}]", value, i)

    def element_of_literal(self, depth):
        n = 2
        parts = self.unordered([lambda: self.integer(depth - 1)] * n + [lambda: self.index(n)],
                               [lambda: Ex("4"), lambda: Ex("5"), lambda: Ex("1")])
        return joined(f"(int[]){{(int)({parts[0]}), (int)({parts[1]})}}[{parts[2]}]", *parts)

    def from_double(self, depth):
        a = self.double(depth - 1)
        return joined(f"to_int({a})", a)

    def generic(self, depth):
        a = self.integer(depth - 1)
        if "generic" in self.options.without:
            return a
        return joined(f"_Generic(1{self.r.choice(['', 'L'])}, int: ({a}), default: (int)({a}))", a)

    def macro(self, depth):
        def argument(ex): # commas in braces would separate arguments
            return f"({ex})" if "{" in ex.text else str(ex)

        a = self.integer(depth - 1)
        kind = self.r.randrange(4)
        if "macro" in self.options.without:
            return a
        if kind == 0:
            return joined(f"STEP({argument(a)})", a, reads=LOG, writes=LOG, awaits=True)
        if kind == 1:
            return joined(f"SHOW({argument(a)})", a, reads=LOG, writes=LOG)
        b = self.integer(depth - 1)
        return joined(f"{'BOTH' if kind == 2 else 'MAYBE'}({argument(a)}, {argument(b)})", a, b)

    def expect(self, depth):
        a = self.integer(depth - 1)
        return joined(f"__builtin_expect(!!({a}), 1)", a)

    def through_pointer(self, depth):
        type = self.r.choice([INT, LONG, BYTE])
        a = self.pointer(type, depth - 1, None)
        return joined(f"*{a}", a, reads=["mem"])

    # ---- awaits ----

    def await_integer(self, depth):
        kind = self.r.randrange(10)
        if kind < 5:
            a = self.integer(depth - 1)
            return joined(f"await {self.r.choice(['step', 'step', 'step_l'])}({a})", a, reads=LOG, writes=LOG, awaits=True)
        if kind == 5:
            pointers = [v for v in self.scope.visible() + self.unit.globals
                        if v.type is STEP or (v.type.kind == "array" and v.type.of is STEP)]
            if pointers:
                return self.await_pointer(self.r.choice(pointers), depth)
        if kind == 7:
            pointers = [p for p in self.function_members()]
            if pointers:
                text, key = self.r.choice(pointers)
                a = self.integer(depth - 1)
                return joined(f"await ({text} ?: plain)({a})", a, reads=[key, *LOG], writes=LOG, awaits=True)
        if kind == 6:
            a = self.integer(depth - 1)
            c = self.integer(depth - 2)
            a, c = self.unordered([lambda: a, lambda: c], [lambda: a, lambda: Ex("1")])
            return joined(f"await ({c} ? step : plain)({a})", a, c, reads=LOG, writes=LOG, awaits=True)
        return self.call_of("int", depth) or Ex("await step(1)", LOG, LOG, True)

    def function_members(self):
        for var in self.scope.visible() + self.unit.globals:
            if var.type.kind == "struct":
                for field in var.type.fields:
                    if field.type is STEP:
                        yield f"{var.name}.{field.name}", var.key

    def await_pointer(self, var, depth):
        a = self.integer(depth - 1)
        if var.type is STEP:
            name = var.name if self.r.random() < .6 else f"(*{var.name})"
            return joined(f"await {name}({a})", a, reads=[var.key, *LOG], writes=LOG, awaits=True)
        i = self.index(var.type.size)
        return joined(f"await {var.name}[{i}]({a})", i, a, reads=[var.key, *LOG], writes=LOG, awaits=True)

    def call_of(self, kind, depth, type=None):
        functions = [f for f in self.callable if f.result.kind == kind and (type is None or f.result is type)]
        if not functions or self.calls_left <= 0:
            return None
        self.calls_left -= 1
        return self.call(self.r.choice(functions), depth)

    def call(self, function, depth):
        makers = [(lambda p=p: self.value(p, depth - 1)) for p in function.params]
        args = [m() for m in makers] # it awaits: their order is defined
        for i, type in enumerate(function.params): # ... but clang copies a struct from its place only when it calls
            if type.kind == "struct" and any(clash(args[i], later) for later in args[i + 1:]):
                args[i] = Ex(f"({type.name}){{0}}")
        if function.recursive:
            args.insert(0, Ex("depth - 1" if self.function and self.function.recursive else "2"))
        return joined(f"await {function.name}({', '.join(map(str, args))})", *args, reads=CALL, writes=CALL, awaits=True)

    # ---- other types ----

    def value(self, type, depth):
        if type.kind == "int":
            return self.integer(depth)
        if type.kind == "double":
            return self.double(depth)
        if type.kind == "pointer":
            return self.pointer(type.of, depth, None)
        if type.kind == "function":
            return Ex(self.r.choice(["step", "plain", "&step"]))
        return self.struct(type, depth)

    def double(self, depth):
        self.budget -= 1
        if depth <= 0 or self.budget < 0:
            return (self.read("double") if self.r.random() < .7 else None) or \
                Ex(self.r.choice(["0.5", "1.0", "-2.25", "1e3", "0.1", "3.0f"]))

        def arithmetic():
            a, b = self.unordered([lambda: self.double(depth - 1)] * 2, [lambda: Ex("3.0"), lambda: Ex("0.5")])
            return joined(f"({a} {self.r.choice('+-*')} {b})", a, b)

        def assigned():
            target = self.target("double")
            value = self.double(depth - 1)
            if not target or not self.assignable(target[0], value):
                return value
            return joined(f"({target[0]} = {value})", target[0], value, writes=[target[2]])

        def converted():
            a = self.integer(depth - 1)
            return joined(f"({self.r.choice(['double', 'float'])})({a})", a)

        def awaited():
            a = self.double(depth - 1)
            return joined(f"await step_d({a})", a, reads=LOG, writes=LOG, awaits=True)

        def noted():
            a = self.double(depth - 1)
            return joined(f"note_d({self.note_id()}, {a})", a, reads=LOG, writes=LOG)

        return self.pick([(4, lambda: self.double(0)), (4, arithmetic), (2, assigned), (3, converted), (4, awaited), (1, noted),
                          (2, lambda: self.conditional(self.double, depth)), (1, lambda: self.comma(self.double, depth)),
                          (2, lambda: self.call_of("double", depth) or Ex("await step_d(0.5)", LOG, LOG, True))])()

    def pointer(self, type, depth, limit):
        """To a `type` that outlives scopes deeper than `limit` (None: as long as this expression)."""
        self.budget -= 1

        def outlives(var):
            return var.lasting or limit is None or var.depth <= limit

        def direct():
            choices = []
            for var in self.scope.visible() + self.unit.globals:
                if var.const or var.volatile or not outlives(var):
                    continue
                if var.type.kind == "pointer" and var.type.of is type:
                    choices.append(lambda v=var: Ex(v.name, [v.key]))
                if not var.pointed:
                    continue
                if var.type is type:
                    choices.append(lambda v=var: Ex(f"&{v.name}"))
                if var.type.kind == "array" and var.type.of is type:
                    def element(v=var):
                        i = self.index(v.type.size)
                        form = self.r.randrange(3)
                        return joined([f"&{v.name}[{i}]", f"({v.name} + ({i}))", f"(&{v.name}[0] + ({i}))"][form], i)
                    choices.append(element)
                if var.type.kind == "struct":
                    for f in var.type.fields:
                        if f.type is type and f.bits is None:
                            choices.append(lambda v=var, f=f: Ex(f"&{v.name}.{f.name}"))
            return self.r.choice(choices)()

        if depth <= 0 or self.budget < 0:
            return direct()

        def awaited():
            a = self.integer(depth - 1)
            return joined(f"await {self.unit.finders[type]}({a})", a, reads=LOG, writes=LOG, awaits=True)

        def again(depth):
            return self.pointer(type, depth, limit)

        def assigned():
            pointers = [v for v in self.scope.visible() if v.type.kind == "pointer" and v.type.of is type and not v.const]
            if not pointers:
                return direct()
            var = self.r.choice(pointers)
            value = self.pointer(type, depth - 1, var.depth)
            if not outlives(var):
                return joined(f"({var.name} = {value}, {direct()})", value, writes=[var.key], reads=["mem"])
            return joined(f"({var.name} = {value})", value, writes=[var.key])

        return self.pick([(5, direct), (2, awaited), (1, lambda: self.conditional(again, depth)), (1, assigned),
                          (1, lambda: self.comma(again, depth))])()

    def struct(self, type, depth):
        self.budget -= 1
        if depth <= 0 or self.budget < 0:
            return self.read(type.kind, type) or Ex(f"(({type.name}){{0}})")
        if type.kind == "union":
            return self.pick([(2, lambda: self.struct(type, 0)), (2, lambda: self.struct_literal(type, depth)),
                              (1, lambda: self.conditional(lambda d: self.struct(type, d), depth))])()
        return self.pick([(3, lambda: self.struct(type, 0)), (4, lambda: self.struct_literal(type, depth)),
                          (4, lambda: self.struct_call(type, depth)),
                          (2, lambda: self.conditional(lambda d: self.struct(type, d), depth)),
                          (1, lambda: self.comma(lambda d: self.struct(type, d), depth)),
                          (1, lambda: self.statement_expression(lambda d: self.struct(type, d), depth)),
                          (1, lambda: self.struct_assignment(type, depth) or self.struct(type, 0))])()

    def struct_assignment(self, type, depth, statement=False):
        target = self.place(type.kind, type)
        if not target:
            return None
        address, _, key, _ = target
        value = self.struct(type, depth - 1)
        if clash(address, value) or address.awaits: # clang has the target first here, asyncc the value
            return None
        text = f"{address} = {value}"
        return joined(text if statement else f"({text})", address, value, writes=[key])

    def struct_call(self, type, depth):
        if type.kind == "struct" and self.r.random() < .5:
            made = self.call_of("struct", depth, type)
            if made:
                return made
        value = self.struct(type, depth - 1)
        if type.kind == "union":
            return value
        return joined(f"await {self.unit.echoes[type]}({value})", value, reads=LOG, writes=LOG, awaits=True)

    def struct_literal(self, type, depth):
        value = self.braces(type, depth)
        return joined(f"(({type.name}){value})", value)

    def braces(self, type, depth):
        """{a, b, .c = d}: in member order."""
        texts, fields = [], list(type.fields)
        if type.kind == "union":
            fields = [self.r.choice(fields)]
            named = True
        else:
            named = self.r.random() < .4
        chosen = [f for f in fields if not named or self.r.random() < .7]
        if not named:
            chosen = chosen[:self.r.randrange(1, len(chosen) + 1)]

        def item(type):
            if type.kind == "array":
                return self.braces_of_array(type, depth - 1)
            if type.kind in ("struct", "union"):
                return self.braces(type, depth - 1) if self.r.random() < .6 else self.struct(type, depth - 1)
            return self.value(type, depth - 1)

        parts = self.unordered([(lambda f=f: item(f.type)) for f in chosen], [(lambda f=f: self.zero(f.type)) for f in chosen])
        for field, part in zip(chosen, parts):
            if self.is_narrow(field.type) and not part.text.startswith("{"):
                part = joined(f"({field.type.name})({part})", part)
            texts.append(f".{field.name} = {part}" if named else str(part))
        return joined("{" + (", ".join(texts) or "0") + "}", *parts)

    @staticmethod
    def is_narrow(type):
        return type.kind == "int"

    def braces_of_array(self, type, depth):
        n = self.r.randrange(1, type.size + 1) if type.of.kind != "function" else type.size

        def item():
            if type.of.kind in ("struct", "union"):
                return self.braces(type.of, depth - 1) if self.r.random() < .6 else self.struct(type.of, depth - 1)
            if type.of.kind == "array":
                return self.braces_of_array(type.of, depth - 1)
            return self.value(type.of, depth - 1)

        parts = self.unordered([item] * n, [lambda: self.zero(type.of)] * n)
        texts = [f"({type.of.name})({p})" if self.is_narrow(type.of) else str(p) for p in parts]
        if self.r.random() < .2 and n > 1:
            texts[-1] = f"[{type.size - 1}] = {texts[-1]}"
        return joined("{" + ", ".join(texts) + "}", *parts)

    def zero(self, type):
        if type.kind in ("struct", "union", "array"):
            return Ex("{0}")
        if type.kind == "pointer":
            return Ex(f"&{self.unit.pointable[type.of]}[1]")
        if type.kind == "function":
            return Ex("step")
        return Ex("0")

    def statement_expression(self, make, depth):
        if "statement_expression" in self.options.without or self.budget < 0:
            return make(depth - 1)
        lines, value = self.block_with_value(make, depth - 1)
        if make == self.integer and ("_atom" in value.text or any(getattr(v, "atomic", False) for v in value.reads)):
            value = f"({value}) + 0" # clang: an _Atomic there keeps its type
        text = "({ " + " ".join(line.strip() for line in lines) + f" {value}; }})"
        awaits = "await" in text
        return Ex(text, ["*", "log", "mem"], ["*", "log", "mem"], awaits)
