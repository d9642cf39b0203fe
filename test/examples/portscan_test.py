#!/usr/bin/env python3
"""docs/examples/portscan.c against listeners of the test's own on the loopback interface.

    portscan_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program PORTSCAN]
"""
import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import build
from server import eventually, run_tests

PROGRAM = []


def listeners(n):
    """n listening sockets on ports near each other, as {port: socket}."""
    found = {}
    first = 42000
    while len(found) < n:
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", first + 7 * len(found)))
            listener.listen(100)
            found[listener.getsockname()[1]] = listener
        except OSError:
            first += 100
            listener.close()
            for other in found.values():
                other.close()
            found.clear()
    return found


def scan(*arguments, timeout=60):
    done = subprocess.run([PROGRAM[0], *arguments], capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout.split(), done.stderr


def test_the_open_ports_are_found_with_any_number_of_workers():
    open_ports = listeners(5)
    first, last = min(open_ports) - 10, max(open_ports) + 10
    for workers in ["1", "3", "1000"]:
        status, ports, errors = scan("-c", workers, "-p", f"{first}-{last}", "127.0.0.1")
        assert (status, errors) == (0, ""), (status, errors)
        found = {int(port) for port in ports}
        assert set(open_ports) <= found and ports == sorted(ports, key=int), ports
    for listener in open_ports.values():
        listener.close()


def test_all_ports_at_once_do_not_exhaust_anything():
    started = time.monotonic()
    status, ports, errors = scan("-c", "900", "-p", "1-65535", "127.0.0.1")
    assert errors == "" and status in (0, 1), (status, errors)
    return f"65535 ports in {time.monotonic() - started:.1f} s, {len(ports)} open"


def test_no_more_connections_than_asked_for_are_open():
    """A listener whose queue is full does not answer: each worker then holds one descriptor until its time is up."""
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(0)
    port = silent.getsockname()[1]
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    started = time.monotonic()
    status, ports, errors = scan("-t", "0.3", "-p", f"{port}-{port}", "127.0.0.1")
    assert (status, ports, errors) == (1, [], ""), (status, ports, errors)
    assert 0.25 < time.monotonic() - started < 3
    scanner = subprocess.Popen([PROGRAM[0], "-t", "60", "-p", f"{port}-{port}", "127.0.0.1"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert eventually(lambda: any("socket" in os.readlink(f"/proc/{scanner.pid}/fd/{fd}")
                                  for fd in os.listdir(f"/proc/{scanner.pid}/fd")))
    started = time.monotonic()
    scanner.send_signal(signal.SIGINT)
    _, errors = scanner.communicate(timeout=10)
    assert scanner.returncode != 0 and time.monotonic() - started < 2, (scanner.returncode, errors)
    for each in [*fillers, silent]:
        each.close()


def test_bad_arguments_are_told():
    for arguments in [[], ["-c", "0", "x"], ["-p", "5", "-c", "5000", "x"], ["-p", "x", "127.0.0.1"], ["a", "b"]]:
        status, ports, _ = scan(*arguments)
        assert (status, ports) == (2, []), (arguments, status)
    status, _, errors = scan("no-such-host.invalid")
    assert status == 2 and "no-such-host.invalid" in errors, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="a portscan that is built already")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        PROGRAM.append(arguments.program or build.build(arguments, os.path.join(build.EXAMPLES, "portscan.c"), directory))
        status = run_tests(globals(), arguments.only)
    sys.exit(status)


if __name__ == "__main__":
    main()
