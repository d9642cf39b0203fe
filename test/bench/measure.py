"""measure.py: one run of one program, and medians of several."""
import glob, re, statistics, subprocess, time
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


def once(command, cpus="1", timeout=300):
    """(value, unit, peak kilobytes, checksum) of a program that prints a result line."""
    try:
        done = subprocess.run(["taskset", "-c", cpus, *command], capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {timeout} s")
    match = LINE.match(done.stdout)
    if not match:
        raise Failed((done.stderr.strip() or f"status {done.returncode}").splitlines()[-1][:100])
    return float(match[2]), match[3], int(match[4]), match[6]


def add(result, command, cpus):
    value, result.unit, rss, check = once(command, cpus)
    result.values.append(value)
    result.rss_kb.append(rss)
    result.checks.add(check)


def time_on_cpu(pid):
    """ns"""
    return sum(int(open(f).read().split()[0]) for f in glob.glob(f"/proc/{pid}/task/*/schedstat"))


def wait_for_port(port):
    wanted = f":{port:04X} "
    for _ in range(100):
        if any(wanted in line and " 0A " in line for line in open("/proc/net/tcp")):
            return
        time.sleep(0.05)
    raise Failed("the server does not listen")


def echo_once(server, client, port, connections, seconds):
    """(server's µs of CPU for a request, requests a second)"""
    process = subprocess.Popen(["taskset", "-c", "0", *server, str(port)])
    try:
        wait_for_port(port)
        before = time_on_cpu(process.pid)
        command = ["taskset", "-c", "1", client, str(port), str(connections), str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        fields = dict(word.split("=") for word in done.stdout.split())
        if "rps" not in fields:
            raise Failed(done.stderr.strip()[-100:])
        return (time_on_cpu(process.pid) - before) / 1e3 / int(fields["total"]), float(fields["rps"])
    finally:
        process.kill()
        process.wait()
