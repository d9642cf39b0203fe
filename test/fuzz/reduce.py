"""Shrinks a C program, line by line, block by block and bracket by bracket, as long as it stays interesting."""
import re
import time


def parse(lines):
    """A list of lines and of blocks [head, [inner], tail]: a block begins with a line that ends in `{`."""
    root, stack = [], []
    here = root
    for line in lines:
        word = line.strip()
        if word == "{" and here and isinstance(here[-1], str) and re.match(r"\s*(if|else|for|while)\b", here[-1]):
            line = here.pop() + " {"
            word = line.strip()
        if word.startswith("}") and stack:
            here = stack.pop()
            if word.endswith("{"): # } else {
                here[-1][2] = ""
                here.append([line, [], ""])
                stack.append(here)
                here = here[-1][1]
            else:
                here[-1][2] = line
        elif word.endswith("{"):
            here.append([line, [], ""])
            stack.append(here)
            here = here[-1][1]
        else:
            here.append(line)
    return root


def flatten(nodes):
    lines = []
    for node in nodes:
        if isinstance(node, str):
            lines.append(node)
        else:
            lines.append(node[0])
            lines += flatten(node[1])
            if node[2]:
                lines.append(node[2])
    return lines


class Reducer:
    def __init__(self, text, interesting, seconds):
        self.root = parse(text.splitlines())
        self.interesting, self.end = interesting, time.monotonic() + seconds
        self.seen = set()

    def text(self):
        return "\n".join(flatten(self.root)) + "\n"

    def holds(self):
        text = self.text()
        if text in self.seen or time.monotonic() > self.end:
            return False
        self.seen.add(text)
        return self.interesting(text)

    def shrink_list(self, nodes):
        """Leaves out as many neighbours as it can, larger groups first."""
        changed, size = False, max(1, len(nodes) // 2)
        while size >= 1:
            at = len(nodes) - size
            while at > -size:
                start = max(at, 0)
                removed = nodes[start:start + size]
                if removed:
                    del nodes[start:start + size]
                    if self.holds():
                        changed = True
                    else:
                        nodes[start:start] = removed
                at -= size
            size //= 2
        for i in range(len(nodes) - 1, -1, -1):
            node = nodes[i]
            if isinstance(node, str):
                continue
            if not re.match(r"^\w", node[0]) and len(node[1]) < 12: # not a function: what is inside, without the braces
                nodes[i:i + 1] = node[1]
                if self.holds():
                    changed = True
                    continue
                nodes[i:i + len(node[1])] = [node]
            if self.shrink_list(node[1]):
                changed = True
        return changed

    def shrink_words(self, nodes):
        changed = False
        for i in range(len(nodes) - 1, -1, -1):
            if isinstance(nodes[i], list):
                changed |= self.shrink_line(nodes[i], 0)
                changed |= self.shrink_words(nodes[i][1])
                changed |= self.shrink_line(nodes[i], 2)
            else:
                changed |= self.shrink_line(nodes, i)
        return changed

    def shrink_line(self, holder, at):
        changed, again = False, True
        while again:
            again = False
            for candidate in candidates(holder[at]):
                saved, holder[at] = holder[at], candidate
                if self.holds():
                    changed = again = True
                    break
                holder[at] = saved
        return changed

    def empty_functions(self):
        """Most of a program has nothing to do with it."""
        for node in sorted((n for n in self.root if isinstance(n, list) and len(n[1]) > 2), key=lambda n: -len(flatten(n[1]))):
            for keep in ([], node[1][:2]):
                saved, node[1] = node[1], keep
                if self.holds():
                    break
                node[1] = saved
        for i in range(len(self.root) - 1, -1, -1):
            removed = self.root[i:i + 1]
            del self.root[i]
            if not self.holds():
                self.root[i:i] = removed

    def run(self):
        self.empty_functions()
        while True:
            changed = False
            for node in reversed(self.root):
                changed |= isinstance(node, list) and self.shrink_list(node[1])
            changed |= self.shrink_list(self.root)
            changed |= self.shrink_words(self.root)
            if not changed or time.monotonic() > self.end:
                return self.text()


def candidates(line):
    """Simpler versions of a line: a bracketed part becomes 0 or 1 or what is in it, an operand goes away."""
    if line.startswith("#") or len(line) > 2000:
        return
    groups, stack = [], []
    for i, c in enumerate(line):
        if c in "([{":
            stack.append(i)
        elif c in ")]}" and stack:
            groups.append((stack.pop(), i + 1))
    groups.sort(key=lambda g: g[0] - g[1])
    for start, end in groups:
        inner = line[start + 1:end - 1]
        called = re.search(r"(await\s+)?[\w]+$", line[:start])
        if line[start] == "(" and inner:
            for text in ("0", "1"):
                yield line[:start] + text + line[end:]
                if inner not in "01":
                    yield line[:start] + f"({text})" + line[end:]
                if called and not re.match(r"(await\s+)?(if|while|for|switch)$", called[0]):
                    yield line[:called.start()] + text + line[end:]
            if called and not re.match(r"(await\s+)?(if|while|for|switch)$", called[0]):
                yield line[:called.start()] + f"({inner})" + line[end:]
            for operator in (" && ", " || ", " ? ", " : ", ", ", " + ", " - ", " * ", " & ", " | ", " ^ ", " == ", " = ", "; "):
                parts = inner.split(operator)
                if len(parts) > 1:
                    for k in range(len(parts)):
                        yield line[:start + 1] + operator.join(parts[:k] + parts[k + 1:]) + line[end - 1:]
        if line[start] == "[" and inner not in ("0", ""):
            yield line[:start] + "[0]" + line[end:]
        if line[start] == "{" and inner.strip() not in ("", "0"):
            yield line[:start] + "{0}" + line[end:]
            parts = inner.split(", ")
            for k in range(len(parts)):
                yield line[:start + 1] + ", ".join(parts[:k] + parts[k + 1:]) + line[end - 1:]
            parts = inner.split(";")
            for k in range(len(parts) - 1):
                yield line[:start + 1] + ";".join(parts[:k] + parts[k + 1:]) + line[end - 1:]
        if line[start] == "(" and inner:
            yield line[:start] + inner + line[end:]
    match = re.match(r"^(\s*[^=]*[^=!<>])= .*;$", line)
    if match:
        yield match[1] + "= 0;"
        yield match[1] + "= 1;"
    for match in re.finditer(r"await ", line):
        yield line[:match.start()] + line[match.end():]
    match = re.match(r"^(\s*)(?:return|if|while|switch) .*", line)


def reduce(text, interesting, seconds):
    return Reducer(text, interesting, seconds).run()
