#!/usr/bin/env python3
"""The position matrix: an await in every place of an expression and a statement (slots.py), of every class of type, that is ready,
suspends, fails or is cancelled; alone, and inside an async_try; written as it is, out of a macro, as a task...

    matrix.py [--form NAME,...|all] [--configs NAME,...] [--keep FILE]
    matrix.py --sample SEED     a part of it that the seed chooses: an eighth of the slots, each in some form, three configs

The directly compiled program says what happens when all is ready.  An await that fails or is cancelled at its Nth call must
leave exactly what happened up to there.
"""
import argparse
import collections
import os
import random
import re
import sys
import tempfile

import run as fuzz
import slots
from children import run

HERE = os.path.dirname(os.path.abspath(__file__))
# How an await of a T that is made from k is written; matrix.c has the macros.
FORMS = {
    "direct": "await leaf_{T}(make_{T}({k}))",
    "macro": "LEAF({T}, {k})",
    "argument": "SAME(await leaf_{T}(make_{T}({k})))",
    "pointer": "await (*pick_{T})(make_{T}({k}))",
    "nested": "await echo_{T}(await leaf_{T}(make_{T}({k})))",
    "statement": "({{ {T} kept_ = await leaf_{T}(make_{T}({k})); kept_; }})",
    "task": "await TASK(leaf_{T}(make_{T}({k})))",
    "timed": "await TIMED(leaf_{T}(make_{T}({k})))",
}
Slot = collections.namedtuple("Slot", "name type helper body suffix") # what stands before the function; what a failure is followed by


# ---- a slot's words in C ----

def until(text, at, stops):
    """Where the first of these is, outside of brackets."""
    depth = 0
    while depth or text[at] not in stops:
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    return at


def in_record(text):
    """Does what follows stand among the members of a struct or union?"""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == "}") - (text[at] == "{")
        if depth < 0:
            return bool(re.search(r"\b(struct|union)( \w+)? $", text[:at]))
    return False


def declare_places(text, word, initialised):
    """`T v = E` with v in a place; the names, and those of the arrays among them."""
    names, arrays, done, at = [], [], "", 0
    while found := re.compile(r"\bT (?=[a-z]\w*( =|[,;[]))").search(text, at):
        done += text[at:found.start()]
        at = found.end()
        if in_record(text[:found.start()]):
            done += found[0]
            continue
        done += word + " "
        while declarator := re.compile(r"(, )?(\w+)(\[[^=,;]*\])?( =)?(?=[ ,;])").match(text, at):
            comma, name, bounds, equals = declarator.groups("")
            end = until(text, declarator.end(), ",;") if equals else declarator.end()
            value, *inner = declare_places(text[declarator.end():end].strip(), word, initialised)
            done += comma + ("\0" + name + bounds + f" = {value}" * bool(value) if bounds else initialised("\0" + name, value))
            names += inner[0]
            arrays += inner[1]
            (arrays if bounds else names).append(name)
            at = end
    return done + text[at:], names, arrays


def behind_brackets(text, pattern, suffix):
    """Adds the suffix behind what the pattern finds and the bracket at its end."""
    at = 0
    while found := re.compile(pattern).search(text, at):
        at = until(text, found.end(), ")]") + 1
        text = text[:at] + suffix + text[at:]
        at = found.end()
    return text


def in_fields(text):
    text, names, arrays = declare_places(text, "struct field", lambda name, value: f"{name} = {{{value}}}" if value else name)
    for name in set(names):
        text = re.sub(rf"(?<![\w.>\0]){name}\b", f"{name}.is", text)
    for name in set(arrays):
        text = behind_brackets(text, rf"(?<![\w.>\0]){name}\[", ".is")
    text = behind_brackets(text, r"\barray_T\[", ".is")
    text = behind_brackets(text, r"(?:\.|->)n\[", ".is")
    text = re.sub(r"\bglobal_T\b", "global_field.is", text)
    text = behind_brackets(text, r"\*place\(", "->is").replace("*place(", "place(")
    text = behind_brackets(text, r"\bplace\([^()]*(?:\([^()]*\)[^()]*)*\)\[", ".is")
    return re.sub(r"\b(place)\(|\b(array|box|look|find|boxed)_T\b", lambda m: f"{m[1] or m[2]}_field" + ("(" if m[1] else ""), text)


def in_elements(text):
    text, names, _ = declare_places(text, "T", lambda name, value: f"{name}[2] = {{[1] = {value}}}" if value else f"{name}[2]")
    for name in set(names):
        text = re.sub(rf"(?<![\w.>\0]){name}\b", f"{name}[1]", text)
    return re.sub(r"\bglobal_T\b", "global_element[1]", text).replace("look_T", "look_element")


