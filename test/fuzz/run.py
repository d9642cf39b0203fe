#!/usr/bin/env python3
"""Compares random async programs, lowered, with the same programs compiled directly: the sequential program is the oracle.

    run.py [--seeds FROM..TO] [--time SECONDS] [--configs NAME,...] [generator's options]
    run.py --check FILE... [--configs NAME,...]
    run.py --reduce FILE [--configs NAME]

A program that differs is kept, alone, under --keep, and the command that shows the difference is printed.
The exit status is 1 if there was a difference.
"""
import argparse
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
import zlib

import generate
import reduce
from children import run

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLANG = shutil.which("clang-19") or shutil.which("clang") or "clang"
COMMON = ["-std=gnu11", "-fwrapv"]
SANITIZE = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
SCHEDULES = ["never", "always", "1", "2"]
# What random expressions draw by themselves, in every compiler.
NOISE = """unused-value parentheses bool-operation bool-compare sequence-point type-limits int-in-bool-context sign-compare
    overflow unused-but-set-variable unused-variable unused-label unused-function unused-parameter address empty-body
    logical-not-parentheses dangling-else misleading-indentation override-init shift-overflow
    missing-field-initializers missing-braces discarded-qualifiers float-conversion array-bounds switch-unreachable
    constant-conversion extra clobbered declaration-after-statement div-by-zero logical-op
    absolute-value missing-prototypes switch-bool dangling-pointer= duplicated-branches pointer-bool-conversion
    shift-count-overflow unused-result nonnull nonnull-compare stringop-overflow= aggressive-loop-optimizations bitfield-constant-conversion parentheses-equality
    literal-conversion constant-logical-operand unevaluated-expression unsequenced self-assign bitwise-instead-of-logical""".split()
# What a conversion or comparison draws, in the program as it is; lowered, it is at the assignment to an argument or a temporary.
CONVERSIONS = ["pointer-sign", "incompatible-pointer-types", "compare-distinct-pointer-types"]


def is_noise(flag):
    return flag in NOISE or flag.startswith("tautological-") # about constants that the program compares


class Config:
    def __init__(self, name, command, sanitized=False, warnings=False, schedules=SCHEDULES):
        self.name, self.command, self.sanitized, self.warnings, self.schedules = name, command, sanitized, warnings, schedules


def configs(clang):
    """gcc without optimising comes first: it is the quickest.  What gcc warns of depends on what it optimises."""
    warn = ["-Wall", "-Wextra", "-Wimplicit-fallthrough"]
    of_gcc = [*warn, "-Wjump-misses-init", "-Wmaybe-uninitialized"]
    return [
        Config("gcc-O0", ["gcc", "-O0", "-w"]),
        *(Config("gcc-" + level, ["gcc", "-" + level, *of_gcc], warnings=True) for level in ("O1", "O2", "O3", "Os")),
        Config("clang-O0", [clang, "-O0", "-w"]),
        Config("clang-O1", [clang, "-O1", "-w"]),
        Config("clang-O2", [clang, "-O2", *warn], warnings=True),
        Config("clang-O3", [clang, "-O3", "-w"]),
        Config("clang-Os", [clang, "-Os", "-w"]),
        Config("sanitized", [clang, *SANITIZE, "-w"], sanitized=True),
    ]


class Failure(Exception):
    """kind: what happened, in a few words that stay the same while the program is reduced."""

    def __init__(self, kind, detail="", unit=None, config=None):
        super().__init__(kind)
        self.kind, self.detail, self.unit, self.config = kind, detail, unit, config


class InvalidProgram(Exception):
    """The generator's fault, or the reducer's: the program does not have one meaning."""


def lines_by_unit(text):
    return dict(re.findall(r"^unit (\d+): (.*)$", text, re.M))


