#!/usr/bin/env python3
"""test/bench/smoke.py BUILD: ours and hand-written C are built, run a little of every benchmark, and must agree; our servers must
answer rightly on every loop, and our fixed coroutines have frames.  No time is asserted."""
import os, socket, sys, tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure, peers, sizes, work

N = {"fib": 12, "hot_flat": 8192, "hot_nested": 8192, "sleepers": 200, "timers": 200}
OURS_ONLY = {"await_pointer": "await_other_file", "queue_library": "queue", "timer_cancel": None, "executor": None}  # what hand-written C runs instead
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!"
failures = []


def expect(what, got, wanted):
    print("ok  " if got == wanted else "FAIL", what, flush=True)
    if got != wanted:
        failures.append(what)
        print(f"     {got!r} instead of {wanted!r}")


def built(peer, out):
    reason = peers.build(peer, out)
    expect(peer.name + " is built", reason, None)
    return peer


def check_of(peer, name):
    n = N.get(name, 300)
    command = [*peer.run, name, str(n)] + (["20"] if name == "sleepers" else [])
    try:
        return measure.once(command, "all", 30)[3]
    except measure.Failed as reason:
        return f"{peer.name}: {reason}"


def wanted_of(hand_c, name, n):
    if name == "timer_cancel":
        return str(n)
    if name == "executor":
        return str(sum(i ^ 1 for i in range(n)))
    return check_of(hand_c, OURS_ONLY.get(name, name))


def talk(port, text, length):
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        s.settimeout(10)
        got = b""
        for piece in (text[:7], text[7:]):
            s.sendall(piece)
        while len(got) < length:
            more = s.recv(65536)
            if not more:
                break
            got += more
        return got


def try_servers(ours):
    for peer in [ours, *peers.on_each_loop(ours)]:
        try:
            with measure.running(peer.echo, peer.env) as (port, _):
                expect(peer.name + " echoes", talk(port, b"0123456789" * 300, 3000), b"0123456789" * 300)
            with measure.running(peer.http, peer.env) as (port, _):
                expect(peer.name + " answers", talk(port, b"GET / HTTP/1.1\r\n\r\n" * 3, 3 * len(REPLY)), REPLY * 3)
        except measure.Failed as reason:
            if "no such loop" in str(reason):
                print(f"skipped: {reason}")
            else:
                expect(peer.name, str(reason), None)


def main():
    asyncc = os.path.abspath(sys.argv[1]) + "/bin/asyncc"
    with tempfile.TemporaryDirectory() as out:
        ours, hand_c = built(peers.ours(asyncc, "gcc"), out), built(peers.hand_c("gcc"), out)
        for name in [item.name for item in work.WORK] + ["yield_one", "queue_library"]:
            expect(name, check_of(ours, name), wanted_of(hand_c, name, N.get(name, 300)))
        try_servers(ours)
    expect("frames", sizes.frames_of_ours(asyncc).keys() >= sizes.FRAMES.keys(), True)
    print(f"{len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
