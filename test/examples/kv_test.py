#!/usr/bin/env python3
"""docs/examples/kv.c over raw sockets, and with redis-cli and redis-benchmark where they are installed.

    kv_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program KV] [PART OF A TEST'S NAME...]
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import build
from server import Server, eventually, run_tests

PROGRAM = []


class Error(str):
    pass


class Client:
    def __init__(self, server):
        self.socket = server.connect()
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        self.socket.sendall(encoded(*words))

    def reply(self):
        line = self.file.readline()
        assert line.endswith(b"\r\n"), line
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return Error(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        assert kind == b"*", line
        return None if int(rest) < 0 else [self.reply() for _ in range(int(rest))]

    def __call__(self, *words):
        self.send(*words)
        return self.reply()

    def leave(self):
        self.file.close()
        self.socket.close()


def encoded(*words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def session(*steps):
    """Each step: words, and what the server has to answer."""
    with Server([PROGRAM[0], "-p", "0"]) as server:
        client = Client(server)
        for words, expected in steps:
            actual = client(*words.split())
            if isinstance(expected, str) and expected.startswith("-"):
                assert isinstance(actual, Error) and actual.startswith(expected[1:]), (words, actual)
            else:
                assert actual == expected, (words, expected, actual)
        client.leave()
        assert server.stop() == 0


def test_strings():
    session(("PING", "PONG"), ("ping hello", b"hello"), ("echo x", b"x"), ("SET a 1", "OK"), ("GET a", b"1"), ("get b", None),
            ("INCR a", 2), ("INCRBY a -10", -8), ("DECR a", -9), ("APPEND a x", 3), ("GET a", b"-9x"), ("STRLEN a", 3), ("INCR a", "-ERR value is not"),
            ("MSET b 2 c 3", "OK"), ("MGET a b nothing c", [b"-9x", b"2", None, b"3"]), ("EXISTS a b x a", 3), ("DEL a b x", 2), ("DBSIZE", 1),
            ("TYPE c", "string"), ("TYPE x", "none"), ("SET c 9 NX", None), ("SET c 9 XX", "OK"), ("SET d 9 XX", None), ("SET d 9 NX", "OK"),
            ("SET n 9223372036854775807", "OK"), ("INCR n", "-ERR increment or decrement would overflow"), ("FLUSHALL", "OK"), ("DBSIZE", 0))


def test_lists():
    session(("RPUSH l a b c", 3), ("LPUSH l z y", 5), ("LRANGE l 0 -1", [b"y", b"z", b"a", b"b", b"c"]), ("LRANGE l 1 2", [b"z", b"a"]),
            ("LRANGE l -2 100", [b"b", b"c"]), ("LRANGE l 3 1", []), ("LRANGE l 9 10", []), ("LRANGE none 0 -1", []), ("LLEN l", 5), ("LPOP l", b"y"),
            ("RPOP l", b"c"), ("TYPE l", "list"), ("GET l", "-WRONGTYPE"), ("INCR l", "-WRONGTYPE"), ("SET s 1", "OK"), ("LPUSH s 1", "-WRONGTYPE"),
            ("LPOP l", b"z"), ("LPOP l", b"a"), ("LPOP l", b"b"), ("LPOP l", None), ("EXISTS l", 0), ("LRANGE l x 1", "-ERR value is not"))


def test_errors_are_told_and_the_connection_goes_on():
    session(("NONSENSE 1", "-ERR unknown command 'NONSENSE'"), ("GET", "-ERR wrong number of arguments for 'get'"), ("GET a b", "-ERR wrong number"),
            ("SET a", "-ERR wrong"), ("SET a 1 FOO", "-ERR syntax"), ("SET a 1 EX", "-ERR syntax"), ("SET a 1 EX 0", "-ERR invalid expire"),
            ("MSET a 1 b", "-ERR wrong"), ("BLPOP a x", "-ERR timeout"), ("EXPIRE a x", "-ERR value"), ("PING", "PONG"), ("QUIT", "OK"))


def test_keys_expire():
    if os.environ.get("ASYNC_LOOP") == "sim":
        return "skipped: its clock stands still while clients ask"
    with Server([PROGRAM[0], "-p", "0"]) as server:
        client = Client(server)
        assert client("SET", "a", "1", "PX", "60") == "OK" and client("SET", "b", "1") == "OK" and client("PEXPIRE", "b", "60") == 1
        assert client("SET", "c", "1", "EX", "100") == "OK" and client("TTL", "c") == 100 and 99000 < client("PTTL", "c") <= 100000
        assert client("PERSIST", "c") == 1 and client("TTL", "c") == -1 and client("TTL", "none") == -2 and client("EXPIRE", "none", 1) == 0
        assert eventually(lambda: client("GET", "a") is None and client("EXISTS", "b") == 0)
        assert client("EXPIRE", "c", "-1") == 1 and client("EXISTS", "c") == 0
        for i in range(2000):
            client.send("SET", f"key {i}", "x", "PX", "1")
        assert [client.reply() for _ in range(2000)] == ["OK"] * 2000
        assert eventually(lambda: client("DBSIZE") == 0, 20)  # nobody asked for them
        client.leave()


def test_pipelines_however_they_are_cut():
    with Server([PROGRAM[0], "-p", "0"]) as server:
        client = Client(server)
        value = bytes(range(256)) * 20
        for i in range(300):
            client.send("SET", f"k{i}", value)
            client.send("GET", f"k{i}")
        for _ in range(300):
            assert client.reply() == "OK" and client.reply() == value
        data = encoded("SET", "cut", b"\r\n$5\r\n") + b"GET cut\r\n" + encoded("LPUSH", "l", *range(50)) + b"\r\nPING\r\n"
        for size in [1, 2, 3, 7]:
            for at in range(0, len(data), size):
                client.socket.sendall(data[at:at + size])
                if at % 20 == 0:
                    time.sleep(0.001)
            assert [client.reply() for _ in range(4)] == ["OK", b"\r\n$5\r\n", 50 * (1 if size == 1 else [2, 3, 7].index(size) + 2), "PONG"]
        client.leave()


def test_a_client_that_does_not_read_is_not_heard_and_does_no_harm():
    with Server([PROGRAM[0], "-p", "0"]) as server:
        idle, other = Client(server), Client(server)
        assert other("SET", "big", b"x" * 1000000) == "OK"
        idle.socket.settimeout(1)
        try:
            for _ in range(10000):
                idle.socket.sendall(encoded("GET", "big") * 100)
        except TimeoutError:
            pass
        else:
            raise AssertionError("it took everything")
        assert other("GET", "big") == b"x" * 1000000
        assert server.memory() < 200 << 20, server.memory()
        idle.leave()
        other.leave()


def test_blpop_waits():
    with Server([PROGRAM[0], "-p", "0"]) as server:
        waiters, other = [Client(server) for _ in range(3)], Client(server)
        for waiter in waiters:
            waiter.send("BLPOP", "l", "m", "5")
        assert other("BLPOP", "l", "0.02") is None
        assert other("RPUSH", "l", "a", "b") >= 1 and other("LPUSH", "m", "c") >= 1
        got = sorted(tuple(waiter.reply()) for waiter in waiters)
        assert got == [(b"l", b"a"), (b"l", b"b"), (b"m", b"c")], got
        waiters[0].send("BLPOP", "l", "0")
        time.sleep(0.05)
        assert server.stop() == 0  # in spite of it
        for client in [*waiters, other]:
            client.leave()


def test_nonsense_ends_the_connection():
    with Server([PROGRAM[0], "-p", "0"]) as server:
        for data in [b"*x\r\n", b"*1\r\nx\r\n", b"*1\r\n$99999999999\r\n", b"*99999999\r\n", b"*-5\r\n", b"*1\r\n$-1\r\n", b"x" * 100000 + b"\r\n",
                     b"*1\r\n$4\r\nPI"]:
            client = Client(server)
            client.socket.sendall(data)
            client.socket.shutdown(1)
            rest = client.file.read()
            assert rest == b"" or rest.startswith(b"-ERR Protocol error"), (data, rest)
            client.leave()
        before = server.n_descriptors()
        assert eventually(lambda: server.n_descriptors() <= before)
        assert Client(server)("PING") == "PONG" and server.stop() == 0


def test_redis_cli_and_redis_benchmark():
    if not shutil.which("redis-cli") or not shutil.which("redis-benchmark"):
        return "skipped: no redis-tools"
    with Server([PROGRAM[0], "-p", "0"]) as server:
        port = ["-p", str(server.port)]
        script = "SET greeting hello\nGET greeting\nINCR n\nLPUSH l 1 2\nLRANGE l 0 -1\nEXPIRE n 100\nTTL n\n"
        said = subprocess.run(["redis-cli", *port], input=script, capture_output=True, text=True, timeout=20)
        assert said.stdout.split() == ["OK", "hello", "1", "2", "2", "1", "1", "100"], said
        bench = subprocess.run(["redis-benchmark", *port, "-n", "4000", "-P", "8", "-q", "-t", "ping,set,get,incr,lpush,rpush,lpop,rpop,lrange,mset"],
                               capture_output=True, text=True, timeout=100)
        rates = re.findall(r"^(?:.*\r)?([A-Z_]+)[^\r\n]*: ([0-9.]+) requests per second", bench.stdout.replace("\r", "\n"), re.MULTILINE)
        assert bench.returncode == 0 and len(rates) >= 13, (bench.stdout, bench.stderr)
        return ", ".join(f"{name} {float(rate):.0f}/s" for name, rate in rates[:5])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="a kv that is built already")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        PROGRAM.append(arguments.program or build.build(arguments, os.path.join(build.EXAMPLES, "kv.c"), directory))
        status = run_tests(globals(), arguments.only)
    sys.exit(status)


if __name__ == "__main__":
    main()