class Tester:
    def __init__(self, options):
        self.options = options
        self.clang = options.clang
        build = os.path.dirname(os.path.dirname(os.path.abspath(options.asyncc)))
        self.library = os.path.join(build, "lib", "libasyncc.a")
        self.sanitized_library = os.path.join(build, "lib", "libasyncc-sanitized.a")
        status, text = run([options.asyncc, "--libs"])
        self.libraries = text.split()[1:] if status == 0 else ["-lpthread"]
        status, text = run([options.asyncc, "--cflags"])
        self.for_asyncc = COMMON
        self.common = COMMON + text.split() # async.h of the same build
        self.runs = 0

    def execute(self, program, schedule="never", timeout=20):
        self.runs += 1
        environment = dict(os.environ, SCHEDULE=schedule, ASAN_OPTIONS="detect_stack_use_after_return=1:detect_leaks=1")
        environment.pop("TRACE", None)
        return run([program], timeout=timeout, env=environment)

    def parse(self, source):
        if run([self.clang, "-w", *self.common, "-DTWIN", "-fsyntax-only", source])[0]:
            raise InvalidProgram("the twin does not compile")

    def twin(self, source, directory, flags=("-O0",)):
        program = os.path.join(directory, "twin")
        status, text = run([self.clang, "-w", *self.common, "-DTWIN", *flags, source, "-o", program,
                            self.sanitized_library if "-g" in flags else self.library, *self.libraries])
        if status:
            raise InvalidProgram(f"the twin does not compile:\n{text}")
        status, text = self.execute(program)
        if status:
            raise InvalidProgram(f"the twin ends with status {status}:\n{text[-2000:]}")
        return text

    def validate(self, source, directory):
        """The program has one meaning: no undefined behaviour that we can see."""
        expected = self.twin(source, directory)
        strict = [f"-Werror={w}" for w in ("return-type", "uninitialized", "sometimes-uninitialized", "array-bounds")]
        if run([self.clang, *self.common, "-DTWIN", "-Wno-everything", *strict, "-fsyntax-only", source])[0]:
            raise InvalidProgram("the twin has undefined behaviour")
        for flags in [("-O1", "-fsanitize=memory"), ("-O2",), tuple(SANITIZE)]:
            if self.twin(source, directory, flags) != expected:
                raise InvalidProgram(f"the twin prints something else with {shlex.join(flags)}")
        return expected

    def lower(self, source, directory, *flags):
        lowered = os.path.join(directory, "program.lowered.sanitized.c" if flags else "program.lowered.c")
        with open(source, "rb") as file: # one program in two
            forwards = ["-foptimize-sibling-calls"] if zlib.crc32(file.read()) & 1 else []
        status, text = run([self.options.asyncc, *forwards, *self.for_asyncc, *flags, source, "-o", lowered], timeout=300) # of a busy machine
        if status == 124 or status < 0 or status == 70:
            line = next((l for l in text.splitlines() if "asyncc:" in l), "")
            raise Failure(f"asyncc ends with status {status}: {line}"[:120], text)
        if status:
            words = re.findall(r"error: (.*)", text)
            raise Failure("asyncc refuses: " + re.sub(r"'[^']*'", "'...'", words[0] if words else "?"), text)
        return lowered

    def check(self, source, directory, chosen):
        """Raises Failure at the first difference, or returns how many runs agreed."""
        expected = self.twin(source, directory)
        lowered = self.lower(source, directory)
        count = 0
        for config in chosen:
            count += self.check_config(config, source, lowered, directory, expected)
        return count

    def check_config(self, config, source, lowered, directory, expected):
        program, headers = os.path.join(directory, "program"), "-iquote" + os.path.dirname(source)
        library = self.sanitized_library if config.sanitized else self.library
        if config.sanitized:
            lowered = self.lower(source, directory, "-fsanitize=address")
        status, text = run([*config.command, *self.common, headers, lowered, "-o", program, library, *self.libraries], timeout=300)
        if status:
            direct = run([*config.command, *self.common, headers, "-DTWIN", "-c", source, "-o", program], timeout=300)
            if direct[0]:
                raise InvalidProgram(f"{config.name} does not compile it directly either:\n{direct[1][:300]}")
            words = re.findall(r"error: (.*)", text) or [text[:100]]
            raise Failure(f"{config.name} does not compile: " + re.sub(r"['‘][^'’]*['’]", "'...'", words[0]), text[:3000],
                          config=config)
        if config.warnings:
            self.check_warnings(config, text, source)
        for schedule in config.schedules:
            status, printed = self.execute(program, schedule)
            if printed == expected and status == 0:
                continue
            want, got = lines_by_unit(expected), lines_by_unit(printed)
            units = [u for u in want if want[u] != got.get(u)]
            unit = int(units[0]) if units else None
            report = re.search(r"ERROR: AddressSanitizer: ([\w-]+)|runtime error: (.{0,40})|ERROR: (LeakSanitizer)", printed)
            if report:
                kind = f"{config.name}: sanitizer: {report[1] or report[2] or report[3]}"
            elif status:
                kind = f"{config.name}: ends with status {status}"
            else:
                kind = f"{config.name}: prints something else"
            raise Failure(kind, f"schedule {schedule}, units {' '.join(units)}\n{printed[-3000:]}", unit, config)
        return len(config.schedules)

    def check_warnings(self, config, text, source):
        """Warnings about lines of ours are ours, but for conversions; of those about the user's, the ones that the twin does not draw."""
        found = re.findall(r"^([^:\n]+):\d+:\d+: warning: (.*) \[-W([^\]]+)\]$", text, re.M)
        ours = [w for w in found if w[0].endswith(".lowered.c")]
        theirs = [w for w in found if not is_noise(w[2]) and w not in ours]
        ours = [w for w in ours if not is_noise(w[2])]
        if theirs or any(w[2] in CONVERSIONS for w in ours):
            _, direct = run([*config.command, *self.common, "-DTWIN", "-S", "-o", os.devnull, source])
            known = {flag for flag in re.findall(r"\[-W([^\]]+)\]$", direct, re.M)}
            theirs = [w for w in theirs if w[2] not in known]
            ours = [w for w in ours if w[2] not in known or w[2] not in CONVERSIONS]
        bad = ours + theirs
        if bad and not self.options.no_warnings:
            where = "ours" if bad[0] in ours else "the user's"
            raise Failure(f"{config.name} warns of a line of {where}: -W{bad[0][2]}", "\n".join(map(str, bad[:5])), config=config)


