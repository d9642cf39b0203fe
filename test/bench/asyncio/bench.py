"""asyncio and uvloop: bench.py [--uvloop] BENCHMARK [N [MS]], or: bench.py [--uvloop] echo PORT."""
import asyncio, signal, sys, time
from other import leaf as leaf_elsewhere

MASK = (1 << 64) - 1
SEED = 88172645463325252
STEP = 0x9E3779B97F4A7C15


def xs64(x):
    x ^= (x << 13) & MASK
    x ^= x >> 7
    x ^= (x << 17) & MASK
    return x


async def leaf(x):
    return ((x ^ (x >> 7)) + STEP) & MASK


async def await_same_file(n):
    s = 0
    for i in range(n):
        s = await leaf((s + i) & MASK)
    return s


async def await_other_file(n):
    s = 0
    for i in range(n):
        s = await leaf_elsewhere((s + i) & MASK)
    return s


async def descend(depth, n):
    if depth < 64:
        return await descend(depth + 1, n) + 1
    return await take_turns(n)


async def take_turns(n):
    for _ in range(n):
        await asyncio.sleep(0)
    return n


async def yield_deep(n):
    return await asyncio.ensure_future(descend(1, n))


async def yield_two(n):
    return sum(await asyncio.gather(take_turns(n), take_turns(n)))


async def flip(x):
    return x ^ 1


async def spawn_await(n):
    s = 0
    for i in range(n):
        s += await asyncio.create_task(flip(i))
    return s


async def fib(n):
    if n < 2:
        return n
    a = await fib(n - 1)
    return a + await fib(n - 2)


async def sleep_all(delays):
    tasks = {asyncio.ensure_future(asyncio.sleep(d)) for d in delays}
    await asyncio.wait(tasks)
    return len(tasks)


async def sleepers(n):
    return await sleep_all(MS / 1e3 for _ in range(n))


def random_delays(n):
    x = SEED
    for _ in range(n):
        x = xs64(x)
        yield x % 1000000 / 1e6


async def timers(n):
    return await sleep_all(random_delays(n))


async def timer_cancel(n):
    loop = asyncio.get_running_loop()
    others = [loop.call_later(3600 + i, print) for i in range(1000)]
    for _ in range(n):
        loop.call_later(1000, print).cancel()
    for other in others:
        other.cancel()
    return n


async def answer(there, back):
    while True:
        await back.put(await there.get() + 1)


async def queue(n):
    there, back = asyncio.Queue(1), asyncio.Queue(1)
    other = asyncio.ensure_future(answer(there, back))
    s = 0
    for i in range(n):
        await there.put(i)
        s += await back.get()
    other.cancel()
    return s


def on_a_thread(x):
    return x ^ 1


async def executor(n):
    loop = asyncio.get_running_loop()
    s = 0
    for i in range(n):
        s += await loop.run_in_executor(None, on_a_thread, i)
    return s


async def hot_flat(n):
    x, s = SEED, 0
    for i in range(n):
        x = (x + STEP) & MASK
        s ^= x
        if i & 1023 == 1023:
            await asyncio.sleep(0)
    return s


async def hot_nested(n):
    x, s = SEED, 0
    for _ in range(n // 1024):
        for _ in range(1024):
            x = xs64(x)
            s = (s + x) & MASK
        await asyncio.sleep(0)
    return s


async def serve(reader, writer):
    try:
        while data := await reader.read(512):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def echo(port):
    signal.alarm(60)
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def calls_of_fib(n):
    x, y = 0, 1
    for _ in range(n + 1):
        x, y = y, x + y
    return 2 * x - 1


# name: function, operations of n, unit, and whether it waits (then its time is the wall's)
BENCHMARKS = {
    "await_same_file": (await_same_file, lambda n: n, "ns/await", False),
    "await_other_file": (await_other_file, lambda n: n, "ns/await", False),
    "yield_deep": (yield_deep, lambda n: n, "ns/yield", False),
    "yield_two": (yield_two, lambda n: 2 * n, "ns/yield", False),
    "spawn_await": (spawn_await, lambda n: n, "ns/task", False),
    "fib": (fib, calls_of_fib, "ns/call", False),
    "timer_cancel": (timer_cancel, lambda n: n, "ns/timer", False),
    "queue": (queue, lambda n: n, "ns/roundtrip", False),
    "executor": (executor, lambda n: n, "ns/roundtrip", True),
    "hot_flat": (hot_flat, lambda n: n, "ns/iteration", False),
    "hot_nested": (hot_nested, lambda n: n, "ns/iteration", False),
    "sleepers": (sleepers, lambda n: 1e6, "ms-beyond", True),
    "timers": (timers, lambda n: 1e6, "ms-wall", True),
}


def peak_kb():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))


async def measure(name, n):
    run, operations, unit, waits = BENCHMARKS[name]
    clock = time.perf_counter_ns if waits else time.process_time_ns
    start = clock()
    check = await run(n)
    value = (clock() - start) / operations(n) - (MS if name == "sleepers" else 0)
    cpu = time.process_time() * 1e3
    print(f"{name} {value:.3f} {unit} rss_kb={peak_kb()} cpu_ms={cpu:.0f} check={check}")


arguments = sys.argv[1:]
if arguments[0] == "--uvloop":
    arguments.pop(0)
    import uvloop

    uvloop.install()
MS = int(arguments[2]) if len(arguments) > 2 else 3000
N = int(arguments[1])
if arguments[0] != "echo" and arguments[0] not in BENCHMARKS:
    sys.exit(f"no benchmark '{arguments[0]}'")
asyncio.run(echo(N) if arguments[0] == "echo" else measure(arguments[0], N))
