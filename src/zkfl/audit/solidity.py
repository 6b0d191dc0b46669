"""Solidity source as far as mutants need it: no comments, whole statements, matching brackets."""

import re

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_FUNCTION = re.compile(r"\b(?:function (\w+)|(constructor))\s*\(")


def without_comments(source: str) -> str:
    """Return the source with spaces for comments, every other character where it was."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), source)


def matching(code: str, start: int) -> int:
    """Return the index behind the bracket that closes the one at ``start``.

    Raises
    ------
    ValueError
        The bracket is never closed.
    """
    opening, closing = code[start], _PAIRS[code[start]]
    depth = 0
    for index in range(start, len(code)):
        depth += (code[index] == opening) - (code[index] == closing)
        if depth == 0:
            return index + 1
    raise ValueError(f"the {opening} at character {start} is never closed")


def end_of_statement(code: str, start: int) -> int:
    """Return the index behind the ``;`` that ends the statement at ``start``."""
    return code.index(";", start) + 1


def function_at(code: str, index: int) -> str:
    """Return the name of the function in which, or in whose head, ``index`` lies."""
    names = [found[1] or found[2] for found in _FUNCTION.finditer(code, 0, index + 1)]
    return names[-1] if names else ""