def expand(text, type, form):
    """One slot's words in C."""
    value = "int" if type in slots.PLACES else type
    text = text.replace("\0", "")
    text = re.sub(r"@(\d*)", lambda m: form.format(T=value, k=m[1] or 1), text)
    text = re.sub(r"\b(told|three|place)(?=\(| :)", lambda m: f"{m[1]}_{value}", text)
    text = re.sub(r"\bM\((\d)\)", lambda m: f"make_{value}({m[1]})", text)
    text = re.sub(r"\b(global|array|box|key|leaf|echo|look|make|find|boxed)_T\b", lambda m: f"{m[1]}_{value}", text)
    return re.sub(r"\bT\b", value, text)


def types_of(words, body):
    """The types of a slot; places only if there is something in it that can be one."""
    group = next((word for word in words if not word.startswith("-")), "")
    types = slots.GROUPS.get(group, [group])
    if "int" in types:
        types = types + [place for place, into in (("field", in_fields), ("element", in_elements))
                         if "-" + place not in words and into(body) != body]
    return types


def make_slot(row, guarded, form):
    name, types, *parts = (part.strip() for part in re.split(r"\s\|\s", row + " "))
    suffix = parts.pop() if guarded else ""
    helper, body = (parts[0][1:], parts[-1]) if parts[0].startswith("!") else ("", parts[-1])
    for type in types_of(types.split(), body):
        text = in_fields(body) if type == "field" else in_elements(body) if type == "element" else body
        own = f"value_{name.replace('-', '_')}_{type}"
        words = (re.sub(r"\bvalue(?=\b|_(odd|of|step|call)\b)", own, expand(part, type, form())) for part in (helper, text))
        yield Slot(name, type, *words, suffix)


def make_slots(form):
    for table in (slots.EXPRESSIONS, slots.STATEMENTS, slots.DECLARATIONS, slots.GUARDED):
        for row in table.strip().splitlines():
            yield from make_slot(row, table is slots.GUARDED, form)


# ---- the program ----

def program(chosen):
    with open(os.path.join(HERE, "matrix.c")) as file:
        lines = file.read().splitlines()
    rows = []
    for name, type, helper, body, _ in chosen:
        function, value = f"slot_{name.replace('-', '_')}_{type}", "int" if type in slots.PLACES else type
        if helper:
            lines += [helper]
        lines += [f"static async void {function}(void)", "{", f"\t{body}", f"\tlook_{type}();", "}"]
        lines += [f"static async void {function}_inside(void)", "{", f"\tint before = 42;", f"\t{value} kept = make_{value}(3);",
                  "\tasync_try {", f"\t\t{body}", "\t} async_except (e) {", '\t\tprintf("caught %d\\n", e.code);', "\t}",
                  f'\tprintf("after %d %d\\n", before, key_{value}(kept));', "}"]
        rows += [f'\t{{"{name} {type}", {function}}},', f'\t{{"{name} {type} inside", {function}_inside}},']
    lines += ["static const struct slot slots[] = {", *rows, "};", DRIVER]
    return "\n".join(lines) + "\n"


DRIVER = r"""
#ifdef TWIN
int main(void)
{
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		reset();
		printf("== %s ready 0\n", slots[i].name);
		slots[i].run();
	}
	return 0;
}
#else
static async void one(const struct slot *slot)
{
	await slot->run();
}

static async int observe(const struct slot *slot, enum mode how, int n)
{
	mode = how;
	at = n;
	reset();
	printf("== %s %s %d\n", slot->name, mode_names[how], n);
	if (how == CANCEL_AT) {
		async_task(void) task = async_create_task(one(slot));
		while (!waiting)
			await async_sleep(0);
		async_cancel(task);
		async_error e = await async_catch(*task);
		if (e.code)
			printf("caught %d\n", e.code);
		return calls;
	}
	async_try {
		await slot->run();
	} async_except (e) {
		printf("caught %d\n", e.code);
	}
	return calls;
}

async int main(void)
{
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		int n = await observe(&slots[i], READY, 0);
		await observe(&slots[i], PENDING, 0);
		for (int k = 1; k <= n; k++)
			for (enum mode how = PENDING_AT; how <= CANCEL_AT; how++)
				await observe(&slots[i], how, k);
	}
	return 0;
}
#endif"""


# ---- what it does ----

def sections(text):
    found = {}
    for section in text.split("== ")[1:]:
        head, *body = section.splitlines()
        found[head] = body
    return found


