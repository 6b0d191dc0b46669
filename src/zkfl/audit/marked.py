"""Parts of a page that a command writes, between two comments that name them."""

from pathlib import Path

from zkfl.audit.errors import AuditError


def with_part(page: str, name: str, part: str, origin: Path) -> str:
    """Return the page with another text between the two comments of ``name``.

    Raises
    ------
    AuditError
        The page does not hold both comments once.
    """
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise AuditError(f"{origin} must hold {begin.strip()} and {end.strip()} once each")
    before, rest = page.split(begin)
    return f"{before}{begin}\n{part}\n{end}{rest.split(end)[1]}"
