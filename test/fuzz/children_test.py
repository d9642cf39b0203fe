#!/usr/bin/env python3
"""Kills a process in children.run() in every way there is, and sees that what it runs is gone."""
import os
import signal
import subprocess
import sys
import time

import children

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60 # seconds, on a busy machine
# nohup and the shell's & may have switched signals off.
RUNS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
import children
children.run(sys.argv[2:], timeout=None, pass_fds=(int(sys.argv[1]),))
"""
# Each tells its own number, and that of what it starts.
ALONE = "echo $$; exec sleep 1000"
FAMILY = "sleep 1000 & echo $$ $!; wait"


def wait_until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(.01)
    return True


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(") ", 1)[1][0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill_parent(how, script):
    """The numbers of those that are still there."""
    read, write = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", RUNS, str(write), "sh", "-c", f"exec >&{write}; {script}"],
                              cwd=HERE, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        started = [int(word) for word in pipe.readline().split()]
        if not started or any(map(is_gone, started)):
            sys.exit("children_test.py: nothing runs")
        parent.send_signal(how)
        parent.wait()
        return [pid for pid in started if not wait_until(lambda pid=pid: is_gone(pid))]


def main():
    failed = False
    for how, script in [(signal.SIGTERM, FAMILY), (signal.SIGHUP, FAMILY), (signal.SIGINT, FAMILY), (signal.SIGKILL, ALONE)]:
        left = kill_parent(how, script)
        print(f"{how.name}: {'left behind: ' + str(left) if left else 'nothing is left'}")
        failed |= bool(left)
    status, _ = children.run(["sh", "-c", "sleep 1000 & sleep 1000"], timeout=.2)
    print("what does not end in time has status", status)
    sys.exit(failed or status != 124)


if __name__ == "__main__":
    main()
