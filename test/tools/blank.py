"""A source without its RUN and CHECK text: the comments stay, empty, so every line keeps its number."""
import os
import re

DIRECTIVE = re.compile(rb"//[ \t]*[A-Z][A-Z0-9_]*(-[A-Z]+|\{LITERAL\})*:.*")


def blank_copy(source, directory):
    """Writes the blanked source into directory; the copy's path."""
    with open(source, "rb") as file:
        text = file.read()
    os.makedirs(directory, exist_ok=True)
    copy = os.path.join(directory, os.path.basename(source))
    with open(copy, "wb") as file:
        file.write(DIRECTIVE.sub(b"//", text))
    return copy
