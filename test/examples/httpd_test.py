#!/usr/bin/env python3
"""docs/examples/httpd.c over raw sockets: what it answers, what it refuses, how it stops, and that it leaks nothing.

    httpd_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program HTTPD] [--seconds N] [PART OF A TEST'S NAME...]
"""
import argparse
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import build
from server import Server, eventually, run_tests

BIG = bytes(range(256)) * (1 << 16)  # 16 MiB: more than the kernel buffers for a connection
PROGRAM = []
AT_START = []  # how many descriptors a server without a connection has


def make_site(top):
    """A directory to serve, with a secret beside it."""
    root = os.path.join(top, "site")
    os.makedirs(os.path.join(root, "sub"))
    os.makedirs(os.path.join(root, "empty"))
    for name, content in {"index.html": b"<h1>hello</h1>\n", "style.css": b"h1 {}\n", "a b.txt": b"blank\n",
                          "empty.txt": b"", "data.json": b"{}\n", "thing.xyz": b"\0\1", "big.bin": BIG, "medium.bin": BIG[:1 << 18],
                          "sub/index.html": b"sub\n"}.items():
        with open(os.path.join(root, name), "wb") as file:
            file.write(content)
    with open(os.path.join(top, "secret.txt"), "w") as file:
        file.write("secret\n")
    os.symlink("../secret.txt", os.path.join(root, "out"))
    os.symlink("/etc", os.path.join(root, "etc"))
    os.symlink("..", os.path.join(root, "up"))
    os.symlink("sub/index.html", os.path.join(root, "in"))
    os.symlink("loop", os.path.join(root, "loop"))
    os.mkfifo(os.path.join(root, "fifo"))
    return root


def start(root, *options, limits=None):
    return Server([PROGRAM[0], "-p", "0", "-d", root, *options], limits)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Client:
    """One connection, which reads answers off it in order."""

    def __init__(self, server, timeout=10):
        self.socket = server.connect(timeout)
        self.input = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin1") if isinstance(data, str) else data)

    def receive(self):
        data = self.socket.recv(65536)
        self.input += data
        return len(data)

    def answer(self, to="GET"):
        while b"\r\n\r\n" not in self.input:
            if not self.receive():
                raise AssertionError(f"closed instead of an answer: {self.input!r}")
        end = self.input.index(b"\r\n\r\n")
        line, *headers = self.input[:end].decode("latin1").split("\r\n")
        del self.input[:end + 4]
        version, status, _ = line.split(" ", 2)
        assert version == "HTTP/1.1", line
        headers = {name.lower(): value for name, value in (header.split(": ", 1) for header in headers)}
        length = 0 if to == "HEAD" else int(headers["content-length"])
        while len(self.input) < length:
            if not self.receive():
                raise AssertionError(f"closed after {len(self.input)} of {length} bytes")
        body = bytes(self.input[:length])
        del self.input[:length]
        return Answer(int(status), headers, body)

    def ask(self, target, method="GET", headers="", version="HTTP/1.1"):
        self.send(f"{method} {target} {version}\r\nHost: x\r\n{headers}\r\n")
        return self.answer(method)

    def is_closed(self):
        """Whether the server ends the connection, with nothing more to read."""
        return not self.input and self.receive() == 0


def ask(server, target, **more):
    with Client(server) as client:
        return client.ask(target, **more)


def raw(server, request):
    """The status of the answer to these bytes, and whether the connection ends after it."""
    with Client(server) as client:
        client.send(request)
        answer = client.answer()
        return answer.status, client.is_closed()


def expect(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}\n  expected: {expected!r}\n  actual:   {actual!r}")


# ---- Files ----

def test_files_come_with_their_type_and_length(server, root):
    for target, kind, body in [("/", "text/html; charset=utf-8", b"<h1>hello</h1>\n"),
                               ("/index.html", "text/html; charset=utf-8", b"<h1>hello</h1>\n"),
                               ("/style.css", "text/css; charset=utf-8", b"h1 {}\n"),
                               ("/data.json", "application/json", b"{}\n"),
                               ("/thing.xyz", "application/octet-stream", b"\0\1"),
                               ("/empty.txt", "text/plain; charset=utf-8", b""),
                               ("/a%20b.txt", "text/plain; charset=utf-8", b"blank\n"),
                               ("/%69ndex.html?x=/..", "text/html; charset=utf-8", b"<h1>hello</h1>\n"),
                               ("/sub/", "text/html; charset=utf-8", b"sub\n"),
                               ("/sub/../style.css", "text/css; charset=utf-8", b"h1 {}\n"),
                               ("http://x/style.css", "text/css; charset=utf-8", b"h1 {}\n"),
                               ("/in", "application/octet-stream", b"sub\n")]:
        answer = ask(server, target)
        expect((answer.status, answer.headers["content-type"], answer.body), (200, kind, body), target)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", answer.headers["date"]), answer.headers


