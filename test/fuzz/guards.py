"""Random async_try blocks, with async_except, async_finally or both.  The sequential program does the same with gotos: how_N says
why the block is left, ret_N what is returned, and behind the block the way goes on."""
from model import INT, VOID

RAISED = 16 # how_N is this and the error's code
CODES = [5, 7]


class Guard:
    def __init__(self, number, catches, loops, may_go_past):
        self.number, self.catches, self.loops, self.may_go_past = number, catches, loops, may_go_past
        self.goes_past = False


def both(twin, lowered):
    return ["#ifdef TWIN", *twin, "#else", *lowered, "#endif"]


class Guards:
    """Needs what Statements needs; guards (inside which we are), no_leave, flat (a line of text is made, without directives)."""

    def begin_guards(self):
        self.guards, self.no_leave, self.flat = [], False, False

    def leave_by(self, how, statement, twin=""):
        """The lines of leaving the innermost guard."""
        guard = self.guards[-1]
        where = "except" if guard.catches and how not in ("1", "2", "3") else "finally"
        return both([f"{{ {twin}how_{guard.number} = {how}; goto {where}_{guard.number}; }}"], [statement])

    def leave_function(self):
        if self.no_leave or (self.guards and self.flat):
            return []
        if not self.guards:
            return self.conditionally(self.return_text())
        statement = self.return_text()
        value = statement[len("return"):-1].strip()
        twin = f"ret_{self.guards[-1].number} = {value}; " if value else ""
        return self.under_condition(self.leave_by("1", statement, twin))

    def under_condition(self, lines):
        head = self.conditionally("")[0]
        return [head + " {", *lines, "}"]

    def ways_out(self, depth):
        """What can be done in a guard only."""
        if not self.guards or self.flat or self.no_leave:
            return []
        guard = self.guards[-1]
        choices = []
        if any(g.catches for g in self.guards):
            choices += [(2, self.raise_error), (2, self.risk)]
        if guard.loops and not self.loops:
            choices += [(1, lambda: self.under_condition(self.leave_by("2", "break;")))]
        if guard.may_go_past:
            choices += [(1, self.go_past)]
        return choices

    def raise_error(self):
        code = self.r.choice(CODES)
        return self.under_condition(self.leave_by(str(RAISED + code), f'async_raise({code}, "as told");'))

    def risk(self):
        """risky() raises an error if its argument is a multiple of four."""
        target = self.place("int")
        if not target:
            return []
        value = self.full(self.integer(2))
        fails = " ".join(self.leave_by(str(RAISED + 9), "")[1:2])
        return both([f"{{ int argument = ({value}); if (!(argument & 3)) {fails} {target[0]} = await risky(argument); }}"],
                    [f"{target[0]} = await risky({value});"])

    def go_past(self):
        guard = self.guards[-1]
        guard.goes_past = True
        return self.under_condition(self.leave_by("3", f"goto past_{guard.number};"))

    def part(self, depth):
        """A block of a guard: what is around it cannot be left by break or continue."""
        saved, self.loops = self.loops, 0
        lines = self.block(depth - 1)
        self.loops = saved
        return lines

    def guard(self, depth):
        if self.flat:
            return []
        self.unit.n_names += 1
        n = self.unit.n_names
        has_except, has_finally = self.r.choice([(True, False), (True, False), (False, True), (True, True)])
        guard = Guard(n, has_except, self.loops, self.may_jump)
        result = self.function.result
        lines = both([f"int how_{n} = 0;"] + ([f"{result.declare(f'ret_{n}')};"] if result is not VOID else []), ["async_try"])
        self.guards.append(guard)
        lines += ["{", *self.part(depth), "}"]
        guard.catches = False
        if has_except:
            lines += both([f"goto finally_{n}; except_{n}:;"], [f"async_except (error_{n})"])
            caught = both([f"int code_{n} = how_{n} - {RAISED}; how_{n} = 0;"], [f"int code_{n} = error_{n}.code;"])
            lines += ["{", *caught, f"\tnote({self.note_id()}, code_{n});", *self.part(depth), "}"]
        self.guards.pop()
        lines += both([f"finally_{n}:;"], ["async_finally"] if has_finally else [])
        if has_finally:
            saved, self.guards, self.no_leave = (self.guards, self.no_leave), [], True
            lines += ["{", *self.part(depth), "}"]
            self.guards, self.no_leave = saved
        lines += self.go_on(guard)
        lines = ["{", *["\t" + line for line in lines], "}"]
        if guard.goes_past:
            before = len(self.scope.vars)
            lines += self.statements(2, depth - 1) + [f"past_{n}:;"] + self.set_again(self.scope.vars[before:])
        return lines

    def go_on(self, guard):
        """The twin's way behind a guard."""
        n = guard.number
        value = "" if self.function.result is VOID else f"ret_{n}"
        returns = f"return {value};".replace(" ;", ";")
        raises = []
        if self.guards:
            returns = self.leave_by("1", "", f"ret_{self.guards[-1].number} = {value}; " if value else "")[1]
            if any(g.catches for g in self.guards):
                raises = [f"if (how_{n} >= {RAISED}) {self.leave_by(f'how_{n}', '')[1]}"]
        elif self.no_leave:
            returns = ";"
        lines = [f"if (how_{n} == 1) {returns}", *raises]
        if guard.loops:
            lines += [f"if (how_{n} == 2) break;"]
        if guard.goes_past:
            lines += [f"if (how_{n} == 3) goto past_{n};"]
        return ["#ifdef TWIN", *lines, "#endif"]
