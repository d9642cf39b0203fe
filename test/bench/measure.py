"""measure.py: one run of one program, and medians of several."""
import contextlib, glob, itertools, os, re, shutil, statistics, subprocess, time
from dataclasses import dataclass, field

LINE = re.compile(r"(\S+) (\S+) (\S+) rss_kb=(\d+) cpu_ms=(\d+) check=(\d+)")


@dataclass
class Result:
    unit: str = ""
    count: int = 0
    values: list = field(default_factory=list)
    checks: set = field(default_factory=set)
    rss_kb: list = field(default_factory=list)

    def median(self):
        return statistics.median(self.values)


class Failed(Exception):
    pass


PROCESSORS = sorted(os.sched_getaffinity(0))


def pinned(command, where):
    """On the "first" processor, the "last" one, or "all": servers and the load on them do not share one."""
    chosen = {"first": PROCESSORS[:1], "last": PROCESSORS[-1:], "all": PROCESSORS}[where]
    return ["taskset", "-c", ",".join(map(str, chosen)), *command]


def once(command, where="last", timeout=300, env={}):
    """(value, unit, peak kilobytes, checksum) of a program that prints a result line."""
    try:
        done = subprocess.run(pinned(command, where), capture_output=True, text=True, timeout=timeout, env={**os.environ, **env})
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {timeout} s")
    match = LINE.match(done.stdout)
    if not match:
        raise Failed((done.stderr.strip() or f"status {done.returncode}").splitlines()[-1][:100])
    return float(match[2]), match[3], int(match[4]), match[6]


def time_on_cpu(pid):
    """ns, with its children's"""
    pids = [pid, *map(int, open(f"/proc/{pid}/task/{pid}/children").read().split())]
    return sum(int(open(f).read().split()[0]) for p in pids for f in glob.glob(f"/proc/{p}/task/*/schedstat"))


# ---- Servers ----

PORTS = itertools.count(20000 + os.getpid() % 8000)


def listens(port):
    wanted = f":{port:04X} "
    return any(wanted in line and " 0A " in line for name in ("tcp", "tcp6") for line in open("/proc/net/" + name))


@contextlib.contextmanager
def running(server, env, arguments=()):
    """(its port, its process): the server on the first processor, until it is no more needed."""
    port = next(PORTS)
    command = pinned([*server, str(port), *arguments], "first")
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(200):
            if listens(port) or process.poll() is not None:
                break
            time.sleep(0.02)
        if process.poll() is not None:
            raise Failed((process.stderr.read().strip() or f"status {process.returncode}").splitlines()[-1][:100])
        yield port, process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def load(command):
    done = subprocess.run(pinned(command, "last"), capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Failed((done.stderr.strip() or f"status {done.returncode}").splitlines()[-1][:100])
    return done.stdout


def echo_once(peer, client, connections, seconds):
    """(server's µs of CPU for a request, requests a second)"""
    with running(peer.echo, peer.env) as (port, process):
        before = time_on_cpu(process.pid)
        text = load([client, str(port), str(connections), str(seconds)])
        fields = dict(word.split("=") for word in text.split())
        return (time_on_cpu(process.pid) - before) / 1e3 / int(fields["total"]), float(fields["rps"])


def http_once(peer, server, arguments, path, connections, seconds):
    """The same, by wrk."""
    if not shutil.which("wrk"):
        raise Failed("wrk is not installed")
    with running(server, peer.env, arguments) as (port, process):
        before = time_on_cpu(process.pid)
        text = load(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{port}/{path}"])
        took = time_on_cpu(process.pid) - before
        if "Non-2xx" in text or "Socket errors" in text:
            raise Failed("wrong answers")
        return took / 1e3 / int(re.search(r"(\d+) requests in", text)[1]), float(re.search(r"Requests/sec: +([\d.]+)", text)[1])