def expected(ready, mode, at, inside, suffix):
    if mode in ("ready", "pending", "pending-at"):
        return ready
    until = ready.index(f"leaf {at}") + 1
    caught = ["caught -1" if mode == "cancel-at" else "caught 22"]
    dropped = []
    for word in filter(None, suffix.split(", ")):
        optional = word.endswith("?")
        word = word.rstrip("?")
        if not optional or word not in ready[:until]:
            dropped.append(word)
    after = ready[-1:] if inside and ready[-1].startswith("after") else ["after 42 "] if inside else []
    return ready[:until] + dropped + caught + after


def compare(chosen, twin, lowered):
    wanted, differences, compared = sections(twin), [], 0
    suffixes = {f"{slot.name} {slot.type}": slot.suffix for slot in chosen}
    seen = set()
    for head, got in sections(lowered).items():
        *words, mode, at = head.split(" ")
        slot = " ".join(words)
        ready = wanted[f"{slot} ready 0"]
        seen.add(slot)
        compared += 1
        want = expected(ready, mode, int(at), words[-1] == "inside", suffixes[" ".join(words[:2])])
        if got != want:
            differences.append((head, want, got))
    for head in wanted:
        if head.rsplit(" ", 2)[0] not in seen:
            differences.append((head, wanted[head], ["(never ran)"]))
    return compared, differences


def check(tester, options, chosen, configs, directory):
    """The number of configs that differ."""
    source = options.keep or os.path.join(directory, "matrix.c")
    with open(source, "w") as file:
        file.write(program(chosen))
    twin = tester.twin(source, directory)
    lowered = tester.lower(source, directory)
    failed = 0
    for config in configs:
        binary = os.path.join(directory, "program")
        library = tester.sanitized_library if config.sanitized else tester.library
        code, text = run([*config.command, *tester.common, lowered, "-o", binary, library, *tester.libraries], timeout=1200)
        if code:
            raise fuzz.Failure(f"{config.name} does not compile", text[:4000])
        if config.warnings:
            tester.check_warnings(config, text, source)
        code, text = tester.execute(binary, timeout=300)
        compared, differences = compare(chosen, twin, text)
        print(f"  {config.name}: {compared} runs compared, {len(differences)} differ" + (f", status {code}" if code else ""), flush=True)
        for head, want, got in differences[:options.detail]:
            print(f"  {head}\n    want {want}\n    got  {got}")
        if code:
            print("\n".join("  | " + line for line in text.splitlines()[-12:]))
        failed += bool(differences or code)
    return failed


def sample(seed, everything):
    """An eighth of the slots, each in some form, and three configs."""
    r = random.Random(seed)
    chosen = [slot for slot in make_slots(lambda: r.choice(list(FORMS.values()))) if r.random() < .125]
    plain = [config for config in everything if not config.sanitized]
    return chosen, r.sample(plain, 2) + [config for config in everything if config.sanitized]


def check_all(tester, options):
    everything = fuzz.chosen_configs(options)
    parts = [(form, list(make_slots(lambda: FORMS[form])), everything) for form in options.form]
    if options.sample is not None:
        parts = [(f"seed {options.sample}", *sample(options.sample, everything))]
    failed = 0
    for name, chosen, configs in parts:
        print(f"{name}: {len(chosen)} slots", flush=True)
        with tempfile.TemporaryDirectory() as directory:
            try:
                failed += check(tester, options, chosen, configs, directory)
            except (fuzz.Failure, fuzz.InvalidProgram) as failure:
                print(f"{failure}\n{getattr(failure, 'detail', '')[:3000]}")
                failed += 1
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--asyncc", default=os.environ.get("ASYNCC", os.path.join(fuzz.ROOT, "build", "bin", "asyncc")))
    parser.add_argument("--clang", default=fuzz.CLANG)
    parser.add_argument("--configs")
    parser.add_argument("--form", type=lambda word: list(FORMS) if word == "all" else word.split(","), default=["direct"],
                        help=f"how awaits are written: {', '.join(FORMS)}; or all")
    parser.add_argument("--sample", type=int, nargs="?", const=random.randrange(1 << 30), metavar="SEED")
    parser.add_argument("--keep", metavar="FILE", help="write the program here")
    parser.add_argument("--no-warnings", action="store_true", help="do not mind compilers' warnings")
    parser.add_argument("--detail", type=int, default=10, help="how many differences to print")
    options = parser.parse_args()
    unknown = set(options.form) - set(FORMS)
    if unknown:
        sys.exit(f"matrix.py: no such form: {', '.join(unknown)}")
    sys.exit(check_all(fuzz.Tester(options), options))


if __name__ == "__main__":
    main()
