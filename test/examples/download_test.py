#!/usr/bin/env python3
"""docs/examples/download.c against an HTTP server of the test's own.  Left out where libcurl's headers are not installed.

    download_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program DOWNLOAD] [PART OF A TEST'S NAME...]
"""
import argparse
import http.server
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import build
from server import eventually, run_tests

PROGRAM = []


def content(n):
    pattern = bytes((n * 31 + i * i) % 253 for i in range(997))
    return (pattern * (n // len(pattern) + 1))[:n]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece

    def do_GET(self):
        server = self.server
        with server.lock:
            server.now += 1
            server.most = max(server.most, server.now)
        try:
            self.answer(self.path.strip("/"))
        finally:
            with server.lock:
                server.now -= 1

    def answer(self, name):
        if name.startswith("to"):
            self.send_response(302)
            self.send_header("Location", "/" + name[2:])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif name == "stuck":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.wfile.flush()
            self.server.stop.wait(30)
        elif name.isdigit():
            time.sleep(0.02)
            data = content(int(name))
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.now, self.most, self.stop = threading.Lock(), 0, 0, threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def __exit__(self, *_):
        self.stop.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass  # who was interrupted has gone


def download(*arguments):
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([PROGRAM[0], *map(str, arguments)], capture_output=True, text=True, timeout=60, env=clean)
    return done.returncode, sorted(line.split() for line in done.stdout.splitlines()), done.stderr


def test_files_arrive_whole_so_many_at_a_time():
    sizes = [0, 1, 1000, 16384, 100000, 3000000, *range(2000, 2015)]
    for jobs in [1, 5, 100]:
        with Server() as server, tempfile.TemporaryDirectory() as directory:
            status, lines, errors = download("-j", jobs, "-d", directory, *map(server.url, sizes))
            assert (status, errors) == (0, ""), errors
            assert lines == sorted([str(size), server.url(size)] for size in sizes), lines
            for size in sizes:
                with open(os.path.join(directory, str(size)), "rb") as file:
                    assert file.read() == content(size), size
            assert server.most <= jobs and (jobs == 1 or server.most > 1), (jobs, server.most)


def test_what_fails_is_told_and_the_others_arrive():
    with Server() as server, tempfile.TemporaryDirectory() as directory:
        nobody = "http://127.0.0.1:1/x"
        status, lines, errors = download("-d", directory, server.url("none"), server.url(77), nobody, "nonsense://x", server.url("to88"))
        assert status == 1 and lines == [["77", server.url(77)], ["88", server.url("to88")]], (status, lines)
        assert len(errors.splitlines()) == 3 and "404" in errors and nobody in errors and "nonsense" in errors, errors
        assert sorted(os.listdir(directory)) == ["77", "to88"]


def test_what_takes_too_long_is_broken_off():
    with Server() as server, tempfile.TemporaryDirectory() as directory:
        started = time.monotonic()
        status, lines, errors = download("-t", "0.5", "-d", directory, server.url("stuck"), server.url(5))
        assert status == 1 and lines == [["5", server.url(5)]] and "stuck: takes too long" in errors, (lines, errors)
        assert time.monotonic() - started < 20 and os.listdir(directory) == ["5"]


def test_an_interrupt_leaves_no_half_files():
    with Server() as server, tempfile.TemporaryDirectory() as directory:
        program = subprocess.Popen([PROGRAM[0], "-d", directory, server.url("stuck")], stderr=subprocess.DEVNULL)
        assert eventually(lambda: server.now == 1 and os.listdir(directory) == ["stuck"])
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=20) == -signal.SIGINT
        assert os.listdir(directory) == []


def test_bad_arguments_are_told():
    for arguments in [[], ["-j", "0", "x"], ["-t", "0", "x"], ["-x"]]:
        status, lines, errors = download(*arguments)
        assert (status, lines) == (2, []) and "usage" in errors, arguments


def has_libcurl(cc):
    probe = subprocess.run([cc, "-E", "-x", "c", "-"], input="#include <curl/curl.h>\n", capture_output=True, text=True)
    return probe.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="a download that is built already")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program and not has_libcurl(arguments.cc):
        print("skipped: no curl/curl.h (libcurl4-openssl-dev)")
        sys.exit(0)
    with tempfile.TemporaryDirectory() as directory:
        source = os.path.join(build.EXAMPLES, "download.c")
        PROGRAM.append(arguments.program or build.build(arguments, source, directory, ["-lcurl"]))
        status = run_tests(globals(), arguments.only)
    sys.exit(status)


if __name__ == "__main__":
    main()
