#!/usr/bin/env python3
"""Compares csmith's random programs, made async by asyncify, with themselves as csmith wrote them.

    csmith.py [--seeds FROM..TO] [--time SECONDS] [--configs NAME,...]

A program whose meaning is not clear (it does not end, or compilers disagree about it) is counted and left out.  One that
differs is kept under --keep.  The exit status is 1 if one differs, or has a function that could not become async.
"""
import argparse
import collections
import glob
import os
import random
import shutil
import sys
import tempfile
import time

import run as fuzz
from asyncified import Skipped, Tester, add_options
from children import run

SIZES = ["--max-funcs 3 --max-block-depth 3", "--max-funcs 5 --max-block-depth 3 --max-block-size 3", "--max-funcs 8 --max-block-depth 2",
         "--max-funcs 4 --max-expr-complexity 14 --max-block-depth 2", "--max-funcs 6 --max-block-size 6 --max-block-depth 2",
         "--max-funcs 10 --max-block-depth 5"]
FLAVOURS = ["", "", "--no-packed-struct", "--inline-function", "--float", "--max-pointer-depth 4", "--no-bitfields",
            "--max-array-dim 2 --max-array-len-per-dim 4", "--random-random", "--no-volatiles --no-volatile-pointers",
            "--strict-volatile-rule", "--max-struct-nested-level 5 --max-struct-fields 6", "--no-jumps", "--no-pointers"]
# The safe arithmetic: functions, statement expressions, macros that want temporaries.
ARITHMETIC = [("", []), ("", []), ("", ["-DUSE_MATH_MACROS"]), ("--math-notmp", ["-DUSE_MATH_MACROS_NOTMP"])]
ENTERS = [["--enter"], ["--enter"], ["--enter=2"], []] # which functions begin with a suspension
SURE = [[], ["-DASYNCIFY_SURE"]] # that asyncc knows of, or not
def write(tester, seed, directory, headers):
    """One of csmith's programs; tells the tester how it is to be compiled."""
    choose = random.Random(seed).choice
    arithmetic, defines = choose(ARITHMETIC)
    plain = os.path.join(directory, "plain.c")
    words = ["csmith", "--seed", str(seed), *choose(SIZES).split(), *choose(FLAVOURS).split(), *arithmetic.split(), "--output", plain]
    enter = choose(ENTERS)
    tester.use(["-I" + headers, *defines, *choose(SURE)], enter)
    if run(words, cwd=directory)[0]: # it leaves a platform.info
        raise Skipped("csmith does not end")
    return plain


class Hunt:
    def __init__(self, options, headers):
        self.options, self.headers, self.tester = options, headers, Tester(options)
        self.compared = self.runs = 0
        self.skipped, self.failures = collections.Counter(), collections.defaultdict(list)

    def keep(self, seed, directory, failure):
        target = os.path.join(self.options.keep, str(seed))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(directory, target, ignore=lambda _, names: [n for n in names if not n.endswith(".c")])
        if failure.kind not in self.failures or self.options.verbose:
            detail = "".join(f"  | {line}\n" for line in failure.detail.splitlines()[:self.options.detail])
            print(f"\nseed {seed}: {failure.kind}\n  {target}\n{detail}", flush=True)
        self.failures[failure.kind].append(seed)

    def seed(self, seed, chosen):
        with tempfile.TemporaryDirectory() as directory:
            try:
                plain = write(self.tester, seed, directory, self.headers)
                self.runs += self.tester.examine(plain, directory, chosen)
                self.compared += 1
            except Skipped as reason:
                self.skipped[str(reason)] += 1
            except fuzz.Failure as failure:
                self.keep(seed, directory, failure)

    def hunt(self, seeds):
        everything = fuzz.chosen_configs(self.options)
        end = time.monotonic() + self.options.time if self.options.time else None
        for n, seed in enumerate(seeds):
            if end and time.monotonic() > end:
                break
            chosen = everything
            if not self.options.every_config:
                chosen = [everything[seed % len(everything)]]
            self.seed(seed, chosen)
            if self.options.progress and n % 20 == 19:
                print(f"[seed {seed}: {self.summary()}]", flush=True)
        print(self.summary())
        for kind, seeds in sorted(self.failures.items(), key=lambda f: -len(f[1])):
            print(f"{len(seeds):5} {kind}  (seed {seeds[0]})")
        return 1 if self.failures else 0

    def summary(self):
        skipped = "".join(f", {n} left out: {why}" for why, n in self.skipped.most_common())
        return f"{self.compared} programs agree in {self.runs} runs, {sum(map(len, self.failures.values()))} differ{skipped}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--seeds", type=fuzz.seeds, default=(1, 1 << 30), metavar="FROM..TO")
    parser.add_argument("--time", type=float, help="seconds after which no new program is begun")
    parser.add_argument("--every-config", action="store_true", help="all configs for each program, not one in turn")
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "csmith-found"), help="where programs that differ are kept")
    parser.add_argument("--detail", type=int, default=6, help="lines of what was printed")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print every failure, not one of a kind")
    options = parser.parse_args()
    headers = [os.path.dirname(path) for path in glob.glob("/usr/include/csmith*/csmith.h")]
    if not shutil.which("csmith") or not headers:
        print("skipped: csmith is not installed (Debian packages csmith and libcsmith-dev)")
        sys.exit(77)
    first, last = options.seeds
    sys.exit(Hunt(options, headers[0]).hunt(range(first, last + 1)))


if __name__ == "__main__":
    main()
