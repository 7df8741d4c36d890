"""The code of a Swift text, without comments and strings."""

import re

STRING_START = re.compile(r'(#*)("""|")')
REGEX_START = re.compile(r"#+/")


def blanked(text: str) -> str:
    """The same number of lines, and nothing on them."""
    return "\n" * text.count("\n")


def code(text: str) -> str:
    """The code, line for line. What a string interpolates is code too."""
    return Stripper(text).run()


class Stripper:
    """Comments nest. A raw string ends, escapes and interpolates with as many # as it begins with."""

    def __init__(self, text: str):
        self.text = text
        self.position = 0
        self.out: list[str] = []

    def run(self) -> str:
        self.code_until_end()
        return "".join(self.out)

    def code_until_end(self, in_interpolation: bool = False):
        depth = 0
        while self.position < len(self.text):
            if self.skip_comment() or self.skip_literal():
                continue
            character = self.text[self.position]
            if in_interpolation and character == ")" and depth == 0:
                return
            depth += {"(": 1, ")": -1}.get(character, 0)
            self.out.append(character)
            self.position += 1

    def skip_comment(self) -> bool:
        start = self.position
        if self.text.startswith("//", start):
            end = self.text.find("\n", start)
            self.position = len(self.text) if end < 0 else end
        elif self.text.startswith("/*", start):
            depth = 0
            for mark in re.finditer(r"/\*|\*/", self.text[start:]):
                depth += 1 if mark.group() == "/*" else -1
                self.position = start + mark.end()
                if depth == 0:
                    break
            else:
                self.position = len(self.text)
            self.out.append(" " + blanked(self.text[start : self.position]))
        else:
            return False
        return True

    def skip_literal(self) -> bool:
        if match := STRING_START.match(self.text, self.position):
            self.position = match.end()
            self.skip_string(*match.groups())
            return True
        # A name in backticks can hold anything.
        if self.text[self.position] == "`":
            end = self.text.find("`", self.position + 1) + 1 or len(self.text)
            self.out.append(self.text[self.position : end])
            self.position = end
            return True
        if match := REGEX_START.match(self.text, self.position):
            closing = match.group()[::-1]
            end = self.text.find(closing, match.end())
            end = len(self.text) if end < 0 else end + len(closing)
            self.out.append('""' + blanked(self.text[self.position : end]))
            self.position = end
            return True
        return False

    def skip_string(self, hashes: str, quote: str):
        closing, escape = quote + hashes, "\\" + hashes
        self.out.append('""')
        while self.position < len(self.text):
            if self.text.startswith(closing, self.position):
                self.position += len(closing)
                return
            if self.text.startswith(escape, self.position):
                self.position += len(escape)
                if self.text.startswith("(", self.position):
                    self.skip_interpolation()
                    continue
            self.out.append(blanked(self.text[self.position : self.position + 1]))
            self.position += 1

    def skip_interpolation(self):
        self.out.append("(")
        self.position += 1
        self.code_until_end(in_interpolation=True)
        self.out.append(")")
        self.position += 1
