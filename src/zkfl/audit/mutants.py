"""Small faults, one at a time, that some test of the contracts has to notice."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zkfl.audit.solidity import end_of_statement, function_at, matching, without_comments

SOURCES = Path("contracts/src")
CLASSES = ("guard", "modifier", "call", "comparison", "state")

_IF = re.compile(r"\bif (?=\()")
_REVERT = re.compile(r"\s*(?:revert\b[^;]*;|\{\s*revert\b[^;]*;\s*\})")
_CATCH = re.compile(r"\bcatch (?=\{\s*revert\b)")
_CALL = re.compile(
    r"^[ ]+((?:ROUTER|OPENING|BN254|ConfigRules|\w+(?:\[\w+\])?)\."
    r"(?:requireValid|requireOpens|requireOnCurve|requireSound)|_require\w*|_inTime|_announced)(?=\()",
    re.MULTILINE,
)
_LOOKUPS = (
    (re.compile(r"= _inTime\((\w+), RoundStatus\.\w+\)"), r"= _rounds[\1]"),
    (re.compile(r"= _inTime\((\w+), (RoundStatus\.\w+)\)"), r"= _inStatus(\1, \2)"),
    (re.compile(r"= _inStatus\((\w+), (?:RoundStatus\.)?\w+\)"), r"= _rounds[\1]"),
    (re.compile(r"= _partOfSender\((\w+)\)"), r"= _participations[\1][msg.sender]"),
    (re.compile(r"= _announced\((\w+), \w+\)"), r"= _inTime(\1, RoundStatus.Closed)"),
    (re.compile(r"= _known\((\w+)\)"), r"= _routes[\1]"),
)
_MODIFIER = re.compile(r" (?:whenNotPaused|onlyOwner|onlyRole\(\w+\))(?=[\s{])")
_COMPARISON = re.compile(r" (==|!=|<=|>=|<|>|&&|\|\|) ")
_FLIPPED = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "&&": "||",
    "||": "&&",
}
_ASSIGNED = re.compile(
    r"^[ ]+(?:[\w.]+(?:\[[^\n=;]*\])?(?:\.\w+)*|\((?:\w+(?:\.\w+)?(?:, )?)+\))\s(?:=|\+=|-=)\s",
    re.MULTILINE,
)
_CHANGED = re.compile(r"^[ ]+(?:\+\+|--)[\w.\[\]()]+;", re.MULTILINE)
_STEP = re.compile(
    r"^[ ]+(?:return )?(_(?:exclude|fail|finalize|dispute|reopen|begin|demandReveals|settleMasks|"
    r"drawSeed|keepShareholders|truncate|weigh|accept|compare|grantRole|pause|unpause|remove|"
    r"excludeFalseWitnesses|endReveals)\(|[\w.\[\]]+\.push\(|emit )",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Parameters
    ----------
    file
        From the root of the project.
    operator
        One of ``CLASSES``.
    function
        Where it is.
    line
        Counted from 1.
    before, after
        What is replaced, by what; white space is one blank each.
    number
        Tells apart equal faults in one function.
    source
        The whole file with the fault.
    """

    file: str
    operator: str
    function: str
    line: int
    before: str
    after: str
    number: int
    source: str

    @property
    def name(self) -> str:
        """Stays the same while other parts of the file change."""
        contract = Path(self.file).stem
        return f"{contract}.{self.function} {self.operator} {self.number}: {self.before}"


@dataclass(frozen=True)
class _Edit:
    operator: str
    start: int
    end: int
    after: str


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Return every fault of one file, in the order of its lines."""
    source = (root / file).read_text(encoding="utf-8")
    code = without_comments(source)
    numbers: Counter[tuple[str, str, str]] = Counter()
    mutants = []
    for edit in sorted(set(_edits(code)), key=lambda edit: (edit.start, edit.operator, edit.after)):
        before = " ".join(code[edit.start : edit.end].split())
        if edit.operator == "comparison":
            before = _context(code, edit.start, edit.end)
        function = function_at(code, edit.start)
        numbers[key := (function, edit.operator, before)] += 1
        mutants.append(
            Mutant(
                file=file,
                operator=edit.operator,
                function=function,
                line=code.count("\n", 0, edit.start) + 1,
                before=before,
                after=" ".join(edit.after.split()),
                number=numbers[key],
                source=source[: edit.start] + edit.after + source[edit.end :],
            )
        )
    return mutants


def _edits(code: str) -> Iterator[_Edit]:
    yield from _guards(code)
    yield from _calls(code)
    for found in _MODIFIER.finditer(code):
        yield _Edit("modifier", found.start(), found.end(), "")
    for found in _COMPARISON.finditer(code):
        if "for (" not in code[code.rfind("\n", 0, found.start()) : found.start()]:
            yield _Edit("comparison", *found.span(1), _FLIPPED[found[1]])
    for pattern in (_ASSIGNED, _CHANGED, _STEP):
        for found in pattern.finditer(code):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            yield _Edit("state", start, end_of_statement(code, start), _nothing(code, start))


def _guards(code: str) -> Iterator[_Edit]:
    for found in _IF.finditer(code):
        condition = matching(code, found.end())
        refusal = _REVERT.match(code, condition)
        if refusal:
            yield _Edit("guard", found.start(), refusal.end(), "{}")
    for found in _CATCH.finditer(code):
        yield _Edit("guard", found.end(), matching(code, found.end()), "{}")


def _calls(code: str) -> Iterator[_Edit]:
    for found in _CALL.finditer(code):
        yield _Edit("call", found.start(1), end_of_statement(code, found.start(1)), "{}")
    for pattern, replacement in _LOOKUPS:
        for found in pattern.finditer(code):
            after = found.expand(replacement)
            if after != found[0]:
                yield _Edit("call", found.start(), found.end(), after)


def _nothing(code: str, start: int) -> str:
    return "return;" if code.startswith("return ", start) else "{}"


def _context(code: str, start: int, end: int) -> str:
    """Return the operator with its two sides, as far as they are on its line."""
    left = code[code.rfind("\n", 0, start) + 1 : start].split()[-3:]
    right = code[end : code.find("\n", end)].split()[:3]
    return " ".join((*left, code[start:end], *right))
