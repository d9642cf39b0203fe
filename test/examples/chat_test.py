#!/usr/bin/env python3
"""docs/examples/chat.c over raw sockets: rooms, names, slow readers, shutdown.

    chat_test.py [--asyncc PATH] [--cc CC] [--flags=FLAGS] [--program CHAT] [PART OF A TEST'S NAME...]
"""
import argparse
import os
import sys
import tempfile

import build
from server import Server, eventually, run_tests

PROGRAM = []


class Guest:
    """A client that has been greeted, under a name of its own."""

    def __init__(self, server, name=None):
        self.socket = server.connect()
        self.file = self.socket.makefile("r", newline="\n")
        greeting = self.line()
        assert greeting.startswith("* you are guest") and greeting.endswith(" in lobby; type /help"), greeting
        if name:
            self.say("/name " + name)
            while self.line() != f"* you are {name}":  # those of the test before may just be leaving
                pass

    def say(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def line(self):
        return self.file.readline().rstrip("\n")

    def hears(self, *expected):
        for line in expected:
            actual = self.line()
            assert actual == line, f"expected {line!r}, heard {actual!r}"

    def leave(self):
        self.file.close()
        self.socket.close()


def test_everybody_in_the_room_but_the_speaker_hears(server):
    ann = Guest(server, "ann")
    bob = Guest(server)
    entering = ann.line()
    assert entering.startswith("* guest") and entering.endswith(" enters"), entering
    bob.say("/name bob")
    bob.hears("* you are bob")
    assert ann.line().endswith(" is now bob")
    ann.say("hello")
    bob.hears("ann: hello")
    bob.say("hi\r")
    ann.hears("bob: hi")
    bob.say("a\x1b[31mb")
    ann.hears("bob: a [31mb")
    bob.say("/quit")
    bob.hears("")
    ann.hears("* bob leaves")
    ann.leave()


def test_rooms_are_apart(server):
    room = [Guest(server, f"in{i}") for i in range(3)]
    for guest in room:
        guest.say("/join den")
        while guest.line() != "* you are in den":
            pass
    lobby = Guest(server, "out")
    room[2].say("secret")
    while True:
        if room[0].line() == "in2: secret":
            break
    lobby.say("/who")
    lobby.hears("* out")
    room[2].say("/who")
    assert sorted(room[2].line() for _ in range(3)) == ["* in0", "* in1", "* in2"]
    for guest in [*room, lobby]:
        guest.leave()


def test_names_are_unique(server):
    one, two = Guest(server, "same"), Guest(server)
    two.say("/name same")
    two.hears("* that name is taken or too long")
    for guest in (one, two):
        guest.leave()


def test_a_line_without_end_is_hung_up_on(server):
    guest = Guest(server)
    guest.socket.sendall(b"x" * 1024)
    guest.hears("")
    guest.leave()


def test_a_slow_reader_holds_nobody_up_and_is_dropped(server):
    slow, fast, speaker = Guest(server, "slow"), Guest(server, "fast"), Guest(server, "speaker")
    for guest in (slow, fast, speaker):
        guest.say("/join loud")
        while guest.line() != "* you are in loud":
            pass
    before = server.n_descriptors()
    for i in range(20000):
        speaker.say(f"{i} " + "x" * 900)
        fast_line = fast.line()
        while not fast_line.startswith("speaker: "):
            fast_line = fast.line()
        assert fast_line.startswith(f"speaker: {i} "), fast_line[:40]
        if server.n_descriptors() < before:
            break
    else:
        raise AssertionError("the slow reader is still there")
    for guest in (slow, fast, speaker):
        guest.leave()


def test_two_hundred_guests_talk_at_once(server):
    guests = [Guest(server, f"g{i}") for i in range(200)]
    for guest in guests:
        guest.say("/join hall")
    for guest in guests:
        while guest.line() != "* you are in hall":
            pass
    guests[0].say("/who")  # comes back after everybody is in
    for guest in guests:
        guest.say("hello")
    for guest in guests:
        heard = set()
        while len(heard) < 199:
            line = guest.line()
            assert line, "hung up"
            if line.endswith(": hello"):
                heard.add(line)
        guest.leave()


def test_z_nothing_is_left_open_and_a_signal_says_goodbye(server):
    assert eventually(lambda: server.n_descriptors() <= START[0]), (START[0], server.n_descriptors())
    guest = Guest(server)
    status = server.stop()
    guest.hears("* the server stops", "")
    assert status == 0, status


START = []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build.add_arguments(parser)
    parser.add_argument("--program", help="a chat server that is built already")
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        PROGRAM.append(arguments.program or build.build(arguments, os.path.join(build.EXAMPLES, "chat.c"), directory))
        with Server([PROGRAM[0], "-p", "0"]) as server:
            START.append(server.n_descriptors())
            status = run_tests(globals(), arguments.only, server)
    sys.exit(status)


if __name__ == "__main__":
    main()
