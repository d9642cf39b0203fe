"""Runs a command that does not outlive us: whatever ends this process, by an exception, SIGTERM, SIGHUP or even SIGKILL, ends the
command too, which may be a program that never ends by itself."""
import ctypes
import os
import signal
import subprocess
import sys

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def leave(number, _):
    sys.exit(128 + number)


for number in ENDING:
    if signal.getsignal(number) == signal.SIG_DFL:
        signal.signal(number, leave) # an exception, for run() to see


def run(command, timeout=60, **keywords):
    """Its status, 124 if it does not end in time, and what it prints.  It gets a process group of its own: what it has started
    ends with it."""
    parent, process = os.getpid(), None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING) # until somebody knows the child

    def prepare():
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors="replace", start_new_session=True, preexec_fn=prepare, **keywords)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        text, _ = process.communicate(timeout=timeout)
        return process.returncode, text
    except subprocess.TimeoutExpired:
        return 124, "does not end"
    finally:
        if process:
            end_group(process)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def end_group(process):
    """The whole group, also when its first process has ended."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()
