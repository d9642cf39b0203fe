"""The generator's picture of a program: types, variables, scopes, and what evaluating an expression does."""


class Type:
    """kind: int, double, struct, union, pointer, array, function (a pointer to one).  of: what it points to or consists of."""

    def __init__(self, kind, name, of=None, size=0, fields=(), params=()):
        self.kind, self.name, self.of, self.size, self.fields, self.params = kind, name, of, size, list(fields), params

    def declare(self, name):
        if self.kind == "array":
            return self.of.declare(f"{name}[{self.size}]")
        if self.kind == "pointer":
            return self.of.declare(f"*{name}")
        if self.kind == "function":
            return self.of.declare(f"(*{name})({', '.join(p.declare('') for p in self.params) or 'void'})")
        return f"{self.name} {name}".rstrip()

    def __str__(self):
        return self.declare("")


class Field:
    def __init__(self, name, type, bits=None):
        self.name, self.type, self.bits = name, type, bits


INT_NAMES = ["_Bool", "char", "signed char", "unsigned char", "short", "unsigned short", "int", "int", "int", "unsigned",
             "long", "unsigned long", "long long", "unsigned long long", "__int128"]
INTS = {name: Type("int", name) for name in INT_NAMES}
INT, LONG, BYTE, DOUBLE, VOID = INTS["int"], INTS["long"], INTS["unsigned char"], Type("double", "double"), Type("void", "void")
FLOAT = Type("double", "float")
STEP = Type("function", "", of=INT, params=(INT,))


class Var:
    def __init__(self, name, type, depth, **how):
        self.name, self.type, self.depth = name, type, depth
        self.const = how.get("const", False)       # nor may anyone else assign to it: loop counters
        self.volatile = how.get("volatile", False)
        self.pointed = how.get("pointed", False)   # its address may be taken
        self.shared = how.get("shared", False)     # static or global: other functions change it
        self.atomic = how.get("atomic", False)
        self.lasting = how.get("lasting", False)   # static or global: pointers to it are good anywhere

    @property
    def key(self):
        """What reading or writing it touches: pointers and other functions may touch the same."""
        return "mem" if self.pointed or self.shared else self


class Ex:
    """An expression's text and its effects.  reads and writes hold Vars, "mem", "log" (order of notes), or "*" (anything)."""

    def __init__(self, text, reads=(), writes=(), awaits=False, wants_await=False):
        self.text, self.reads, self.writes, self.awaits = text, frozenset(reads), frozenset(writes), awaits
        self.wants_await = wants_await # its order is defined only in a full expression that awaits

    def __str__(self):
        return self.text


def joined(text, *parts, reads=(), writes=(), awaits=False):
    return Ex(text, frozenset(reads).union(*(p.reads for p in parts)), frozenset(writes).union(*(p.writes for p in parts)),
              awaits or any(p.awaits for p in parts), any(p.wants_await for p in parts))


def clash(a, b):
    """Would the order of a and b show?"""
    def touches(writes, others):
        return bool(writes & others) or ("*" in writes and others) or (writes and "*" in others)
    return touches(a.writes, b.reads | b.writes) or touches(b.writes, a.reads | a.writes)


class Scope:
    def __init__(self, parent, depth):
        self.parent, self.depth, self.vars = parent, depth, []

    def visible(self):
        seen, scope, found = set(), self, []
        while scope:
            for var in reversed(scope.vars):
                if var.name not in seen:
                    seen.add(var.name)
                    found.append(var)
            scope = scope.parent
        return [v for v in found if v.type]