def test_head_is_get_without_the_body(server, root):
    with Client(server) as client:
        for target in ["/", "/big.bin", "/none"]:
            head, get = client.ask(target, method="HEAD"), client.ask(target)
            head.headers.pop("date"), get.headers.pop("date")
            expect((head.status, head.headers), (get.status, get.headers), target)


def test_a_directory_without_its_slash_is_redirected(server, root):
    answer = ask(server, "/sub?x")
    expect((answer.status, answer.headers.get("location")), (301, "/sub/"))
    expect(ask(server, "//sub").headers.get("location"), "/sub/")


def test_a_big_file_arrives_whole(server, root):
    assert ask(server, "/big.bin").body == BIG


# ---- Refusals ----

def test_no_path_leads_out(server, root):
    for target in ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2E./secret.txt", "/sub/../../secret.txt",
                   "/up/secret.txt", "/out", "/etc/passwd", "/sub/../../site/../secret.txt", "/./../secret.txt"]:
        expect(ask(server, target).status, 403, target)
    for target in ["//etc/passwd", "/%2fetc/passwd", "/%2f%2fetc/passwd", root + "/index.html", "/..\\secret.txt",
                   "http://x/../secret.txt", "http://x//etc/hostname"]:
        answer = ask(server, target)
        assert answer.status in (403, 404) and b"secret" not in answer.body, (target, answer.status)


def test_what_is_not_there_or_no_file_is_refused(server, root):
    for target, status in [("/none", 404), ("/empty/", 404), ("/index.html/", 404), ("/index.html/x", 404), ("/fifo", 403),
                           ("/loop", 403), ("/" + "x" * 300, 404), ("/" + "x/" * 3000, 404), ("/%00", 400), ("/%", 400),
                           ("/%4", 400), ("/%zz", 400), ("/%2", 400), ("x", 400), ("*", 400)]:
        expect(ask(server, target).status, status, target[:40])


def test_unreadable_files_are_forbidden(server, root):
    if os.getuid() == 0:
        return "skipped: root reads everything"
    path = os.path.join(root, "closed.txt")
    with open(path, "w"):
        os.chmod(path, 0)
    expect(ask(server, "/closed.txt").status, 403)


def test_other_methods_are_not_allowed(server, root):
    with Client(server) as client:
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", "X-Y"]:
            answer = client.ask("/", method=method)
            expect((answer.status, answer.headers.get("allow")), (405, "GET, HEAD"), method)
        expect(client.ask("/").status, 200)


