"""gdb commands for programs in async C: where every task stands, in a core file too.

    gdb -x $(asyncc --gdb-script) PROGRAM [CORE]
    async tasks            every task of every loop, each with its chain of awaits, the innermost function first
    async bt [TASK]        a task's chain with the functions' arguments; TASK is a name or a number, else the task that runs here
    async frame N [TASK]   what frame N of that chain holds: its parameters, and what it saved when it suspended

Reads memory and debug information, calls nothing in the program.  What it knows of the runtime stands in runtime.h (tasks),
handle.c (the table that leads to all of them) and async/abi.h (frames, descriptors).
"""
import gdb

PENDING, TASK = 0, 5  # future.h: enum async__state; object.h: enum async__kind
NOTHING, HANDLE, WOKEN = 0, 1, 8  # enum async__waits
CHUNK = 3  # enum async__ground_kind
RESUME, RUN = "__resume", "__run"  # what the code of NAME is in
STEPS = ("step", "take_step", "go_on", "async__step", "async__run_batch", "async__run_ready")  # of step.c: what resumes a task


def runtime_type(name):
    try:
        return gdb.lookup_type(name)
    except gdb.error:
        raise gdb.GdbError("no async runtime here, or one without debug information")


def at(address, type_name):
    """The object of that type at the address."""
    return gdb.Value(int(address)).cast(runtime_type(type_name).pointer()).dereference()


def text(pointer):
    return pointer.string(errors="replace")


# ---- from the table of handles to loops, and from these to tasks ----


