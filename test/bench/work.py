"""work.py: the benchmarks, how much of each makes a run of a fraction of a second in C, and what issue 7 wants of ours."""
from dataclasses import dataclass

HAND_C, LIBUV = ("hand-C",), ("libuv",)


@dataclass(frozen=True)
class Goal:
    """The result of those whose names match `whose` is to be at most `factor` times the base's: of the peers whose names begin so
    the one by the same compiler, else the fastest.  "beside": the same peer's other benchmark.  (): factor is absolute."""
    factor: float
    base: tuple = HAND_C
    whose: str = "^ours"


@dataclass(frozen=True)
class Work:
    name: str
    what: str
    quick: int              # the count in a quick run
    full: int
    goals: tuple = ()       # the first one's base is what the table's ratios refer to
    floor: str = None       # what hand-written C runs instead of a benchmark of this name
    beside: str = None      # a benchmark that every peer runs as well, in turn
    subtract: float = 0     # from every result
    everyone: bool = False  # the count is never scaled down


WORK = [
    Work("await_same_file", "await that completes at once, callee in sight", 5_000_000, 20_000_000, (Goal(1.5),)),
    Work("await_other_file", "the same, callee in another file; hand-C: a plain call", 5_000_000, 20_000_000, (Goal(2),), "plain_call"),
    Work("await_pointer", "the same, through a pointer; hand-C: a plain call", 5_000_000, 20_000_000, (), "plain_call"),
    Work("yield_deep", "yield under 64 awaits", 3_000_000, 10_000_000, (Goal(1.1, ("beside",)),), beside="yield_one"),
    Work("yield_two", "yield between two tasks", 2_000_000, 10_000_000, (Goal(1.5),)),
    Work("spawn_await", "spawn a task and await it", 1_000_000, 5_000_000, (Goal(1.5),)),
    Work("fib", "recursive fib(30), per call; hand-C: frames from a free list", 30, 32, (Goal(1),), "fib_pool", everyone=True),
    Work("queue", "one-slot queues, round trip; ours, C and C++: awaitables by hand", 1_000_000, 5_000_000, (Goal(2),), beside="queue_library"),
    Work("timer_cancel", "timer armed and taken back", 1_000_000, 5_000_000, (Goal(0.5, LIBUV),)),
    Work("executor", "to a thread of the pool and back", 50_000, 100_000, (Goal(1 / 3, LIBUV),)),
    Work("hot_flat", "flat hot loop, await each 1,024; hand-C: the plain loop", 100 << 20, 300 << 20, (Goal(1.2),), "plain_hot_flat"),
    Work("hot_nested", "nested hot loop, await in the outer one; hand-C: the plain loop", 50 << 20, 300 << 20, (Goal(1.02),),
         "plain_hot_nested"),
    Work("sleepers", "sleeping tasks, time beyond the sleep", 200_000, 1_000_000),
    Work("timers", "timers within a second, time beyond it", 200_000, 1_000_000, (Goal(1.5),), subtract=1000),
]

MEMORY = (Goal(128, ()),)
SLEEP_MS = {"quick": 1000, "full": 4000}

CONNECTIONS = (64, 1000)
ECHO = (Goal(1.03, HAND_C, r"^ours-\w+$"), Goal(0.85, HAND_C, "^ours.*io_uring"), Goal(1.03, ("hand-C io_uring",), "^ours.*io_uring"))
HTTP = (Goal(1, ("libuv", "tokio", "go"), r"^ours-\w+$"),)
FRAME = (Goal(1, ("c++-clang",)), Goal(1, ("tokio",)))
COMPILE = (Goal(1.2, ("clang",), "^asyncc"),)


def count(work, peer, mode):
    n = work.full if mode == "full" else work.quick
    if work.name in ("sleepers", "timers"):
        return min(n, peer.most or n)
    if work.everyone:
        return n if peer.scale > 0.05 else 21
    if work.name == "executor":
        return n
    return max(int(n * peer.scale), 4096)