def test_malformed_requests_end_the_connection(server, root):
    for request in [b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET / x HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", b"GET / HTTP/11\r\nHost: x\r\n\r\n",
                    b"GET / FTP/1.1\r\nHost: x\r\n\r\n", b"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", b" / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\n\0Content-Length: 5\r\n\r\n", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"]:
        expect(raw(server, request), (400, True), request)
    expect(raw(server, b"GET / HTTP/2.0\r\nHost: x\r\n\r\n"), (505, True))
    expect(raw(server, b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), (501, True))


def test_an_oversized_head_is_refused(server, root):
    request = b"GET / HTTP/1.1\r\nHost: x\r\nA: "
    fits = request + b"a" * (8192 - len(request) - 4) + b"\r\n\r\n"
    with Client(server) as client:
        client.send(fits)
        expect(client.answer().status, 200)
    expect(raw(server, fits.replace(b"A: ", b"AA: ")), (431, True))
    expect(raw(server, b"GET /" + b"x" * 100000), (431, True), "a long line")
    expect(raw(server, request + b"a" * 4000000), (431, True), "4 MB: the answer must arrive, not a reset")


def test_an_oversized_body_is_refused(server, root):
    for length in ["65537", "99999999999999999999999999"]:
        expect(raw(server, f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()), (413, True))
    expect(raw(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + b"a" * 4000000), (413, True))


def test_a_body_is_not_taken_for_a_request(server, root):
    hidden = b"GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n"
    request = b"%s / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
    expect(raw(server, request % (b"GET", len(hidden), hidden)), (200, True))
    expect(raw(server, request % (b"POST", len(hidden), hidden)), (405, True))


# ---- Connections ----

def test_a_connection_is_kept(server, root):
    with Client(server) as client:
        for _ in range(100):
            answer = client.ask("/")
            expect((answer.status, answer.headers["connection"]), (200, "keep-alive"))
        expect(client.ask("/none").status, 404)
        expect(client.ask("/").status, 200)


def test_a_connection_ends_when_the_client_says_so(server, root):
    for request in [b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nconnection:  Close \r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close\r\n\r\n",
                    b"GET / HTTP/1.0\r\nConnection: close\r\n\r\n"]:
        expect(raw(server, request), (200, True), request)
    with Client(server) as client:
        for _ in range(3):
            answer = client.ask("/", version="HTTP/1.0", headers="Connection: Keep-Alive\r\n")
            expect((answer.status, answer.headers["connection"]), (200, "keep-alive"))


def test_pipelined_requests_are_answered_in_order(server, root):
    targets = ["/", "/style.css", "/none", "/data.json", "/sub/"] * 200
    bodies = {target: ask(server, target).body for target in targets[:5]}
    with Client(server) as client:
        client.send("".join(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n" for target in targets))
        for target in targets:
            expect(client.answer().body, bodies[target], target)


def test_half_a_pipeline_may_be_closed_by_the_client(server, root):
    with Client(server) as client:
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        client.socket.shutdown(socket.SHUT_WR)
        expect([client.answer().status for _ in range(3)], [200] * 3)
        assert client.is_closed()


def test_requests_may_arrive_byte_by_byte(server, root):
    with Client(server) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /style.css HTTP/1.1\r\nHost: x\r\n\r\n":
            client.send(bytes([byte]))
            time.sleep(0.001)
        expect(client.answer().body, b"<h1>hello</h1>\n")
        expect(client.answer().body, b"h1 {}\n")


def test_a_slow_client_holds_nobody_up(server, root):
    with Client(server) as slow:
        slow.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        idle = [Client(server) for _ in range(300)]
        started = time.monotonic()
        for _ in range(50):
            expect(ask(server, "/").status, 200)
        assert time.monotonic() - started < 5
        assert slow.answer().body == BIG
        for client in idle:
            expect(client.ask("/").status, 200)
            client.socket.close()


def test_an_endless_pipeline_holds_nobody_up(server, root):
    with Client(server) as greedy:
        greedy.socket.setblocking(False)
        requests, sent = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" * 5000, 0
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                sent += greedy.socket.send(requests[sent % 28:])
                greedy.socket.recv(1 << 20)
            except BlockingIOError:
                pass
            started = time.monotonic()
            expect(ask(server, "/").status, 200)
            assert time.monotonic() - started < 0.5


def test_clients_that_vanish_leave_nothing_behind(server, root):
    for i in range(100):
        with Client(server) as client:
            client.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n" if i % 2 else "GET / HT")
            if i % 4 == 1:
                client.receive()
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
    assert eventually(lambda: server.n_descriptors() == AT_START[0]), (AT_START[0], server.n_descriptors())
    expect(ask(server, "/").status, 200)


# ---- Timeouts ----

def test_slow_requests_time_out(server, root):
    with start(root, "-t", "0.5") as impatient:
        with Client(impatient) as idle, Client(impatient) as half, Client(impatient) as kept, Client(impatient) as drip:
            half.send("GET / HTTP/1.1\r\nHo")
            expect(kept.ask("/").status, 200)
            started = time.monotonic()
            expect(half.answer().status, 408)
            assert half.is_closed() and idle.is_closed() and kept.is_closed()
            assert 0.3 < time.monotonic() - started < 4
            try:
                for byte in b"GET / HTTP/1.1\r\nX: " + b"x" * 100:
                    drip.send(bytes([byte]))
                    time.sleep(0.02)
            except OSError:
                pass
            assert time.monotonic() - started < 8, "a byte now and then must not keep a connection open"
        expect(ask(impatient, "/").status, 200)
        expect(impatient.stop(), 0)


def test_who_does_not_read_is_hung_up_on(server, root):
    with start(root, "-t", "0.5") as impatient:
        before = impatient.n_descriptors()
        with Client(impatient) as client:
            client.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            assert eventually(lambda: impatient.n_descriptors() > before)
            assert eventually(lambda: impatient.n_descriptors() == before), "the connection and the file are closed"
        expect(impatient.stop(), 0)


# ---- Descriptors run out ----

def test_running_out_of_descriptors_is_survived_without_spinning(server, root):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
    with start(root, limits=few) as poor:
        before = poor.n_descriptors()
        clients = [Client(poor) for _ in range(60)]
        time.sleep(0.3)
        used = poor.cpu()
        time.sleep(1)
        used = poor.cpu() - used
        assert used < 0.2, f"{used} seconds of processor time in one second of waiting"
        for client in clients[:40]:
            client.socket.close()
        # Those that wait to be accepted take their turn, also the closed ones; meanwhile there may be none left for a file.
        assert eventually(lambda: poor.n_descriptors() <= before + 20)
        time.sleep(0.3)
        assert eventually(lambda: poor.n_descriptors() <= before + 20)
        for client in clients[40:]:
            expect(client.ask("/").status, 200)
            client.socket.close()
        expect(poor.stop(), 0)


# ---- Shutdown ----

def refuses(server):
    try:
        server.connect().close()
        return False
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False  # was still in the queue when the listener closed


def test_a_signal_stops_an_idle_server_at_once(server, root):
    for number in [signal.SIGTERM, signal.SIGINT]:
        with start(root) as other, Client(other) as kept, Client(other) as silent:
            expect(kept.ask("/").status, 200)
            started = time.monotonic()
            expect(other.stop(signal_number=number), 0)
            assert time.monotonic() - started < 2
            assert kept.is_closed() and silent.is_closed()


def test_a_signal_lets_running_requests_finish(server, root):
    with start(root) as other, Client(other) as loading, Client(other) as half, Client(other) as idle:
        loading.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        half.send("GET / HTTP/1.1\r\n")
        expect(idle.ask("/").status, 200)
        loading.receive()
        time.sleep(0.1)
        other.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: refuses(other)), "new connections are refused"
        assert idle.is_closed()
        time.sleep(0.3)
        expect(other.process.poll(), None)
        half.send("Host: x\r\n\r\n")
        answer = half.answer()
        expect((answer.status, answer.headers["connection"]), (200, "close"))
        assert half.is_closed()
        assert loading.answer().body == BIG
        expect(other.wait(), 0)


def test_a_second_signal_ends_everything(server, root):
    with start(root) as other, Client(other) as loading:
        loading.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        loading.receive()
        other.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: refuses(other))
        started = time.monotonic()
        expect(other.stop(), 0)
        assert time.monotonic() - started < 2


def test_a_busy_port_is_an_error(server, root):
    done = subprocess.run([PROGRAM[0], "-p", str(server.port), "-d", root], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1 and "in use" in done.stderr, done
    done = subprocess.run([PROGRAM[0], "-p", "0", "-d", root + "/none"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1 and "No such" in done.stderr, done


# ---- Load; runs last, on the server that all the other tests have used ----

def test_z_load(server, root):
    wrk = shutil.which("wrk")
    if not wrk:
        return "skipped: no wrk"
    memory, notes = [], []
    for target in ["/medium.bin", "/medium.bin", "/", "/none"]:  # the first two touch all that a connection ever needs
        done = subprocess.run([wrk, "-c256", "-t2", f"-d{SECONDS}s", "--timeout", "10s", f"http://127.0.0.1:{server.port}{target}"],
                              capture_output=True, text=True, timeout=SECONDS + 60)
        assert done.returncode == 0 and "Socket errors" not in done.stdout, done.stdout + done.stderr
        assert target == "/none" or "Non-2xx" not in done.stdout, done.stdout
        assert eventually(lambda: server.n_descriptors() == AT_START[0]), (AT_START[0], server.n_descriptors())
        notes.append(f"{target} {re.search('Requests/sec: *([0-9.]+)', done.stdout)[1]}/s")
        memory.append(server.memory())
    assert memory[-1] < max(memory[:2]) + (4 << 20), f"resident bytes grow: {memory}"  # how many are busy at once differs
    return ", ".join(notes) + f", {memory[-1] >> 10} KiB"


def main():
    global SECONDS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="an httpd that is built already")
    parser.add_argument("--seconds", type=int, default=3, help="how long each wrk runs")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    SECONDS = arguments.seconds
    with tempfile.TemporaryDirectory() as directory:
        root = make_site(directory)
        PROGRAM.append(arguments.program or build.build(arguments, os.path.join(build.EXAMPLES, "httpd.c"), directory))
        with start(root) as server:
            AT_START.append(server.n_descriptors())
            status = run_tests(globals(), arguments.only, server, root)
            try:
                expect(server.stop(), 0, "the exit status after SIGTERM")
            except Exception as problem:
                print(f"FAILED at the end: {problem}")
                status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