def chosen_configs(options):
    everything = configs(options.clang)
    if not options.configs:
        return everything
    names = options.configs.split(",")
    unknown = set(names) - {c.name for c in everything}
    if unknown:
        sys.exit(f"run.py: no such config: {', '.join(unknown)}; there are {', '.join(c.name for c in everything)}")
    return [c for c in everything if c.name in names]


class Hunt:
    def __init__(self, options):
        self.options, self.tester = options, Tester(options)
        self.programs = self.compared = self.files = 0
        self.failures = {}

    def keep(self, seed, unit, text, failure):
        os.makedirs(self.options.keep, exist_ok=True)
        path = os.path.join(self.options.keep, f"{seed}-{unit}.c")
        with open(path, "w") as file:
            file.write(text)
        known = failure.kind in self.failures
        self.failures.setdefault(failure.kind, []).append(path)
        if not known or self.options.verbose:
            print(f"\n{failure.kind}\n  {path}\n  see it:    {command(self.options, 'check', path, failure)}\n"
                  f"  shrink it: {command(self.options, 'reduce', path, failure)}\n"
                  + "".join(f"  | {line}\n" for line in failure.detail.splitlines()[:self.options.detail]), flush=True)

    def single(self, seed, number, directory, chosen):
        text = generate.generate(seed, self.options, number)
        source = write(directory, f"unit{number}.c", text)
        try:
            self.compared += self.tester.check(source, directory, chosen)
        except Failure as failure:
            self.keep(seed, number, text, failure)
            return failure
        except InvalidProgram as fault:
            print(f"seed {seed} unit {number}: {fault}", flush=True)
        return None

    def seed(self, seed, chosen):
        with tempfile.TemporaryDirectory() as directory:
            text = generate.generate(seed, self.options)
            source = write(directory, "program.c", text)
            self.files += 1
            self.programs += self.options.units
            try:
                if self.options.validate:
                    self.tester.validate(source, directory)
                self.compared += self.options.units * self.tester.check(source, directory, chosen)
                return
            except InvalidProgram as fault:
                first = fault
            except Failure as failure:
                first = failure
            failed = [self.single(seed, number, directory, chosen) for number in range(self.options.units)]
            if not any(failed) and isinstance(first, Failure):
                self.keep(seed, "all", text, first)

    def hunt(self):
        first, last = self.options.seeds
        everything = chosen_configs(self.options)
        end = time.monotonic() + self.options.time if self.options.time else None
        seed = first
        while seed <= last and not (end and time.monotonic() > end):
            chosen = everything
            if self.options.rotate: # the quickest, and one of the others in turn
                chosen = [everything[0], everything[1 + seed % (len(everything) - 1)]]
            self.seed(seed, chosen)
            seed += 1
            if seed % 20 == 0 and self.options.progress:
                print(f"[seed {seed}: {self.summary()}]", flush=True)
        print(self.summary())
        for kind, paths in sorted(self.failures.items(), key=lambda f: -len(f[1])):
            print(f"{len(paths):5} {kind}  ({os.path.basename(paths[0])})")
        return 1 if self.failures else 0

    def summary(self):
        different = sum(map(len, self.failures.values()))
        return f"{self.programs} programs in {self.files} files, {self.compared} runs agree, {different} programs differ"


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def command(options, verb, path, failure):
    words = [os.path.join(HERE, "run.py"), "--asyncc", options.asyncc]
    if failure.config:
        words += ["--configs", failure.config.name]
    return shlex.join(words + [f"--{verb}", path])


