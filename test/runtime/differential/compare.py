#!/usr/bin/env python3
"""compare.py: runs random scenarios on CPython's asyncio and on our runtime and compares the order of events.

compare.py SCENARIO-PROGRAM [--seed N] [--count N] [--one SEED] [--torture]

Both run in virtual time.  CPython is made to behave as 3.13 where the running version is older (uncancel, gather, wait_for), and
as we document to behave better: equal deadlines are first come first served, and a completion that precedes a timeout wins.
"""
import argparse, asyncio, heapq, itertools, random, selectors, subprocess, sys

N_TASKS = 6


# ---- Scenarios ----

def operation(rng, index, n):
    later = [i for i in range(index + 1, n)]
    anyone = lambda: rng.randrange(n)
    several = lambda: [anyone() for _ in range(rng.randint(1, 3))]
    time = lambda: rng.choice([0, 1, 1, 2, 2, 3, 5])
    kind = rng.choice("SSSSSCCCAAAXXXFFDDENGGWWHTTVYBRKLPPUZ")
    if kind == "S": text = f"S t{time()}"
    elif kind in "AXH": text = f"{kind} {anyone()}"
    elif kind == "P": text = f"P {anyone()} a{rng.randrange(100)}"
    elif kind == "C": text = f"C a{rng.choice(later)}" if later else "S t0"
    elif kind in "FDEN": text = f"{kind} a{rng.randrange(4)}"
    elif kind == "G": text = "G " + " ".join(map(str, several()))
    elif kind == "W": text = f"W a{rng.randrange(3)} t{rng.choice([-1, 1, 2, 3])} " + " ".join(map(str, sorted(set(several()))))
    elif kind == "T": text = f"T t{rng.choice([1, 2, 3])} {anyone()}"
    elif kind == "V": text = f"V t{rng.choice([1, 2, 3])} a{rng.choice(later)}" if later else "S t1"
    elif kind == "Y": text = f"Y a{rng.choice(later)}" if later else "S t2"
    elif kind == "B": text = f"B t{rng.choice([0, 1, 2, 3])} a{rng.randint(1, 4)}"
    elif kind == "K": text = f"K a{rng.randrange(100)}"
    elif kind == "L": text = f"L t{time()} a{rng.randrange(100)}"
    else: text = kind
    catches = rng.random() < 0.6 and kind != "B"
    return ("!" if catches else "") + text


def make_scenario(seed):
    rng = random.Random(seed)
    n = rng.randint(2, N_TASKS)
    lines = []
    for index in range(n):
        ops = [operation(rng, index, n) for _ in range(rng.randint(1, 9))]
        if index == 0:
            ops = [f"C a{i}" for i in range(1, n) if rng.random() < 0.7] + ops + ["!S t1", "!S t0"]
        lines.append(";".join(ops))
    # A heartbeat shows in which turn things happen.
    lines.append(";".join(["S t0"] * 24))
    lines[0] = f"C a{n};" + lines[0]
    return "\n".join(lines) + "\n"


# ---- asyncio as of 3.13, in virtual time ----

class Deadlock(Exception):
    pass


class Selector(selectors.DefaultSelector):
    loop = None

    def select(self, timeout=None):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.clock += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        selector = Selector()
        super().__init__(selector)
        selector.loop = self
        self.clock = 0
        self._clock_resolution = 1e-9
        self.set_task_factory(lambda loop, coro, **_: Task(coro, loop=loop))
        self.too_deep = False  # tasks that wait for each other in a circle: asyncio cannot cancel them, we can
        self.set_exception_handler(self.look)

    def look(self, loop, context):
        if isinstance(context.get("exception"), RecursionError): self.too_deep = True

    def time(self):
        return self.clock


class Task(asyncio.tasks._PyTask):
    def uncancel(self):
        left = super().uncancel()
        if left == 0:
            self._must_cancel = False
        return left


sequence = itertools.count()


