#!/usr/bin/env python3
"""compare.py: runs random scenarios on CPython's asyncio and on our runtime and compares the order of events.

compare.py SCENARIO-PROGRAM [--seed N] [--count N] [--one SEED] [--torture]

Both run in virtual time; asyncio313.py is what runs on the Python side.  --sweep compares nothing: it has the program cancel each scenario
at each of its suspensions (sweep.h).  --time S takes scenarios for so long, from a seed of the day.
"""
import argparse, asyncio, gc, itertools, random, subprocess, sys, time, warnings

if sys.version_info < (3, 11):
    print("skipped: python3 is older than 3.11")
    sys.exit(77)

from asyncio313 import AsCompleted, Deadlock, Loop, TaskGroup, Timeout, gather, new_task, wait_for
from sync313 import Barrier, Condition, Lock, Queue, QueueEmpty, QueueFull, QueueShutDown, Semaphore

N_TASKS = 6


# ---- Scenarios ----

def operation(rng, index, n):
    later = [i for i in range(index + 1, n)]
    anyone = lambda: rng.randrange(n)
    several = lambda: [anyone() for _ in range(rng.randint(1, 3))]
    time = lambda: rng.choice([0, 1, 1, 2, 2, 3, 5])
    each = lambda: rng.choice([0, 0, 1, 1, 2])
    kind = rng.choice("SSSSSSSCCCciiiAAAXXXFFDDENGGWWkkHTTVYBBRKLPPUZ" + "lllmmmtttessxnnoowwfbbbyz" + "pppuggggvdjh")
    if kind == "S": text = f"S t{time()}"
    elif kind in "AXH": text = f"{kind} {anyone()}"
    elif kind == "P": text = f"P {anyone()} a{rng.randrange(100)}"
    elif kind in "Cci": text = f"{kind} a{rng.choice(later)}" if later else "S t0"
    elif kind in "FDEN": text = f"{kind} a{rng.randrange(4)}"
    elif kind == "G": text = "G " + " ".join(map(str, several()))
    elif kind == "W": text = f"W a{rng.randrange(3)} t{rng.choice([-1, 1, 2, 3])} " + " ".join(map(str, sorted(set(several()))))
    elif kind == "k": text = f"k t{rng.choice([-1, 1, 2, 3])} " + " ".join(map(str, sorted(set(several()))))
    elif kind == "T": text = f"T t{rng.choice([1, 2, 3])} {anyone()}"
    elif kind == "V": text = f"V t{rng.choice([1, 2, 3])} a{rng.choice(later)}" if later else "S t1"
    elif kind == "Y": text = f"Y a{rng.choice(later)}" if later else "S t2"
    elif kind == "B": text = f"B t{rng.choice([0, 1, 2, 3])} a{rng.randint(1, 4)}"
    elif kind in "lmt": text = f"{kind} a{rng.randint(1, 4)} b{each()}"
    elif kind == "K": text = f"K a{rng.randrange(100)}"
    elif kind == "L": text = f"L t{time()} a{rng.randrange(100)}"
    elif kind == "n": text = f"n a{each()} b{rng.randint(1, 2)}"
    elif kind in "esxowbyzgvdjf": text = f"{kind} a{each()}"
    elif kind in "pu": text = f"{kind} a{each()} b{rng.randrange(10)}"
    elif kind == "h": text = f"h a{each()} b{rng.randrange(2)}"
    else: text = kind
    catches = rng.random() < 0.6 and kind not in BLOCKS
    return ("!" if catches else "") + text


BLOCKS = "Blmt"


def make_scenario(seed):
    rng = random.Random(seed)
    n = rng.randint(2, N_TASKS)
    lines = []
    for index in range(n):
        ops = [operation(rng, index, n) for _ in range(rng.randint(1, 9))]
        if index == 0:
            ops = [f"C a{i}" for i in range(1, n) if rng.random() < 0.8] + ops + ["!S t1", "!S t0"]
        lines.append(";".join(ops))
    # A heartbeat shows in which turn things happen; and what is waited for comes, most of the time, in the end.
    lines.append(";".join(["S t0"] * 24))
    lines.append("S t6;s a0;s a1;n a0 b2;D a0;E a1;n a1 b3;S t0;!u a0 b1;!u a1 b2;u a2 b3;!v a0;!v a1;S t1;f a0;f a1;!d a0;!d a1;!d a2;y a1;z a2;D a2;D a3;" +
                 "S t1;s a2;n a2 b9;!h a0 b1;!h a1;!h a2 b1;f a0;y a2")
    lines[0] = f"C a{n};" + (f"C a{n + 1};" if rng.random() < 0.8 else "") + lines[0]
    if rng.random() < 0.3:
        lines.insert(0, "eager")
    return "\n".join(lines) + "\n"


