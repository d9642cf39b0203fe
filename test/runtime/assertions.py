#!/usr/bin/env python3
"""assertions.py: which of the 200 assertions about asyncio's behaviour (README.md) have tests.

assertions.py [--table]

A test names the numbers: TEST(semantics_83_84_...), TEST(readline_191_...), or "(134, 136 to 142)" in the first line of a lit test.
What does not apply to C has a row in docs/limitations.md, "| 29 | ... |".  Fails when a number has neither, or both, or when a row or
a test names none that exists.
"""
import pathlib, re, sys

TEST = pathlib.Path(__file__).resolve().parent.parent
LAST = 200


def numbers_in_name(name):
    """Numbers follow "semantics_", or stand somewhere in the name; 1_17 is a table of its own."""
    first = re.match(r"semantics_((?:\d+_)+)", name)
    if first:
        words = [int(n) for n in first.group(1).split("_") if n]
        return [] if words[:2] == [1, 17] else words
    return [int(n) for n in re.findall(r"_(\d\d\d)_", name)]


def numbers_in_comment(line):
    found = re.search(r"\(((?:\d+(?: to \d+)?(?:, |; 1\.\d+)?)+)\)\s*$", line)
    numbers = []
    for part in found.group(1).split(";")[0].split(", ") if found else []:
        ends = [int(n) for n in part.split(" to ")]
        numbers += range(ends[0], ends[-1] + 1)
    return numbers


def find_tests():
    tests = {}
    for path in sorted(TEST.glob("runtime/*_test*.c")):
        for name in re.findall(r"^TEST(?:_DIES)?\((\w+)", path.read_text(), re.M):
            for n in numbers_in_name(name):
                tests.setdefault(n, []).append(f"{path.name}: {name}")
    for path in sorted([*TEST.glob("run/*.c"), *TEST.glob("check/*.c")]):
        for n in numbers_in_comment(path.read_text().split("\n", 1)[0]):
            tests.setdefault(n, []).append(f"{path.parent.name}/{path.name}")
    return tests


def find_rows():
    text = (TEST.parent / "docs/limitations.md").read_text()
    section = text[text.index("## asyncio's behaviour"):]
    return {int(n): reason for n, reason in re.findall(r"^\| (\d+) \|(.*)\|$", section, re.M)}


def main():
    tests, rows = find_tests(), find_rows()
    everything = set(range(1, LAST + 1))
    complaints = [f"{n}: no test, and no row in docs/limitations.md" for n in sorted(everything - tests.keys() - rows.keys())]
    complaints += [f"{n}: a test, and a row in docs/limitations.md" for n in sorted(tests.keys() & rows.keys())]
    complaints += [f"{n}: there is no such assertion" for n in sorted((tests.keys() | rows.keys()) - everything)]
    if "--table" in sys.argv:
        for n in range(1, LAST + 1):
            print(f"{n:3}  " + "\n     ".join(tests.get(n, ["-" + rows.get(n, "")])))
    print("\n".join(complaints + [f"{len(tests)} tested, {len(rows)} listed"]))
    sys.exit(bool(complaints))


main()
