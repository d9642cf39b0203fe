"""report.py: results as a table of ratios, as a list of goals, and as CSV."""
import csv, re


def number(x):
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


def spread(result):
    if len(result.values) == 1:
        return number(result.values[0])
    return f"{number(result.median())} ({number(min(result.values))}–{number(max(result.values))})"


def names_a_loop(name):
    return re.search(" (epoll|poll|io_uring|libuv|sim)$", name) is not None


def base_of(name, results, base):
    """(name, Result) of what the result of this name is compared with, or None; results: {peer: Result}."""
    if base == ("beside",):
        found = [other for other in results if other.startswith(name + ", ")]
    else:
        on_a_loop = any(map(names_a_loop, base))
        found = [other for other in results if other.startswith(base) and names_a_loop(other) == on_a_loop]
    compiler = re.search("-(gcc|clang)", name)
    same = [other for other in found if compiler and other.startswith("hand-C") and other.endswith(compiler[0])]
    chosen = min(same or found, key=lambda other: results[other].median(), default=None)
    return chosen and (chosen, results[chosen])


def ratio(name, results, base):
    """(its base's name, how many times the base's it is), or None."""
    if not base:
        return "", results[name].median()
    found = base_of(name, results, base)
    return found and found[1].median() > 0 and (found[0], results[name].median() / found[1].median())


COLUMNS = {
    "ours gcc": ("ours-gcc", "asyncc", "ours"),
    "ours clang": ("ours-clang",),
    "ours io_uring": ("ours-gcc io_uring",),
    "hand-written C": ("hand-C-",),
    "C io_uring": ("hand-C io_uring",),
    "C++20": ("c++-clang", "c++-gcc"),
    "pooled": ("c++-clang-pool", "c++-gcc-pool"),
    "Asio": ("asio",),
    "tokio": ("tokio",),
    "Go": ("go",),
    "libuv": ("libuv",),
    "Vala": ("vala",),
    "asyncio": ("asyncio",),
    "uvloop": ("uvloop",),
}


def best_of(results, names):
    """The smallest median of the peers that are called so, or begin so where the name ends with a hyphen."""
    found = [results[peer].median() for peer in results for name in names
             if peer == name or (name.endswith("-") and peer.startswith(name) and "," not in peer)]
    return number(min(found)) if found else ""


def goals_in_words(results, goals):
    """`1.50, 0.99 × hand-C (≤ 1.5)`: of each whose goal it is; what is missed is bold."""
    words = []
    for goal in goals:
        whose = [peer for peer in results if re.search(goal.whose, peer) and "," not in peer]
        found = [found for found in (ratio(peer, results, goal.base) for peer in whose) if found]
        if not found:
            continue
        times = ", ".join(f"**{number(t)}**" if t > goal.factor else number(t) for _, t in found)
        loop = whose[0].partition(" ")[2] if len(whose) == 1 else ""
        base = re.sub("^.*, |-(gcc|clang)$", "", found[0][0]) if goal.base != ("c++-clang",) else found[0][0]
        words.append(f"{loop} {times} {'× ' + base if base else 'in all'} (≤ {number(goal.factor)})".strip())
    return "; ".join(words)


class Report:
    """Everything measured: [(benchmark, what it is, {peer: Result}, goals)]."""

    def __init__(self):
        self.benchmarks = []

    def add(self, name, what, results, goals=()):
        """Takes a benchmark's results and prints them."""
        if not results:
            return
        self.benchmarks.append((name, what, results, goals))
        base = goals[0].base if goals else ("hand-C",)
        print(f"\n{name}: {what}")
        print(f"  {'':28} {next(iter(results.values())).unit:>26}  × {' or '.join(base) or 'absolute'}")
        for peer in sorted(results, key=lambda peer: results[peer].median()):
            found = ratio(peer, results, base)
            print(f"  {peer:28} {spread(results[peer]):>26}  {number(found[1]) if found else ''}", flush=True)

    def verdicts(self):
        """(benchmark, peer, its median and unit, the base's name, ratio, goal, reached) for each goal and each of ours."""
        for name, _, results, goals in self.benchmarks:
            for goal in goals:
                for peer in results:
                    found = re.search(goal.whose, peer) and "," not in peer and ratio(peer, results, goal.base)
                    if found:
                        value = f"{number(results[peer].median())} {results[peer].unit}"
                        yield name, peer, value, found[0], found[1], goal.factor, found[1] <= goal.factor

    def print_verdicts(self):
        print("\nGoals (ratio of medians)")
        for name, peer, value, base, times, goal, reached in self.verdicts():
            against = f"× {base}" if base else "in all"
            print(f"  {'reached' if reached else 'MISSED ':7} {name:18} {peer:20} {number(times):>6} {against:26} goal {number(goal):>6}  ({value})")

    def write_markdown(self, path):
        """The table of docs/performance.md: medians, and what became of the goals."""
        with open(path, "w") as out:
            out.write("| benchmark | " + " | ".join(COLUMNS) + " | goal |\n" + "|---" * (len(COLUMNS) + 2) + "|\n")
            for name, what, results, goals in self.benchmarks:
                if name.endswith("_rate"):
                    continue
                unit = next(iter(results.values())).unit
                cells = [best_of(results, prefixes) for prefixes in COLUMNS.values()]
                out.write(f"| {what}, {unit} | " + " | ".join(cells) + f" | {goals_in_words(results, goals)} |\n")

    def write_csv(self, path):
        with open(path, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["benchmark", "peer", "unit", "median", "min", "max", "runs", "count", "peak_kb", "base", "times_base"])
            for name, _, results, goals in self.benchmarks:
                for peer, result in results.items():
                    base, times = ratio(peer, results, goals[0].base if goals else ("hand-C",)) or ("", "")
                    out.writerow([name, peer, result.unit, f"{result.median():.3f}", f"{min(result.values):.3f}",
                                  f"{max(result.values):.3f}", len(result.values), result.count,
                                  max(result.rss_kb, default=""), base, times and f"{times:.3f}"])