# ---- The interpreter ----

class Group:
    """The innermost task group of one who runs a script."""
    def __init__(self): self.group = None


class Run:
    def __init__(self, text):
        lines = text.splitlines()
        self.eager = lines[0] == "eager"
        self.scripts = [[op for op in line.split(";") if op] for line in lines[self.eager:]]
        self.log = []
        self.tasks = {}

    def say(self, text):
        self.log.append(text)

    def parse(self, text):
        catches = text.startswith("!")
        text = text.lstrip("!")
        kind, a, b, time, items = text[0], 0, 0, -1, []
        for word in text[1:].split():
            if word[0] == "t": time = float(word[1:])
            elif word[0] == "a": a = int(word[1:])
            elif word[0] == "b": b = int(word[1:])
            else: items.append(int(word))
        return catches, kind, a, b, time, items

    def outcome(self, error):
        if error is None: return "ok"
        if isinstance(error, asyncio.CancelledError): return "cancelled"
        if isinstance(error, TimeoutError): return "timeout"
        if isinstance(error, BaseExceptionGroup): return "group"
        if isinstance(error, asyncio.BrokenBarrierError): return "broken"
        if isinstance(error, QueueShutDown): return "shut"
        if isinstance(error, QueueFull): return "full"
        if isinstance(error, QueueEmpty): return "empty"
        return "error"

    async def script(self, index, name):
        self.say(f"{name} begin")
        try:
            await self.ops(index, name, Group(), 0, len(self.scripts[index]))
        except (Exception, asyncio.CancelledError) as error:
            self.say(f"{name} end {self.outcome(error)}")
            raise
        self.say(f"{name} end ok")

    async def ops(self, index, name, mine, pc, end):
        script = self.scripts[index]
        end = min(end, len(script))
        while pc < end:
            catches, kind, a, b, time, items = self.parse(script[pc])
            if kind in BLOCKS:
                after = min(pc + 1 + a, end)
                await self.block(index, name, mine, pc, after, kind, b, time)
                pc = after
                continue
            failed = None
            try:
                await self.op(kind, a, b, time, items, name, mine, pc)
            except (Exception, asyncio.CancelledError) as error:
                failed = error
            if isinstance(failed, RecursionError):
                asyncio.get_running_loop().too_deep = True
            self.say(f"{name}.{pc} {kind} {self.outcome(failed)}")
            if failed is not None and not catches:
                raise failed
            pc += 1

    async def block(self, index, name, mine, pc, end, kind, b, time):
        failed, outer = None, mine.group
        self.say(f"{name}.{pc} {kind} ok")
        try:
            if kind == "B":
                async with Timeout(time): await self.ops(index, name, mine, pc + 1, end)
            elif kind == "l":
                async with self.locks[b]:
                    self.say(f"{name} locked")
                    await self.ops(index, name, mine, pc + 1, end)
            elif kind == "m":
                async with self.semaphores[b]:
                    self.say(f"{name} acquired")
                    await self.ops(index, name, mine, pc + 1, end)
            else:
                try:
                    async with TaskGroup() as mine.group: await self.ops(index, name, mine, pc + 1, end)
                finally:
                    mine.group = outer
        except (Exception, asyncio.CancelledError) as error:
            failed = error
        self.say(f"{name} block {self.outcome(failed)}")
        if isinstance(failed, BaseExceptionGroup):
            for error in failed.exceptions: self.say(f"{name} of group {self.outcome(error)}")
        elif failed is not None and not isinstance(failed, TimeoutError):
            raise failed

    async def op(self, kind, a, b, time, items, name, mine, pc):
        me = asyncio.current_task()
        if kind in "AXGWHTPk" and any(i not in self.tasks or self.tasks[i] is me for i in items):
            self.say(f"{name}.{pc} missing")
            return
        chosen = [self.tasks[i] for i in items] if kind in "AXGWHTPk" else []
        if kind == "S": await asyncio.sleep(time)
        elif kind in "Cci": self.create(kind, a, mine)
        elif kind == "A": await chosen[0]
        elif kind == "X": self.say(f"{name}.{pc} cancel {int(chosen[0].cancel())}")
        elif kind == "U":
            self.say(f"{name}.{pc} cancelling {me.cancelling()}")
            self.say(f"{name}.{pc} uncancel {me.uncancel()}")
        elif kind == "Z": self.say(f"{name}.{pc} self {int(me.cancel())}")
        elif kind == "F": await self.futures[a]
        elif kind == "D": self.say(f"{name}.{pc} set {int(self.settle(a, None))}")
        elif kind == "E": self.say(f"{name}.{pc} fail {int(self.settle(a, ValueError()))}")
        elif kind == "N": self.say(f"{name}.{pc} drop {int(self.futures[a].cancel())}")
        elif kind == "G": await gather(*chosen)
        elif kind == "W":
            modes = [asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION]
            done, _ = await asyncio.wait(chosen, timeout=None if time < 0 else time, return_when=modes[a])
            self.say(f"{name}.{pc} wait {len(done)}")
        elif kind == "k":
            async for task in AsCompleted(chosen, None if time < 0 else time):
                self.say(f"{name}.{pc} next {next(i for i, t in self.tasks.items() if t is task)}")
        elif kind == "H": await asyncio.shield(chosen[0])
        elif kind == "T": await wait_for(chosen[0], time)
        elif kind == "V": await wait_for(self.script(a, str(100 * (int(name) + 1) + a)), time)
        elif kind == "Y": await self.script(a, str(100 * (int(name) + 1) + a))
        elif kind == "R": raise ValueError
        elif kind == "K": asyncio.get_running_loop().call_soon(self.say, f"call {a}")
        elif kind == "L": asyncio.get_running_loop().call_later(time, self.say, f"call {a}")
        elif kind == "P": chosen[0].add_done_callback(lambda _: self.say(f"done {a}"))
        elif kind == "e": await self.events[a].wait()
        elif kind == "s": self.events[a].set()
        elif kind == "x": self.events[a].clear()
        elif kind == "f": self.semaphores[a].release()
        elif kind == "b": self.say(f"{name}.{pc} index {await self.barriers[a].wait()}")
        elif kind == "y": await self.barriers[a].reset()
        elif kind == "z": await self.barriers[a].abort()
        elif kind in "now": await self.with_condition(kind, a, b, name, pc)
        else: await self.with_queue(kind, self.queues[a], b, name, pc)

    def create(self, kind, a, mine):
        if a in self.tasks: return
        loop, coro = asyncio.get_running_loop(), self.script(a, str(a))
        if kind == "c": task = new_task(loop, coro, True)
        elif kind == "i" and mine.group: task = mine.group.create_task(coro)
        else: task = asyncio.ensure_future(coro)
        self.tasks[a] = task

    async def with_condition(self, kind, a, b, name, pc):
        condition = self.conditions[a]
        async with condition:
            if kind == "n":
                self.flags[a] += b
                condition.notify(b)
            elif kind == "o":
                await condition.wait()
            else:
                await condition.wait_for(lambda: self.flags[a])
                self.flags[a] -= 1
            self.say(f"{name}.{pc} condition")

    async def with_queue(self, kind, queue, b, name, pc):
        if kind == "p": await queue.put(b)
        elif kind == "u": queue.put_nowait(b)
        elif kind == "g": self.say(f"{name}.{pc} item {await queue.get()}")
        elif kind == "v": self.say(f"{name}.{pc} item {queue.get_nowait()}")
        elif kind == "d": queue.task_done()
        elif kind == "j": await queue.join()
        elif kind == "h": queue.shutdown(bool(b))

    def settle(self, a, error):
        if self.futures[a].done(): return False
        if error is None: self.futures[a].set_result(None)
        else: self.futures[a].set_exception(error)
        return True

    async def main(self):
        self.tasks[0] = asyncio.current_task()
        self.futures = [asyncio.get_running_loop().create_future() for _ in range(16)]
        self.locks = [Lock() for _ in range(3)]
        self.events = [asyncio.Event() for _ in range(3)]
        self.conditions, self.flags = [Condition() for _ in range(3)], [0, 0, 0]
        self.semaphores = [Semaphore(i) for i in range(3)]
        self.barriers = [Barrier(i + 1) for i in range(3)]
        self.queues = [Queue(1), Queue(2, "lifo"), Queue(0, "priority")]
        await self.script(0, "0")


