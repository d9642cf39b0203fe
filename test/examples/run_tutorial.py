#!/usr/bin/env python3
"""A program of asyncio's tutorial in async C must print what the Python original prints.

    run_tutorial.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--no-python] [--loops "poll;sim"] NAME...
(no NAME: all of them)
"""
import argparse
import difflib
import glob
import os
import re
import subprocess
import sys
import tempfile

import build

# What a kernel without io_uring makes the library say.
REFUSED = re.compile("asyncc: ASYNC_LOOP=.*; epoll is used\n")


def difference(expected, actual, expected_name, actual_name):
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), expected_name, actual_name, lineterm="")
    return "\n".join(lines)


def output(command, loop=""):
    """What the command writes to stdout; anything on stderr and a status are put behind it, so that they differ.
    loop: the event loop to run it on."""
    environment = {**os.environ, **({"ASYNC_LOOP": loop} if loop else {})}
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=environment)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode() + "[does not end]\n" + (late.stderr or b"").decode()
    status = f"[exit status {done.returncode}]\n" if done.returncode else ""
    errors = [line for line in done.stderr.splitlines(True) if not REFUSED.fullmatch(line)]
    return done.stdout + status + "".join(errors)


def check(arguments, name, directory):
    source = os.path.join(build.EXAMPLES, name + ".c")
    original = os.path.join(build.EXAMPLES, "python", name + ".py")
    with open(os.path.join(build.EXAMPLES, "expected", name + ".out")) as file:
        expected = file.read()
    program = build.build(arguments, source, directory)
    problems = ""
    for loop in ["", *filter(None, arguments.loops.split(";"))]:
        problems += difference(expected, output([program], loop), f"expected/{name}.out", f"{name}.c on {loop or 'its loop'}")
    if arguments.python:
        problems += difference(expected, output([sys.executable, original]), f"expected/{name}.out", f"python/{name}.py")
    print(problems or f"{name}: ok")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--no-python", dest="python", action="store_false", help="do not run the Python originals")
    parser.add_argument("--loops", default="", help="the names of more event loops to run it on, with semicolons between them")
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_args()
    expected = sorted(glob.glob(os.path.join(build.EXAMPLES, "expected", "*.out")))
    names = arguments.name or [os.path.splitext(os.path.basename(path))[0] for path in expected]
    with tempfile.TemporaryDirectory() as directory:
        results = [check(arguments, name, directory) for name in names]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
