"""report.py: results as a table of ratios, as CSV, and as a plot."""
import csv, html


def number(x):
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


def spread(result):
    return f"{number(result.median())} ({number(min(result.values))}–{number(max(result.values))})"


def ratio(result, floor):
    if not floor or floor.median() <= 0:
        return ""
    return f"{result.median() / floor.median():.2f}"


def table(title, rows, floor, goal):
    """rows: [(peer, Result)]"""
    print(f"\n{title}" + (f"   [goal: {goal} × floor]" if goal else ""))
    print(f"  {'':18} {rows[0][1].unit:>26} {'× floor':>8}")
    for name, result in sorted(rows, key=lambda row: row[1].median()):
        print(f"  {name:18} {spread(result):>26} {ratio(result, floor):>8}", flush=True)


def write_csv(path, rows):
    """rows: [(benchmark, peer, Result, floor or None)]"""
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["benchmark", "peer", "unit", "median", "min", "max", "runs", "count", "peak_kb", "times_floor"])
        for benchmark, peer, result, floor in rows:
            out.writerow([benchmark, peer, result.unit, f"{result.median():.3f}", f"{min(result.values):.3f}",
                          f"{max(result.values):.3f}", len(result.values), result.count,
                          max(result.rss_kb, default=""), ratio(result, floor)])


# ---- The plot: a row of bars for each benchmark, logarithmic, in multiples of the floor ----

BAR, GAP, LEFT, WIDTH = 14, 26, 210, 560


def bar(y, peer, times, longest):
    import math

    width = max(2.0, WIDTH * math.log10(max(times, 0.5) / 0.5) / math.log10(longest / 0.5))
    colour = "#c2410c" if peer.startswith("ours") else "#475569" if peer.startswith("hand-C") else "#94a3b8"
    return (f'<text x="{LEFT - 6}" y="{y + 11}" text-anchor="end">{html.escape(peer)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 3}" fill="{colour}"/>'
            f'<text x="{LEFT + width + 4:.1f}" y="{y + 11}">{number(times)}×</text>')


def write_svg(path, rows):
    times = {}
    for benchmark, peer, result, floor in rows:
        if floor and floor.median() > 0 and result.median() > 0:
            times.setdefault(benchmark, []).append((peer, result.median() / floor.median()))
    longest = max((t for bars in times.values() for _, t in bars), default=10)
    shapes, y = [], 10
    for benchmark, bars in times.items():
        shapes.append(f'<text x="{LEFT}" y="{y + 10}" font-weight="bold">{html.escape(benchmark)}</text>')
        y += BAR + 2
        for peer, t in sorted(bars, key=lambda b: b[1]):
            shapes.append(bar(y, peer, t, longest))
            y += BAR
        y += GAP - BAR
    with open(path, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" height="{y}" '
                   'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>')
        file.write("\n".join(shapes) + "</svg>\n")
