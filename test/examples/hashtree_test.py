#!/usr/bin/env python3
"""docs/examples/hashtree.c against Python's hashlib.

    hashtree_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program HASHTREE]
"""
import argparse
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import build
from server import run_tests

PROGRAM = []
TREE = []


def grow(directory):
    """Files of all the sizes where padding changes, some large ones, links and folders; what hashtree has to print."""
    lines = []
    for folder in ["", "a", "a/b", "a folder"]:
        os.makedirs(os.path.join(directory, folder), exist_ok=True)
        for size in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 65535, 65536, 65537, 400000]:
            path = os.path.join(directory, folder, f"file {size}")
            data = bytes((size * 7 + i * i) % 251 for i in range(size))
            with open(path, "wb") as file:
                file.write(data)
            lines.append((os.fsencode(path), f"{hashlib.sha256(data).hexdigest()}  {path}\n"))
    os.symlink("/etc/passwd", os.path.join(directory, "a link"))
    os.mkfifo(os.path.join(directory, "a pipe"))
    return "".join(line for _, line in sorted(lines))


def hash_tree(*arguments, **environment):
    done = subprocess.run([PROGRAM[0], *arguments], capture_output=True, text=True, timeout=100, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def test_all_files_are_hashed_by_threads_and_by_processes():
    directory, expected = TREE
    for options in [[], ["-j", "1"], ["-j", "7"], ["-j", "2", "-p"]]:
        assert hash_tree(*options, directory) == (0, expected, ""), options


def test_the_progress_line_counts_up():
    directory, expected = TREE
    status, output, errors = hash_tree("-j", "2", directory, PROGRESS="1")
    assert status == 0 and output == expected
    shown = [(int(done), int(of)) for done, of in re.findall(r"(\d+)/(\d+) files", errors)]
    assert shown[-1] == (68, 68) and shown == sorted(shown), shown


def test_a_file_that_cannot_be_read_is_told_and_the_others_hashed():
    if os.geteuid() == 0:
        return "skipped: root can read anything"
    directory, expected = TREE
    path = os.path.join(directory, "secret")
    with open(path, "w"):
        pass
    os.chmod(path, 0)
    status, output, errors = hash_tree(directory)
    os.remove(path)
    assert (status, output) == (1, expected) and "secret: Permission denied" in errors, errors


def test_an_interrupt_ends_it_in_the_middle_of_a_file():
    large = os.path.join(TREE[0], "large")
    with open(large, "wb") as file:
        file.truncate(40 << 30)
    program = subprocess.Popen([PROGRAM[0], TREE[0]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    program.send_signal(signal.SIGINT)
    status = program.wait(timeout=30)
    os.remove(large)
    assert status == -signal.SIGINT, status


def test_bad_arguments_are_told():
    for arguments in [[], ["-j", "0", "."], ["-x"]]:
        status, output, errors = hash_tree(*arguments)
        assert (status, output) == (2, "") and "usage" in errors, arguments
    status, _, errors = hash_tree("/nowhere/at/all")
    assert status == 2 and "/nowhere/at/all: No such file" in errors, errors


def test_two_processors_are_faster_than_one():
    """Said, not demanded: the machine may be busy."""
    with tempfile.TemporaryDirectory() as directory:
        for i in range(4):
            with open(os.path.join(directory, str(i)), "wb") as file:
                file.write(os.urandom(8 << 20))
        took = {}
        for jobs in ["1", "2"]:
            started = time.monotonic()
            assert hash_tree("-j", jobs, directory)[0] == 0
            took[jobs] = time.monotonic() - started
    return f"32 MB: {took['1']:.2f} s with one thread, {took['2']:.2f} s with two"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="a hashtree that is built already")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        PROGRAM.append(arguments.program or build.build(arguments, os.path.join(build.EXAMPLES, "hashtree.c"), directory))
        tree = os.path.join(directory, "tree")
        os.mkdir(tree)
        TREE.extend([tree, grow(tree)])
        status = run_tests(globals(), arguments.only)
    sys.exit(status)


if __name__ == "__main__":
    main()
