"""sizes.py: frame sizes of the fixed coroutines, and the time asyncc takes beside clang's parser."""
import os, re, resource, subprocess
import measure, work

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INCLUDE = ROOT + "/include"

FRAMES = {
    "echo512": "echo loop with a buffer of 512 bytes",
    "siblings2x1K": "two sibling scopes of 1 KiB",
    "chain5": "chain of five awaits, all frames of it",
    "scalars10live3": "ten scalars, three of which live",
    "structloop": "state in a struct, in a loop",
    "cleanup": "cleanup on every way out",
}


# ---- Frames ----

def frames_of_ours(asyncc):
    """What --frames says, in the peers' words."""
    command = [asyncc, "--frames", HERE + "/ours/frames.c", "-I" + INCLUDE]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {match[1]: int(match[2]) for match in re.finditer(r"^(\w+): (\d+) bytes", text, re.MULTILINE)}


def frames_of(peer):
    text = subprocess.run(peer.frames, capture_output=True, text=True, check=True).stdout
    return {match[1]: int(match[2]) for match in re.finditer(r"^frame (\w+) (\d+) bytes", text, re.MULTILINE)}


def frames(taking_part, asyncc, report):
    sizes = {"ours": frames_of_ours(asyncc)}
    sizes.update((peer.name, frames_of(peer)) for peer in taking_part if peer.frames)
    for name, what in FRAMES.items():
        results = {peer: measure.Result("bytes", 1, [found[name]]) for peer, found in sizes.items()}
        report.add("frame_" + name, "frame: " + what, results, work.FRAME)


# ---- The time asyncc takes ----

SMALL = """#include <async.h>
async int add(int a, int b)
{
	await async_sleep(0);
	return a + b;
}
"""

HEADERS = """#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <regex.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <tgmath.h>
#include <threads.h>
#include <unistd.h>
#include <wchar.h>
""" + SMALL

# 40 lines each
FUNCTION = """
static async int step_{i}(int n, const char *name)
{{
	int total = 0, highest = -1;
	char line[64];

	for (int i = 0; i < n; i++) {{
		int value = await next(i);

		if (value < 0)
			continue;
		if (value > highest)
			highest = value;
		switch (value & 3) {{
		case 0:
			total += await next(value);
			break;
		case 1:
			total -= value;
			break;
		default:
			await async_sleep(0);
		}}
	}}
	while (total > 1000 + {i}) {{
		int half = total / 2;

		total = await next(half) + (half > 10 ? await next(10) : half);
	}}
	async_try
	{{
		await async_wait_for(next(total), 1.5);
	}}
	async_except(error)
	{{
		total = error.code;
	}}
	snprintf(line, sizeof line, "%s %d", name, highest);
	puts(line);
	return total;
}}
"""


def program(functions):
    text = "#include <async.h>\n#include <stdio.h>\nasync int next(int n);\n" + "".join(FUNCTION.format(i=i) for i in range(functions))
    calls = "".join(f"\tsum += await step_{i}(n, \"{i}\");\n" for i in range(functions))
    return text + "async int all(int n)\n{\n\tint sum = 0;\n\n" + calls + "\treturn sum;\n}\n"


def cpu_ms(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def time_file(asyncc, clang, path, rounds):
    options = ["-std=gnu11", "-I" + INCLUDE, path]
    commands = {"asyncc": [asyncc, *options, "-o", path[:-2] + ".lowered.c"], "clang -fsyntax-only": [clang, "-fsyntax-only", *options]}
    results = {name: measure.Result("ms of CPU", 1) for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].values.append(cpu_ms(command))
    return results


def compile_time(asyncc, clang, out, rounds, report):
    files = [("small", "a file of 6 lines", SMALL), ("headers", "35 system headers", HEADERS)]
    files += [(str(n), f"{len(program(n).splitlines()):,} lines with {n} async functions", program(n)) for n in (250, 500)]
    for name, what, text in files:
        path = f"{out}/compile_{name}.c"
        with open(path, "w") as file:
            file.write(text)
        report.add("compile_" + name, f"asyncc's time: {what}", time_file(asyncc, clang, path, rounds), work.COMPILE)
