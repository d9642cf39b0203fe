#!/usr/bin/env python3
"""Compares ordinary C programs, made async by asyncify and lowered, with themselves as they are.

    asyncified.py FILE... [--configs NAME,...]

The exit status is 1 if one differs, or if a function stays plain that the file does not name in a line `asyncify: plain NAME...`.
"""
import argparse
import os
import re
import sys
import tempfile

import run as fuzz
from children import run

SUSPEND = os.path.join(fuzz.HERE, "asyncify") # suspend.h
PATIENCE = 3 # seconds for the program itself; its twin suspends and is slower


class Skipped(Exception):
    """The program does not show anything."""


class Tester(fuzz.Tester):
    """One program: as it is, with async in it, and what they do."""

    def __init__(self, options):
        super().__init__(options)
        self.everywhere = [*self.common, "-I" + SUSPEND]
        self.use([], ["--enter"])

    def use(self, flags, enter):
        """The compiler's flags, and which functions begin with a suspension."""
        self.common = [*self.everywhere, *flags]
        self.for_asyncc = [*fuzz.COMMON, *self.common]
        self.enter = enter

    def expect(self, plain, directory, flags=("-O0",), compiler=None):
        program = os.path.join(directory, "plain")
        status, text = run([compiler or self.clang, "-w", *self.common, *flags, plain, "-o", program], timeout=300)
        if status:
            raise Skipped("it does not compile as it is")
        status, text = self.execute(program, timeout=PATIENCE)
        if status == 124:
            raise Skipped("it does not end")
        if status:
            raise Skipped("it crashes as it is")
        return text

    def make_async(self, plain, directory):
        target = os.path.join(directory, "async.c")
        status, text = run([self.options.asyncify, *self.enter, plain, "-o", target, "--", *self.common, "-w"])
        if status:
            raise fuzz.Failure(f"asyncify ends with status {status}", text)
        self.check_left_plain(plain, text)
        return target

    @staticmethod
    def check_left_plain(plain, text):
        """Nothing is left out silently: the program says itself which functions cannot become async."""
        left = set(" ".join(re.findall(r"^asyncify: \d+ plain, .*: (.*)$", text, re.M)).split())
        with open(plain) as file:
            named = set(" ".join(re.findall(r"asyncify: plain (.*?)(?: \*/)?$", file.read(), re.M)).split())
        if left != named:
            raise fuzz.Failure("asyncify leaves plain what it should not, or the other way round: " + " ".join(sorted(left ^ named)), text)

    def has_one_meaning(self, plain, directory, expected):
        for compiler, flags in [("gcc", ["-O0"]), ("gcc", ["-O2"]), (None, ["-O2"]), (None, fuzz.SANITIZE)]:
            if self.expect(plain, directory, flags, compiler) != expected:
                raise Skipped("compilers disagree about it")

    def examine(self, plain, directory, chosen):
        """How many runs agreed."""
        expected = self.expect(plain, directory)
        source = self.make_async(plain, directory)
        lowered, count = self.lower(source, directory), 0
        for config in chosen:
            if config.sanitized and self.expect_quietly(plain, directory) != expected:
                continue # packed structs are not all where the sanitizer wants them
            try:
                count += self.check_config(config, source, lowered, directory, expected)
            except fuzz.Failure:
                self.has_one_meaning(plain, directory, expected)
                raise
        return count

    def expect_quietly(self, plain, directory):
        try:
            return self.expect(plain, directory, fuzz.SANITIZE)
        except Skipped:
            return None


def check_files(options):
    """Each function begins with a suspension, in every config; none does, in the first one; every second one, in the last."""
    tester, status, everything = Tester(options), 0, fuzz.chosen_configs(options)
    for path in options.files:
        with tempfile.TemporaryDirectory() as directory:
            try:
                runs = 0
                for enter, configs in [(["--enter"], everything), ([], everything[:1]), (["--enter=2"], everything[-1:])]:
                    tester.use(["-I" + os.path.dirname(os.path.abspath(path))], enter)
                    runs += tester.examine(path, directory, configs)
                print(f"{path}: {runs} runs agree", flush=True)
            except (fuzz.Failure, fuzz.InvalidProgram, Skipped) as failure:
                status = 1
                print(f"{path}: {failure}\n{getattr(failure, 'detail', '')}", flush=True)
    return status


def add_options(parser):
    build = os.path.join(fuzz.ROOT, "build")
    parser.add_argument("--asyncc", default=os.environ.get("ASYNCC", os.path.join(build, "bin", "asyncc")))
    parser.add_argument("--asyncify", default=os.path.join(build, "test", "asyncify"))
    parser.add_argument("--clang", default=fuzz.CLANG)
    parser.add_argument("--configs", help="those of run.py")
    parser.add_argument("--no-warnings", action="store_true", help="do not mind compilers' warnings")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("files", nargs="+", metavar="FILE")
    sys.exit(check_files(parser.parse_args()))


if __name__ == "__main__":
    main()
