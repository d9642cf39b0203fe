#!/usr/bin/env python3
"""docs/examples' servers and clients of all kinds on the simulated network, for many seeds: hunt.h says what must hold.

    hunt.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--library LIBRARY] [--seeds N] [--first SEED] {chat,httpd}

A seed that is bad is named; with --seeds 1 --first SEED it is run by itself.  ctest takes a few from a seed of the day.
"""
import argparse
import datetime
import os
import subprocess
import sys
import tempfile

import build

HERE = os.path.dirname(os.path.abspath(__file__))


def build_hunt(arguments, directory):
    """The example's main is an async function of another name, which the hunt starts as a task."""
    include = ["-std=gnu11", "-I" + os.path.join(build.ROOT, "include"), "-iquote" + HERE, f"-Dmain={arguments.example}_main"]
    program = os.path.join(directory, "hunt")
    objects = []
    sources = [os.path.join(build.EXAMPLES, arguments.example + ".c"), os.path.join(HERE, arguments.example + "_hunt.c"),
               os.path.join(HERE, "hunt.c")]
    for source in sources:
        name = os.path.join(directory, os.path.splitext(os.path.basename(source))[0])
        options = include if source is sources[0] else include[:-1]
        build.run([arguments.asyncc, source, "-o", name + ".lowered.c", *options])
        build.run([arguments.cc, *options, "-Wall", "-Wextra", "-Werror", *arguments.flags.split(), "-c", name + ".lowered.c", "-o", name + ".o"])
        objects.append(name + ".o")
    libraries = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(arguments.asyncc))), "lib")
    library = [arguments.library] if arguments.library else ["-L" + libraries, "-lasyncc", "-Wl,-rpath," + libraries]
    build.run([arguments.cc, *arguments.flags.split(), *objects, "-o", program, *library, "-pthread", "-ldl", "-lm"])
    return program


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    build.add_arguments(parser)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=datetime.date.today().toordinal() * 1000)
    parser.add_argument("example", choices=["chat", "httpd"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        program = build_hunt(arguments, directory)
        done = subprocess.run([program, str(arguments.first), str(arguments.seeds)], cwd=directory, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace")
        print("".join(line for line in done.stdout.splitlines(True) if not line.startswith("listening on ")), end="")
        sys.exit(done.returncode)


main()
