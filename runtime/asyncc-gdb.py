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
RESUME = "__resume"


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
        self.calls = calls_of_threads()
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
        roots = {root_above(call.base) for call in calls_here()}
        for task in self.tasks():
            if int(task.address) == here or root_of(task) in roots:
                return task
        raise gdb.GdbError("no task runs on this thread: 'async tasks' lists those that wait")


def caller_of(frame):
    """The frame that awaits this one; 0: it is a root, with a mark there."""
    caller = frame["caller"]
    return gdb.Value(0).cast(caller.type) if int(caller) & 1 else caller


def function_of(task):
    """As async__function_of in task.h."""
    return at(root_of(task), "struct async_frame")["at"]["function"]


def number_of(task):
    """0: it has not been started."""
    return int(task["wake"]["numbered"]) >> 1


def name_of(task):
    rare = bottom(task).cast(runtime_type("struct async__rare").pointer()) if int(task["future"]["has_rare"]) else None
    name = rare["name"].string() if rare else ""
    return name or "Task-%d" % number_of(task)


# ---- what is on the C stack ----


class Call:
    """A resume function on a thread's C stack: the frame it works on, where it is (in what asyncc wrote,
    that is a line of the lowered text)."""

    def __init__(self, frame, base):
        self.base = base
        place = frame.find_sal()
        self.place = "%s:%d" % (place.symtab.filename, place.line) if place.symtab else "?"


def async_base(frame):
    """The address of the async frame that a resume function works on; 0: it is not one, or the debugger cannot tell."""
    try:
        if not (frame.name() or "").endswith(RESUME):
            return 0
        block = frame.block()
        while not block.function:
            block = block.superblock
        return int(next(symbol for symbol in block if symbol.is_argument).value(frame))
    except (gdb.error, RuntimeError, StopIteration):
        return 0


def calls_here():
    """The resume functions on the selected thread's stack, the innermost first."""
    frame, calls = gdb.newest_frame(), []
    while frame:
        base = async_base(frame)
        if base:
            calls.append(Call(frame, base))
        frame = frame.older()
    return calls


def stepping_task():
    """The address of the task whose step runs on the selected thread, as the runtime knows it; 0: none."""
    try:
        return int(gdb.parse_and_eval("async__self.task"))
    except gdb.error:
        return 0


def calls_of_threads():
    selected, calls = gdb.selected_thread(), {}
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        for call in reversed(calls_here()):
            calls[call.base] = call
    if selected:
        selected.switch()
    return calls


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
    """One link of a task's chain of awaits."""

    def __init__(self, frame, call):
        self.frame = frame                        # struct async_frame *
        self.function = frame["at"]["function"]   # const async_function *
        self.call = call                          # Call, while it is on a C stack; else None

    def point(self):
        """The await where it stands suspended."""
        point = self.frame["at"]
        return None if self.call or not int(point["awaited"]) else point

    def layout(self):
        try:
            block = gdb.block_for_pc(int(self.frame["at"]["resume"]))
            return gdb.lookup_type("struct %s__frame" % text(self.function["name"]), block)
        except (gdb.error, RuntimeError, TypeError):
            return None

    def n_parameters(self):
        """None: the compiler has dropped the function that ordinary C would call, and its prototype with it."""
        name = text(self.function["name"])
        block = gdb.block_for_pc(int(self.frame["at"]["resume"]))
        entry = gdb.lookup_symbol(name, block)[0] if block else None
        return len(entry.type.fields()) if entry and entry.type.code == gdb.TYPE_CODE_FUNC else None

    def fields(self):
        """(name, value) of what the function keeps, its parameters first."""
        layout = self.layout()
        if layout is None:
            return []
        return kept_in(self.frame.cast(layout.pointer()).dereference())

    def arguments(self):
        fields = self.fields()[: self.n_parameters()]
        return ", ".join("%s=%s" % (name, short(value)) for name, value in fields)

    def place(self):
        """Behind the function's name: its file and line, and what it awaits."""
        point = self.point()
        if self.call:
            return " (%s)" % self.call.place
        if point is None:
            return " (%s)" % text(self.function["file"])
        return " (%s:%d): await %s" % (text(self.function["file"]), int(point["line"]), text(point["awaited"]))

    def name(self):
        return text(self.function["name"])


def kept_in(value):
    """The fields of a frame but for the frames of callees, which are links of the chain themselves: parameters first, though what
    shares with the result stands before them.  Those of a union are in use at different awaits."""
    kept, beside_result = [], []
    for field in value.type.fields():
        if not field.name:
            has_result = any(member.name == "result" for member in field.type.fields())
            (beside_result if has_result else kept).extend(kept_in(value[field]))
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
    frame, frames = innermost(task, program.calls), []
    while int(frame):
        frames.append(Frame(frame, program.calls.get(int(frame))))
        frame = caller_of(frame)
    return frames


def is_running(task, calls):
    """As async__is_running in task.h; a core file may lack the thread's variables, but then there is the stack."""
    if int(task["future"]["hosts"]) or int(task.address) == stepping_task():
        return True
    return int(task["future"]["waits"]) == NOTHING and any(root_above(base) == root_of(task) for base in calls)


def innermost(task, calls):
    """The frame to resume; of a task that runs, the innermost one of its own on a C stack."""
    if not is_running(task, calls):
        return task["future"]["leaf"] if not int(task["future"]["fresh"]) else gdb.Value(0).cast(task["future"]["leaf"].type)
    own = [base for base in calls if root_above(base) == root_of(task)]
    return gdb.Value(own[-1] if own else root_of(task)).cast(task["future"]["leaf"].type)


def root_above(base):
    frame = at(base, "struct async_frame")
    while int(caller_of(frame)):
        frame = frame["caller"].dereference()
    return int(frame.address)


# ---- the commands ----


def awaited_by(task):
    return task["awaited"] if int(task["future"]["waits"]) == HANDLE else None


def standing(task, calls):
    if is_running(task, calls):
        return "running"
    if int(task["future"]["fresh"]):
        return "not started"
    awaited = awaited_by(task)
    waits = int(task["future"]["waits"])
    if waits == NOTHING or waits & WOKEN or (awaited and int(awaited["state"]) != PENDING):
        return "ready"
    return "waiting, cancelling" if int(task["future"]["cancels"]) else "waiting"


def print_task(program, task):
    print("%s, %s: %s" % (name_of(task), text(function_of(task)["name"]), standing(task, program.calls)))
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
