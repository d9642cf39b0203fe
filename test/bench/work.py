"""work.py: the benchmarks, and how much of each makes a run of a fraction of a second in C."""
from dataclasses import dataclass


@dataclass
class Work:
    name: str
    what: str
    quick: int              # the count in a quick run
    full: int
    goal: float = None      # the ratio to the floor that issue 7 asks for
    floor: str = None       # what hand-written C runs instead of a benchmark of this name
    everyone: bool = False  # the count is never scaled down


WORK = [
    Work("await_same_file", "await that completes at once, callee in sight", 5_000_000, 20_000_000, 1.5),
    Work("await_other_file", "the same, callee in another file", 5_000_000, 20_000_000, 2, "plain_call"),
    Work("await_pointer", "the same, through a pointer", 5_000_000, 20_000_000, None, "plain_call"),
    Work("yield_deep", "yield under 64 awaits", 3_000_000, 10_000_000, 1.5),
    Work("yield_two", "yield between two tasks", 2_000_000, 10_000_000, 1.5),
    Work("spawn_await", "spawn a task and await it", 1_000_000, 5_000_000, 1.5),
    Work("fib", "recursive fib(30), per call", 30, 32, 1, "fib_pool", everyone=True),
    Work("queue", "one-slot queues, round trip", 1_000_000, 5_000_000, 2),
    Work("timer_cancel", "timer armed and taken back", 1_000_000, 5_000_000),
    Work("executor", "to a thread of the pool and back", 10_000, 50_000),
    Work("hot_flat", "flat hot loop, await each 1,024", 100 << 20, 300 << 20, 1.2, "plain_hot_flat"),
    Work("hot_nested", "nested hot loop, await in the outer one", 50 << 20, 300 << 20, 1.02, "plain_hot_nested"),
    Work("sleepers", "10^6 sleeping tasks, beyond the sleep", 1_000_000, 1_000_000),
    Work("timers", "10^6 timers within a second", 1_000_000, 1_000_000),
]

SLEEP_MS = {"quick": 2000, "full": 4000}
CONNECTIONS = (64, 1000)


def count(work, peer, mode):
    n = work.full if mode == "full" else work.quick
    if work.name in ("sleepers", "timers"):
        return min(n, peer.most or n)
    if work.everyone:
        return n if peer.scale > 0.05 else 21
    if work.name == "executor":
        return n
    return max(int(n * peer.scale), 4096)