class TimerHandle(asyncio.TimerHandle):
    __slots__ = ["sequence"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sequence = next(sequence)

    def __lt__(self, other):
        return (self._when, self.sequence) < (other._when, other.sequence)


asyncio.events.TimerHandle = TimerHandle


class Timeout:
    """asyncio.Timeout, but a completion that precedes it wins."""

    def __init__(self, delay):
        self.delay = delay

    async def __aenter__(self):
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.current_task()
        self.cancelling = self.task.cancelling()
        self.state = "entered"
        if self.delay is None:
            self.handle = None
        elif self.delay <= 0:
            self.handle = self.loop.call_soon(self.expire)
        else:
            self.handle = self.loop.call_at(self.loop.time() + self.delay, self.expire)
        return self

    def expire(self, late=False):
        waiter = self.task._fut_waiter
        if not late and not self.task._must_cancel and waiter is not None and waiter.done() and not waiter.cancelled():
            self.handle = self.loop.call_soon(self.expire, True)
            return
        self.task.cancel()
        self.state = "expiring"
        self.handle = None

    async def __aexit__(self, kind, value, trace):
        if self.handle is not None:
            self.handle.cancel()
        if self.state == "expiring" and self.task.uncancel() <= self.cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from value


async def wait_for(awaitable, timeout):
    if timeout <= 0:
        future = asyncio.ensure_future(awaitable)
        if future.done():
            return future.result()
        await cancel_and_wait(future)
        try:
            return future.result()
        except asyncio.CancelledError as error:
            raise TimeoutError from error
    async with Timeout(timeout):
        return await awaitable


async def cancel_and_wait(future):
    """Ours awaits the future itself; the count of requests tells who cancelled."""
    future.cancel()
    before = asyncio.current_task().cancelling()
    try:
        await future
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling() > before:
            raise
    except Exception:
        pass


def gather(*awaitables):
    """3.13's."""
    loop = asyncio.get_running_loop()
    finished = 0
    outer = None

    def done(future):
        nonlocal finished
        finished += 1
        if outer is None or outer.done():
            if not future.cancelled():
                future.exception()
            return
        if future.cancelled():
            outer.set_exception(future._make_cancelled_error())
            return
        error = future.exception()
        if error is not None:
            outer.set_exception(error)
            return
        if finished == count:
            if outer._cancel_requested:
                outer.set_exception(future._make_cancelled_error())
            else:
                outer.set_result([])

    seen, children, done_already = {}, [], []
    count = 0
    for awaitable in awaitables:
        if awaitable not in seen:
            count += 1
            seen[awaitable] = awaitable
            if awaitable.done():
                done_already.append(awaitable)
            else:
                awaitable.add_done_callback(done)
        children.append(awaitable)
    outer = asyncio.tasks._GatheringFuture(children, loop=loop)
    for future in done_already:
        done(future)
    return outer


# ---- The interpreter ----

class Run:
    def __init__(self, text):
        self.scripts = [[op for op in line.split(";") if op] for line in text.splitlines()]
        self.log = []
        self.tasks = {}

    def say(self, text):
        self.log.append(text)

    def parse(self, text):
        catches = text.startswith("!")
        text = text.lstrip("!")
        kind, a, time, items = text[0], 0, -1, []
        for word in text[1:].split():
            if word[0] == "t": time = float(word[1:])
            elif word[0] == "a": a = int(word[1:])
            else: items.append(int(word))
        return catches, kind, a, time, items

    def outcome(self, error):
        if error is None: return "ok"
        if isinstance(error, asyncio.CancelledError): return "cancelled"
        if isinstance(error, TimeoutError): return "timeout"
        return "error"

    async def script(self, index, name):
        self.say(f"{name} begin")
        try:
            await self.ops(index, name, 0, len(self.scripts[index]))
        except (Exception, asyncio.CancelledError) as error:
            self.say(f"{name} end {self.outcome(error)}")
            raise
        self.say(f"{name} end ok")

    async def ops(self, index, name, pc, end):
        script = self.scripts[index]
        while pc < min(end, len(script)):
            catches, kind, a, time, items = self.parse(script[pc])
            if kind == "B":
                pc = await self.block(index, name, pc, min(pc + 1 + a, end), time)
                continue
            failed = None
            try:
                await self.op(kind, a, time, items, name, pc)
            except (Exception, asyncio.CancelledError) as error:
                failed = error
            if isinstance(failed, RecursionError):
                asyncio.get_running_loop().too_deep = True
            self.say(f"{name}.{pc} {kind} {self.outcome(failed)}")
            if failed is not None and not catches:
                self.at = pc
                raise failed
            pc += 1

    async def block(self, index, name, pc, end, time):
        failed = None
        self.say(f"{name}.{pc} B ok")
        try:
            async with Timeout(time):
                await self.ops(index, name, pc + 1, end)
        except (Exception, asyncio.CancelledError) as error:
            failed = error
        self.say(f"{name} block {self.outcome(failed)}")
        if failed is not None and not isinstance(failed, TimeoutError):
            raise failed
        return end

    async def op(self, kind, a, time, items, name, pc):
        me = asyncio.current_task()
        if kind in "AXGWHTP" and any(i not in self.tasks or self.tasks[i] is me for i in items):
            self.say(f"{name}.{pc} missing")
            return
        chosen = [self.tasks[i] for i in items] if kind in "AXGWHTP" else []
        if kind == "S": await asyncio.sleep(time)
        elif kind == "C":
            if a not in self.tasks: self.tasks[a] = asyncio.ensure_future(self.script(a, str(a)))
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
        elif kind == "H": await asyncio.shield(chosen[0])
        elif kind == "T": await wait_for(chosen[0], time)
        elif kind == "V": await wait_for(self.script(a, str(100 * (int(name) + 1) + a)), time)
        elif kind == "Y": await self.script(a, str(100 * (int(name) + 1) + a))
        elif kind == "R": raise ValueError
        elif kind == "K": asyncio.get_running_loop().call_soon(self.say, f"call {a}")
        elif kind == "L": asyncio.get_running_loop().call_later(time, self.say, f"call {a}")
        elif kind == "P": chosen[0].add_done_callback(lambda _: self.say(f"done {a}"))

    def settle(self, a, error):
        if self.futures[a].done(): return False
        if error is None: self.futures[a].set_result(None)
        else: self.futures[a].set_exception(error)
        return True

    async def main(self):
        self.tasks[0] = asyncio.current_task()
        self.futures = [asyncio.get_running_loop().create_future() for _ in range(16)]
        await self.script(0, "0")


def run_asyncio(text):
    loop = Loop()
    asyncio.set_event_loop(loop)
    run = Run(text)
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


def normal(log):
    """The block's line names an operation in one of the logs only."""
    lines = []
    for line in log:
        words = line.split()
        if len(words) == 3 and words[1] == "block":
            words[0] = words[0].split(".")[0]
        lines.append(" ".join(words))
    return lines


def compare(program, seed, verbose):
    text = make_scenario(seed)
    try:
        theirs = normal(run_asyncio(text))
    except RecursionError:
        return None
    ours = normal(run_ours(program, text))
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--one", type=int)
    parser.add_argument("--torture", action="store_true", help="compare nothing, make an allocation of each scenario fail")
    parser.add_argument("--stop", type=int, default=3)
    options = parser.parse_args()
    sys.setrecursionlimit(600)
    if options.one is not None:
        sys.exit(not compare(options.program, options.one, True))
    same = different = 0
    for seed in range(options.seed, options.seed + options.count):
        if options.torture:
            result = torture(options.program, seed, random.Random(seed))
        else:
            result = compare(options.program, seed, False)
        if result: same += 1
        elif result is False:
            different += 1
            if different >= options.stop: break
    print(f"{same} passed, {different} failed")
    sys.exit(different != 0)


main()