def chunks():
    """Every chunk of the table; each belongs to one loop."""
    runtime_type("struct async__slots")
    symbol = gdb.lookup_static_symbol("async__table")
    if symbol is None:
        raise gdb.GdbError("no async runtime here, or one without debug information")
    pages, left = symbol.value()["pages"], int(symbol.value()["n_chunks"])
    per_page = pages.type.range()[1] + 1
    for i in range(left):
        yield at(pages[i // per_page][i % per_page], "struct async__slots")


class Program:
    """What is found in the stopped program, once for a command."""

    def __init__(self):
        self.loops = {}  # address of a loop: its tasks that are started and not finished, in order of creation
        self.steps = steps_of_threads()
        for chunk in chunks():
            self.take(chunk, int(chunk["owner"]))
        for tasks in self.loops.values():
            tasks.sort(key=lambda task: number_of(task))

    def take(self, chunk, loop):
        for i in range(int(chunk["used"]) if loop else 0):
            address = int(chunk["slots"][i])
            kind = 0 if address & 1 else int(at(address, "struct async__object")["kind"])
            if kind != TASK:
                continue
            task = at(address, "struct async__task")
            if int(task["future"]["state"]) == PENDING and number_of(task):
                self.loops.setdefault(loop, []).append(task)

    def tasks(self):
        return [task for tasks in self.loops.values() for task in tasks]

    def task(self, name):
        """The one of that name or number; without a name, the one whose step is on the selected thread's stack."""
        if not name:
            return self.task_here()
        for task in self.tasks():
            if name in (name_of(task), str(number_of(task))):
                return task
        raise gdb.GdbError("no task '%s' here: 'async tasks' lists them" % name)

    def task_here(self):
        """What an optimising compiler leaves on the stack may not tell; a core file may lack the thread's variables."""
        here = stepping_task()
        roots = {root for root, _ in steps_here()}
        for task in self.tasks():
            if int(task.address) == here or root_of(task) in roots:
                return task
        raise gdb.GdbError("no task runs on this thread: 'async tasks' lists those that wait")

    def calls(self, task):
        """Its calls on a C stack, the innermost first."""
        return next((calls for root, calls in self.steps if root == root_of(task)), [])


def caller_at(address):
    """Where the frame there, whose function has suspended once, is awaited; None: it is a root, with its function's beginning there."""
    point = at(address, "struct async_frame")["caller_at"]
    return point if int(point["state"]) else None


def caller_of(address):
    """The address of the frame that awaits this one, which is no root: as async__caller_of in task.h."""
    offset = int(caller_at(address)["callee_offset"])
    return address - offset if offset else int((gdb.Value(address).cast(runtime_type("struct async__pushed").pointer()) - 1)["caller"])


def function_of(task):
    """As async__function_of in task.h."""
    return at(root_of(task), "struct async_frame")["caller_at"]["function"]


def number_of(task):
    """0: it has not been started."""
    return int(task["wake"]["numbered"]) >> 1


def name_of(task):
    rare = bottom(task).cast(runtime_type("struct async__rare").pointer()) if int(task["future"]["has_rare"]) else None
    name = rare["name"].string() if rare else ""
    return name or "Task-%d" % number_of(task)


# ---- what is on the C stack ----


class Call:
    """The code of an async function on a thread's C stack: the frame it works on (0: it has none), where it is (in what asyncc
    wrote, that is a line of the lowered text)."""

    def __init__(self, frame, name, base):
        self.name, self.base, self.block = name, base, frame.block()
        place = frame.find_sal()
        self.place = "%s:%d" % (place.symtab.filename, place.line) if place.symtab else "?"


def call_in(frame, inner):
    """The call that the C frame is of; None: it is of none, or the debugger cannot tell.  inner: the one found last, which a resume function
    may have made itself, to have it do the work."""
    try:
        name = frame.name() or ""
        if name.endswith(RESUME):
            base = int(next(symbol for symbol in arguments_of(frame)).value(frame))
            if inner and inner.name == name[: -len(RESUME)] and inner.base in (0, base) and inner.is_run:
                inner.base = base
                return None
            call = Call(frame, name[: -len(RESUME)], base)
            call.is_run = False
            return call if base else None
        if name.endswith(RUN):
            made = next(symbol for symbol in arguments_of(frame)).value(frame)
            call = Call(frame, name[: -len(RUN)], int(made.dereference()) if made.type.code == gdb.TYPE_CODE_PTR else 0)
            call.is_run = True
            return call
    except (gdb.error, RuntimeError, StopIteration):
        pass
    return None


def arguments_of(frame):
    block = frame.block()
    while not block.function:
        block = block.superblock
    return [symbol for symbol in block if symbol.is_argument]


def is_step(frame):
    function = frame.function()
    return frame.name() in STEPS and function is not None and function.symtab.filename.endswith("runtime/step.c")


def steps_here():
    """(root frame, calls) of each step on the selected thread's stack, the innermost first.  What a call has begun itself does not know
    its caller yet: that is what the stack tells.  The outermost call of a step was resumed by it, and knows."""
    frame, steps, calls = gdb.newest_frame(), [], []
    while frame:
        call = call_in(frame, calls[-1] if calls else None)
        if call:
            calls.append(call)
        elif calls and is_step(frame):
            steps.append((root_above(calls[-1].base), calls))
            calls = []
        frame = frame.older()
    return steps


def stepping_task():
    """The address of the task whose step runs on the selected thread, as the runtime knows it; 0: none."""
    try:
        return int(gdb.parse_and_eval("async__self.task"))
    except gdb.error:
        return 0


def steps_of_threads():
    selected, steps = gdb.selected_thread(), []
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        steps.extend(steps_here())
    if selected:
        selected.switch()
    return steps


# ---- from a task to its frames ----


def root_of(task):
    return int(task.address) + task.type.sizeof


def bottom(task):
    """As async__bottom."""
    ground = task["future"]["ground"]
    while int(ground["kind"]) == CHUNK:
        ground = ground.cast(runtime_type("struct async__chunk").pointer())["below"]
    return ground


class Frame:
    """One link of a task's chain of awaits: suspended at a point, or a call on a C stack."""

    def __init__(self, address, point, call=None):
        self.address, self.point, self.call = address, point, call

    def name(self):
        return self.call.name if self.call else text(self.point["function"]["name"])

    def block(self):
        return self.call.block if self.call else gdb.block_for_pc(int(self.point["resume"]))

    def layout(self):
        try:
            return gdb.lookup_type("struct %s__frame" % self.name(), self.block())
        except (gdb.error, RuntimeError, TypeError):
            return None

    def entry(self):
        """What ordinary C would call; None: the compiler has dropped it, and its prototype with it."""
        block = self.block()
        entry = gdb.lookup_symbol(self.name(), block)[0] if block else None
        return entry if entry and entry.type.code == gdb.TYPE_CODE_FUNC else None

    def is_parameter(self, name):
        """Of a field: small ones that are none fill the gaps between them."""
        entry = self.entry()
        if entry is None:
            return True
        code = gdb.block_for_pc(int(entry.value().address))
        named = [symbol.name for symbol in code if symbol.is_argument and symbol.name] if code else []
        return name in named or name.rstrip("_") in named or (name.startswith("arg_") and len(named) < len(entry.type.fields()))

    def fields(self):
        """(name, value) of what the function keeps, its parameters first."""
        layout = self.layout()
        if layout is None or not self.address:
            return []
        return kept_in(gdb.Value(self.address).cast(layout.pointer()).dereference())

    def arguments(self):
        return ", ".join("%s=%s" % (name, short(value)) for name, value in self.fields() if self.is_parameter(name))

    def place(self):
        """Behind the function's name: its file and line, and what it awaits."""
        if self.call:
            return " (%s)" % self.call.place
        file = text(self.point["function"]["file"])
        if not int(self.point["awaited"]):
            return " (%s)" % file
        return " (%s:%d): await %s" % (file, int(self.point["line"]), text(self.point["awaited"]))


def kept_in(value):
    """The fields of a frame but for the frames of callees, which are links of the chain themselves: parameters first, though what
    shares with a result that they do not share with stands before them.  Those of a union are in use at different awaits."""
    kept, beside_result = [], []
    for field in value.type.fields():
        if not field.name:
            names = [member.name for member in field.type.fields()]
            (beside_result if "result" in names and all(names) else kept).extend(kept_in(value[field]))
        elif field.name not in ("base", "result") and not str(field.type.strip_typedefs()).endswith("__frame"):
            kept.append((field.name, value[field]))
    return kept + beside_result


def short(value):
    try:
        return value.format_string(max_elements=40, repeat_threshold=10)
    except gdb.error as error:
        return "<%s>" % error


def chain(program, task):
    """A task's frames, the innermost first."""
    calls = program.calls(task)
    frames = [Frame(call.base, None, call) for call in calls]
    if calls:
        address, point = calls[-1].base, None
    elif is_running(program, task) or int(task["future"]["fresh"]):
        return []
    else:
        address, point = int(task["future"]["leaf"]), task["at"]
        frames.append(Frame(address, point))
    while (point := caller_at(address)) is not None:
        address = caller_of(address)
        frames.append(Frame(address, point))
    return frames


def is_running(program, task):
    """As async__is_running in task.h; a core file may lack the thread's variables, but then there is the stack."""
    if int(task["future"]["hosts"]) or int(task.address) == stepping_task():
        return True
    return int(task["future"]["waits"]) == NOTHING and bool(program.calls(task))


def root_above(address):
    while caller_at(address) is not None:
        address = caller_of(address)
    return address


# ---- the commands ----


def awaited_by(task):
    return task["awaited"] if int(task["future"]["waits"]) == HANDLE else None


def standing(program, task):
    if is_running(program, task):
        return "running"
    if int(task["future"]["fresh"]):
        return "not started"
    awaited = awaited_by(task)
    waits = int(task["future"]["waits"])
    if waits == NOTHING or waits & WOKEN or (awaited and int(awaited["state"]) != PENDING):
        return "ready"
    return "waiting, cancelling" if int(task["future"]["cancels"]) else "waiting"


def print_task(program, task):
    print("%s, %s: %s" % (name_of(task), text(function_of(task)["name"]), standing(program, task)))
    awaited = awaited_by(task)
    if awaited and int(awaited["object"]["kind"]) == TASK:
        print("  for " + name_of(at(awaited, "struct async__task")))
    for frame in chain(program, task):
        print("  at %s%s" % (frame.name(), frame.place()))


class AsyncCommand(gdb.Command):
    """Tasks of a program in async C: async tasks, async bt [TASK], async frame N [TASK]."""

    def __init__(self):
        super().__init__("async", gdb.COMMAND_STACK, prefix=True)


class TasksCommand(gdb.Command):
    """Every task of every loop with its chain of awaits, the innermost function first."""

    def __init__(self):
        super().__init__("async tasks", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        program = Program()
        for loop, tasks in program.loops.items():
            if len(program.loops) > 1:
                print("loop %#x:" % loop)
            for task in tasks:
                print_task(program, task)
        if not program.loops:
            print("no tasks")


class BacktraceCommand(gdb.Command):
    """The chain of awaits of a task, with the arguments that its functions keep.
async bt [TASK]: TASK is a name or a number as in 'async tasks'; without it, the task that runs on this thread."""

    def __init__(self):
        super().__init__("async bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        program = Program()
        for number, frame in enumerate(chain(program, program.task(argument))):
            print("#%d  %s(%s)%s" % (number, frame.name(), frame.arguments(), frame.place()))


class FrameCommand(gdb.Command):
    """What frame N of a task's chain of awaits holds: parameters, and what was saved when it suspended last.
async frame N [TASK]: as numbered by 'async bt'."""

    def __init__(self):
        super().__init__("async frame", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not words or not words[0].isdigit():
            raise gdb.GdbError("which frame?  async frame N [TASK]")
        program = Program()
        frames = chain(program, program.task(words[1] if len(words) > 1 else None))
        if int(words[0]) >= len(frames):
            raise gdb.GdbError("the last frame is %d" % (len(frames) - 1))
        frame = frames[int(words[0])]
        print(frame.name() + frame.place())
        for name, value in frame.fields():
            print("  %s = %s" % (name, short(value)))


for command in (AsyncCommand, TasksCommand, BacktraceCommand, FrameCommand):
    command()
