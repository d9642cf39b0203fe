"""Starting a server program, talking to it over raw sockets, and looking at its process."""
import os
import re
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """The program, started; it prints its port in its first line.  limits: applied in the child before exec."""

    def __init__(self, command, limits=None):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=limits)
        line = self.process.stdout.readline()
        found = re.search(r"listening on .*:(\d+)", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"no port in {line!r}: {self.process.communicate()[1]}")
        self.port = int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
        _, errors = self.process.communicate()
        if errors:
            print(errors, end="")

    def connect(self, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def stop(self, timeout=10, signal_number=signal.SIGTERM):
        """Its exit status after the signal."""
        self.process.send_signal(signal_number)
        return self.wait(timeout)

    def wait(self, timeout=10):
        return self.process.wait(timeout)

    def n_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self):
        """Seconds of processor time used so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def eventually(condition, seconds=5):
    """Waits until the condition holds; whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def run_tests(tests, only, *arguments):
    """Calls every test_... function, prints what fails, and answers the exit status."""
    import traceback
    failed = []
    for name, test in sorted(tests.items()):
        if not name.startswith("test_") or (only and not any(part in name for part in only)):
            continue
        started = time.monotonic()
        try:
            note = test(*arguments)
        except Exception:
            failed.append(name)
            print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
        else:
            print(f"ok     {name} ({time.monotonic() - started:.2f} s){f': {note}' if note else ''}", flush=True)
    if failed:
        print(f"{len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0
