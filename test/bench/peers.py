"""peers.py: who takes part: how each is built, and how its benchmarks and its echo server are run."""
import dataclasses, os, shutil, subprocess, sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


@dataclass
class Peer:
    name: str
    builds: list                # commands, lists of words; {out} is the build folder
    run: list                   # a benchmark's name and count are appended
    echo: list = None           # a port is appended
    http: list = None           # a port is appended
    files: list = None          # serves files: a port and a folder are appended
    env: dict = field(default_factory=dict)
    floor: bool = False         # hand-written C: what the ratios refer to
    scale: float = 1            # of the counts, for the slow
    most: int = None            # tasks in sleepers and timers, if a million take too long
    frames: list = None         # prints the sizes of the fixed coroutines


def debian(package, tool):
    """Debian's own tool where it is installed, else the one in the path, else None."""
    listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True).stdout if shutil.which("dpkg") else ""
    return next((f for f in listed.split() if f.endswith("/bin/" + tool)), None) or shutil.which(tool)


def ours(asyncc, cc):
    name = "ours-" + os.path.basename(cc).split("-")[0]
    sources = sorted(f"{HERE}/ours/{f}" for f in os.listdir(HERE + "/ours") if f.endswith(".c") and f != "frames.c")
    program = "{out}/" + name
    httpd = ["sh", "-c", f'exec {program}-httpd -p "$0" -d "$1"']
    return Peer(name, [[asyncc, "cc", cc, "-O2", *sources, "-o", program],
                       [asyncc, "cc", cc, "-O2", f"{ROOT}/docs/examples/httpd.c", "-o", program + "-httpd"]],
                [program], [program, "echo"], [program, "http"], httpd)


def on_each_loop(peer):
    """Ours again on every event loop but the default one."""
    return [dataclasses.replace(peer, name=f"{peer.name} {loop}", env={"ASYNC_LOOP": loop}) for loop in ("io_uring", "poll", "libuv")]


def hand_c(cc):
    name = "hand-C-" + os.path.basename(cc).split("-")[0]
    program = "{out}/" + name
    sources = [f"{HERE}/handc/main.c", f"{HERE}/handc/other.c"]
    return Peer(name, [[cc, "-O2", "-std=gnu11", *sources, "-o", program],
                       [cc, "-O2", f"{HERE}/handc/echo.c", "-o", program + "-echo"],
                       [cc, "-O2", f"{HERE}/handc/frames.c", "-o", program + "-frames"]],
                [program], [program + "-echo"], floor=True, frames=[program + "-frames"])


def hand_c_io_uring():
    """The floor of what io_uring costs here."""
    program = "{out}/hand-C-io_uring-echo"
    return Peer("hand-C io_uring", [["gcc", "-O2", "-std=gnu11", f"{HERE}/handc/echo_uring.c", "-luring", "-o", program]],
                ["sh", "-c", "exit 2"], [program])


def cpp(cc, pool):
    name = ("c++-clang" if "clang" in cc else "c++-gcc") + ("-pool" if pool else "")
    program = "{out}/" + name
    compile = [cc, "-O2", "-std=c++20"] + (["-DPOOL"] if pool else [])
    at = HERE + "/cpp/"
    builds = [[*compile, at + "main.cpp", at + "other.cpp", "-o", program], [*compile, at + "echo.cpp", "-o", program + "-echo"]]
    if not pool:
        builds.append([*compile, at + "frames.cpp", at + "frames_ext.cpp", "-o", program + "-frames"])
    return Peer(name, builds, [program], [program + "-echo"], frames=None if pool else [program + "-frames"])


def python(name, options):
    python3 = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable  # Debian's has Debian's packages
    program = [python3, HERE + "/asyncio/bench.py", *options]
    check = [python3, "-c", "import uvloop" if options else "import asyncio"]
    return Peer(name, [check], program, program + ["echo"], scale=0.005, most=100000)


def libuv():
    return Peer("libuv", [["gcc", "-O2", HERE + "/libuv/main.c", "-luv", "-o", "{out}/libuv"]],
                ["{out}/libuv"], ["{out}/libuv", "echo"], ["{out}/libuv", "http"])


def asio(clangxx):
    compile = [clangxx, "-O2", "-std=c++20", "-DASIO_HAS_CO_AWAIT", "-DASIO_HAS_STD_COROUTINE"]
    return Peer("asio", [[*compile, HERE + "/asio/main.cpp", HERE + "/asio/other.cpp", "-o", "{out}/asio"]],
                ["{out}/asio"], ["{out}/asio", "echo"], scale=0.1)


def go():
    return Peer("go", [["sh", "-c", f"cd {HERE}/go && GOFLAGS=-mod=mod GOPROXY=off GOCACHE={{out}}/go-cache "
                        "sh -c 'go build -o {out}/go . && go build -o {out}/go-echo ./echo && go build -o {out}/go-http ./http'"]],
                ["{out}/go"], ["{out}/go-echo"], ["{out}/go-http"], ["{out}/go-http"], scale=0.2)


def vala():
    compile = ["valac", "-X", "-O2", "-X", "-w", "--pkg", "gio-2.0"]
    return Peer("vala", [[*compile, HERE + "/vala/main.vala", HERE + "/vala/other.vala", "-o", "{out}/vala"]],
                ["{out}/vala"], ["{out}/vala", "echo"], scale=0.02, most=100000)


def tokio():
    """Debian's rustc and the crates Debian vendors; never a registry."""
    rustc, cargo = debian("rustc-web", "rustc"), debian("cargo-web", "cargo")
    registry = "/usr/share/cargo/registry"
    script = (f"set -e; ls {registry} | grep -q ^tokio-1; rm -rf {{out}}/rust-src; cp -r {HERE}/rust {{out}}/rust-src; "
              f"cd {{out}}/rust-src; CARGO_HOME={{out}}/cargo-home CARGO_TARGET_DIR={{out}}/rust RUSTC={rustc} "
              f"{cargo} build --release --offline --config 'source.crates-io.replace-with=\"debian\"' "
              f"--config 'source.debian.directory=\"{registry}\"'")
    program = "{out}/rust/release/bench"
    return Peer("tokio", [["sh", "-c", script]], [program], [program, "echo"], [program, "http"], scale=0.1, frames=[program, "frames"])


def all_peers(asyncc, clang):
    folder, name = os.path.split(clang)
    clangxx = os.path.join(folder, name.replace("clang", "clang++"))
    peers = [ours(asyncc, "gcc"), ours(asyncc, clang)]
    peers += [hand_c("gcc"), hand_c(clang), hand_c_io_uring()]
    peers += [cpp(cc, pool) for cc in (clangxx, "g++") for pool in (False, True)]
    return peers + [asio(clangxx), tokio(), go(), libuv(), vala(), python("asyncio", []), python("uvloop", ["--uvloop"])]


def fill(words, out):
    return [word.replace("{out}", out) for word in words]


def build(peer, out):
    """None, or why it cannot take part."""
    for command in peer.builds:
        try:
            done = subprocess.run(fill(command, out), capture_output=True, text=True)
        except FileNotFoundError:
            return f"{command[0]} is not installed"
        if done.returncode:
            with open(f"{out}/{peer.name}.log", "w") as log:
                log.write(done.stdout + done.stderr)
            reason = (done.stderr.strip() or "failed").splitlines()[-1]
            return f"{reason[:100]} (see {out}/{peer.name}.log)"
    for words in ("run", "echo", "http", "files", "frames"):
        setattr(peer, words, getattr(peer, words) and fill(getattr(peer, words), out))
    return None