def run_asyncio(text):
    run = Run(text)
    loop = Loop(run.eager)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(loop.create_task(run.main()))
    except Deadlock:
        run.say("deadlock")
    except (Exception, asyncio.CancelledError):
        pass
    too_deep = loop.too_deep
    log = list(run.log)
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False
    for future in run.futures:
        if future.done() and not future.cancelled(): future.exception()
    loop._ready.clear()
    loop.close()
    if too_deep: raise RecursionError
    return log


def run_ours(program, text):
    result = subprocess.run([program], input=text, capture_output=True, text=True, timeout=60)
    log = result.stdout.splitlines()
    if result.returncode != 0:
        log.append(f"exit status {result.returncode}: {result.stderr[-2000:]}")
    return log


def compare(program, seed, verbose):
    text = make_scenario(seed)
    try:
        theirs = run_asyncio(text)
    except RecursionError:
        return None
    finally:
        gc.collect()  # what was left is ended now, not within another scenario
    ours = run_ours(program, text)
    if theirs == ours:
        if verbose: print(text); print("\n".join(ours))
        return True
    print(f"seed {seed}: different\n{text}")
    for i in range(max(len(theirs), len(ours))):
        a = theirs[i] if i < len(theirs) else "-"
        b = ours[i] if i < len(ours) else "-"
        print(f"{'  ' if a == b else '* '}{a:32} {b}")
        if a != b and not verbose and i + 1 < max(len(theirs), len(ours)):
            if i > 5 and theirs[i-3:i] != ours[i-3:i]: break
    return False


