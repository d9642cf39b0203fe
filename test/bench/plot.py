"""plot.py: the results as an SVG: a line for each benchmark, a dot for each peer, on a logarithmic scale of multiples of the base."""
import html, math
import report

LEFT, WIDTH, LINE, TOP = 400, 560, 22, 74
LEAST, MOST = 0.125, 1000  # what is beyond is drawn at the edge

# name of the peers, colour, radius; the first that fits counts
KINDS = [
    ("ours", "ours", "#dc2626", 6),
    ("hand-C", "hand-written C", "#111827", 4),
    ("c++-clang-pool c++-gcc-pool", "C++20, pooled frames", "#1d4ed8", 4),
    ("c++", "C++20", "#60a5fa", 4),
    ("asio", "Asio", "#0d9488", 4),
    ("tokio", "Rust tokio", "#b45309", 4),
    ("go", "Go", "#16a34a", 4),
    ("libuv", "libuv", "#7c3aed", 4),
    ("vala", "Vala", "#db2777", 4),
    ("asyncio", "asyncio", "#ca8a04", 4),
    ("uvloop", "uvloop", "#a3a3a3", 4),
]


def kind_of(peer):
    for kind in KINDS:
        if peer.startswith(tuple(kind[0].split())):
            return kind
    return None


def x_of(times):
    low, high = math.log10(LEAST), math.log10(MOST)
    at = (math.log10(min(max(times, LEAST), MOST)) - low) / (high - low)
    return LEFT + WIDTH * at


def base_of(goals):
    base = goals[0].base if goals else ()
    return base if base and base != ("beside",) else ("hand-C",)


def dots_of(results, goals):
    """{kind: best ratio of its peers}"""
    base, dots = base_of(goals), {}
    for peer in results:
        found, kind = report.ratio(peer, results, base), kind_of(peer)
        if found and kind and "," not in peer and " " not in peer:
            dots[kind] = min(found[1], dots.get(kind, math.inf))
    return dots


def legend():
    for i, (_, label, colour, radius) in enumerate(KINDS):
        x, y = 20 + i % 6 * 154, 16 + i // 6 * 20
        yield f'<circle cx="{x}" cy="{y - 4}" r="{radius}" fill="{colour}"/><text x="{x + 10}" y="{y}">{html.escape(label)}</text>'


def grid(bottom):
    for times in (0.2, 0.5, 1, 2, 5, 10, 100, MOST):
        x = x_of(times)
        shade, label = ("#111827", "1") if times == 1 else ("#e5e7eb", f"{times:g}" if times < MOST else f"≥ {MOST:,}")
        yield f'<line x1="{x:.1f}" y1="{TOP - 12}" x2="{x:.1f}" y2="{bottom}" stroke="{shade}"/>'
        yield f'<text x="{x:.1f}" y="{TOP - 16}" text-anchor="middle" fill="#6b7280">{label} ×</text>'


def write(path, benchmarks):
    lines = []
    for name, what, results, goals in benchmarks:
        base, dots = base_of(goals), dots_of(results, goals)
        if len(dots) > 1 and not name.endswith("_rate"):
            found = report.ratio(next(iter(results)), results, base)
            lines.append((what.split(";")[0] + ("" if base == ("hand-C",) else f" (× {found[0]})"), dots))
    bottom = TOP + LINE * len(lines)
    shapes = [*legend(), *grid(bottom)]
    for i, (what, dots) in enumerate(lines):
        y = TOP + LINE * i + 12
        shapes.append(f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{html.escape(what)}</text>')
        for (_, _, colour, radius), times in sorted(dots.items(), key=lambda dot: dot[0][3]):
            shapes.append(f'<circle cx="{x_of(times):.1f}" cy="{y}" r="{radius}" fill="{colour}"/>')
    with open(path, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" height="{bottom + 10}" '
                   'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>\n')
        file.write("\n".join(shapes) + "\n</svg>\n")