def check_files(options):
    tester, status = Tester(options), 0
    for path in options.check:
        with tempfile.TemporaryDirectory() as directory:
            try:
                expected = tester.validate(path, directory) if options.validate else None
                runs = tester.check(path, directory, chosen_configs(options))
                print(f"{path}: {runs} runs agree" + (f", {len(expected.splitlines())} lines" if expected else ""))
            except (Failure, InvalidProgram) as failure:
                status = 1
                print(f"{path}: {failure}\n{getattr(failure, 'detail', '')}")
    return status


def reduce_file(options):
    """Shrinks the file as long as it fails in the same way and still has one meaning."""
    tester = Tester(options)
    chosen = chosen_configs(options)

    def kind_of(text, wanted=None):
        with tempfile.TemporaryDirectory() as directory:
            source = write(directory, "program.c", text)
            compiles = wanted and ("compile" in wanted or wanted.startswith("asyncc"))
            try:
                if compiles: # what it does when run is of no interest
                    tester.parse(source)
                    tester.check_config(chosen[0], source, tester.lower(source, directory), directory, "")
                else:
                    tester.check(source, directory, chosen)
            except InvalidProgram:
                return None
            except Failure as failure:
                try:
                    if not compiles and (not wanted or failure.kind == wanted):
                        tester.validate(source, directory)
                except InvalidProgram:
                    return None
                return failure.kind
        return None

    with open(options.reduce) as file:
        text = file.read()
    wanted = kind_of(text)
    if not wanted:
        sys.exit("run.py: it does not fail")
    text = reduce.reduce(text, lambda candidate: kind_of(candidate, wanted) == wanted, options.time or 600)
    path = options.reduce[:-2] + ".small.c"
    with open(path, "w") as file:
        file.write(text)
    print(f"{wanted}\n{path}: {len(text.splitlines())} lines")
    return 0


def seeds(word):
    first, _, last = word.partition("..")
    return int(first), int(last or first)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--asyncc", default=os.environ.get("ASYNCC", os.path.join(ROOT, "build", "bin", "asyncc")))
    parser.add_argument("--clang", default=CLANG)
    parser.add_argument("--seeds", type=seeds, default=(1, 1 << 30), metavar="FROM..TO")
    parser.add_argument("--time", type=float, help="seconds after which no new seed is begun, or the reducer stops")
    parser.add_argument("--configs", help="gcc-O0, -O1, -O2, -O3, -Os, clang-O0 to -Os, sanitized")
    parser.add_argument("--rotate", action="store_true", help="two of the configs for each seed, in turn")
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "fuzz-found"), help="where programs that differ are kept")
    parser.add_argument("--validate", action="store_true", help="look for undefined behaviour in the programs themselves")
    parser.add_argument("--no-warnings", action="store_true", help="do not mind compilers' warnings")
    parser.add_argument("--detail", type=int, default=6, help="lines of what was printed")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print every failure, not one of a kind")
    parser.add_argument("--check", nargs="+", metavar="FILE")
    parser.add_argument("--reduce", metavar="FILE")
    generate.add_options(parser)
    options = parser.parse_args()
    generate.finish_options(parser, options)
    if options.check:
        sys.exit(check_files(options))
    if options.reduce:
        sys.exit(reduce_file(options))
    sys.exit(Hunt(options).hunt())


if __name__ == "__main__":
    main()