def torture(program, seed, rng):
    """Makes one allocation of the scenario fail: no crash, no leak, no hang."""
    text = make_scenario(seed)
    nth = rng.randint(1, 60)
    result = subprocess.run([program], input=text, capture_output=True, text=True, timeout=60, env={"FAIL_ALLOC": str(nth)})
    if result.returncode == 0:
        return True
    print(f"seed {seed}, allocation {nth}: exit status {result.returncode}\n{text}{result.stderr[-3000:]}")
    return False


def may_wait_for_its_group(text):
    """A task that waits for who waits for its group waits for good, whatever is cancelled; in asyncio, too."""
    scripts = [[op.lstrip("!").split() for op in line.split(";")] for line in text.splitlines() if line != "eager"]
    has_members = any(op[0] == "i" for script in scripts for op in script)
    waits_up = any(op[0] in "AGWHTk" and word.isdigit() and int(word) <= index
                   for index, script in enumerate(scripts) for op in script for word in op[1:])
    return has_members and waits_up


def sweep(program, seed):
    """Cancels at each suspension; the program checks what must hold."""
    text = make_scenario(seed)
    if may_wait_for_its_group(text): return None
    try:
        result = subprocess.run([program, "--sweep"], input=text, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        print(f"seed {seed}, sweep: does not end\n{text}")
        return False
    if result.returncode == 0:
        swept.append(int(result.stdout.split()[0]))
        return True
    print(f"seed {seed}, sweep: exit status {result.returncode}\n{text}{result.stderr[-3000:]}")
    return False


swept = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, help="of the first scenario; else one of the day")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--time", type=float, help="seconds; instead of --count")
    parser.add_argument("--one", type=int)
    parser.add_argument("--torture", action="store_true", help="compare nothing, make an allocation of each scenario fail")
    parser.add_argument("--sweep", action="store_true", help="compare nothing, cancel at each suspension")
    parser.add_argument("--stop", type=int, default=3, help="after so many that failed")
    options = parser.parse_args()
    sys.setrecursionlimit(600)
    gc.disable()
    sys.unraisablehook = lambda _: None  # what a deadlock left, on its way out
    warnings.simplefilter("ignore")
    if options.one is not None:
        sys.exit(not compare(options.program, options.one, True))
    first = options.seed if options.seed is not None else int(time.time()) // 86400 * 1000000
    end = time.monotonic() + options.time if options.time else None
    same = different = skipped = seed = 0
    for seed in itertools.count(first):
        if time.monotonic() > end if end else seed >= first + options.count: break
        if options.torture: result = torture(options.program, seed, random.Random(seed))
        elif options.sweep: result = sweep(options.program, seed)
        else: result = compare(options.program, seed, False)
        if result: same += 1
        elif result is None: skipped += 1
        else:
            different += 1
            if different >= options.stop: break
    print(f"seeds {first} to {seed - 1}: {same} passed, {different} failed, {skipped} left out" +
          (f"; {sum(swept)} runs" if options.sweep else ""))
    sys.exit(different != 0 or not same)


main()
