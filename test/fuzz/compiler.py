#!/usr/bin/env python3
"""Feeds the compiler with sources that token_mutator.c makes of the tests' and examples' (libFuzzer; compiler_fuzzer.c says
what must come of them).

    compiler.py FUZZER [--time SECONDS] [--sample N] [--seed N] [--corpus FOLDER] [--keep FOLDER] [--go-on]

--sample: so many sources to begin with, chosen by --seed; all of them without.  --corpus: keeps what reached new code.
--go-on: does not stop at the first finding.  Each finding is kept, and the way to see it again printed; the exit status is 1.
"""
import argparse
import glob
import os
import random
import re
import shutil
import sys
import tempfile
import time

from children import run

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "test", "tools"))
from blank import blank_copy # noqa: E402

SOURCES = ["test/lower", "test/check", "test/frame", "test/line", "test/dump", "test/run", "test/driver", "docs/examples"]
LIMITS = ["-timeout=60", "-rss_limit_mb=3000", "-max_len=16000"]


def copy_sources(options, corpus):
    sources = sorted(source for folder in SOURCES for source in glob.glob(os.path.join(ROOT, folder, "*.c"))
                     if os.path.getsize(source) < 10000)
    if options.sample:
        sources = random.Random(options.seed).sample(sources, min(options.sample, len(sources)))
    for source in sources:
        blank_copy(source, corpus)


def fuzz(options, corpus, seconds):
    """The findings of one run of the fuzzer, which ends with the first."""
    command = [options.fuzzer, *LIMITS, f"-max_total_time={seconds}", f"-seed={options.seed}",
               f"-artifact_prefix={options.keep}/", corpus]
    status, text = run(command, timeout=None)
    done = re.findall(r"^#(\d+)\s", text, re.M)
    print(f"at least {done[-1]} runs" if done else "no run", flush=True) # libFuzzer tells at doublings and news
    kept = re.findall(r"Test unit written to (.*)", text)
    if status and not kept:
        sys.exit(f"compiler.py: {options.fuzzer} ends with status {status}\n{text[-3000:]}")
    if kept:
        shown = [line for line in text.splitlines() if not re.match(r"#\d|INFO|\s+NEW_FUNC", line)]
        print("\n".join(shown[-60:]))
        print(f"again: {options.fuzzer} {kept[0]}", flush=True)
    return kept


def drop(corpus, finding):
    """An input that the corpus itself has would be the next finding, too."""
    with open(finding, "rb") as file:
        content = file.read()
    for name in glob.glob(os.path.join(corpus, "*")):
        with open(name, "rb") as file:
            same = file.read() == content
        if same:
            os.remove(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fuzzer")
    parser.add_argument("--time", type=int, default=20)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--corpus")
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "asyncc-findings"))
    parser.add_argument("--go-on", action="store_true")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    os.makedirs(options.keep, exist_ok=True)
    symbolizer = shutil.which("llvm-symbolizer-19") or shutil.which("llvm-symbolizer")
    if symbolizer:
        os.environ["ASAN_SYMBOLIZER_PATH"] = symbolizer
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or folder
        copy_sources(options, corpus)
        end, findings = time.time() + options.time, []
        while not findings or (options.go_on and time.time() < end):
            found = fuzz(options, corpus, max(1, int(end - time.time())))
            if not found:
                break
            findings += found
            for finding in found:
                drop(corpus, finding)
            options.seed += 1
    sys.exit(1 if findings else 0)


main()
