"""Lowers and compiles an async C source the way a user would, for the tests of this folder."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "docs", "examples")


def add_arguments(parser):
    parser.add_argument("--asyncc", default=os.path.join(ROOT, "build", "bin", "asyncc"))
    parser.add_argument("--cc", default="gcc", help="the compiler of the lowered source")
    parser.add_argument("--library", help="libasyncc; by default the one in ../lib of asyncc")
    parser.add_argument("--flags", default="-O2", help="more flags for the C compiler, in one string")


def run(command):
    """Runs a step of the build; ends the test, with what the step said, if it fails or warns."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as problem:
        sys.exit(f"FAILED: {problem}")
    if done.returncode != 0 or done.stdout:
        sys.exit(f"FAILED ({done.returncode}): {' '.join(command)}\n{done.stdout}")


def build(arguments, source, directory, libraries_besides=()):
    """Builds source in directory; the program's path."""
    name = os.path.splitext(os.path.basename(source))[0]
    lowered, program = os.path.join(directory, name + ".lowered.c"), os.path.join(directory, name)
    include = "-I" + os.path.join(ROOT, "include")
    own = "-iquote" + os.path.dirname(source)
    libraries = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(arguments.asyncc))), "lib")
    library = [arguments.library] if arguments.library else ["-L" + libraries, "-lasyncc", "-Wl,-rpath," + libraries]
    flags = arguments.flags.split()
    run([arguments.asyncc, source, "-o", lowered, "-std=gnu11", include, own])
    run([arguments.cc, "-std=gnu11", "-Wall", "-Wextra", "-Werror", *flags, include, own, lowered, "-o", program, *library, *libraries_besides, "-pthread"])
    return program
