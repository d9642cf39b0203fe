"""sizes.py: frame sizes of fixed coroutines, and the time asyncc takes beside clang's parser."""


def frames(taking_part, asyncc):
    pass


def compile_time(asyncc, out, rounds, tell):
    pass
