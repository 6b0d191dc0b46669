"""A study's page: words by people, tables between marks by `zkfl.studies.tables`."""

import re
from collections.abc import Mapping

from zkfl.studies.errors import StudyError

_MARKED = re.compile(r"(<!-- table ([a-z]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def fill(page: str, tables: Mapping[str, str]) -> str:
    """Return the page with what stands between its marks replaced.

    Raises
    ------
    StudyError
        A mark names a table that there is not, or the page has no marks.
    """
    if not _MARKED.search(page):
        raise StudyError("the page has no mark <!-- table NAME --> … <!-- end of table -->")

    def put(found: re.Match[str]) -> str:
        if found[2] not in tables:
            raise StudyError(f"no table is named {found[2]}: there are {', '.join(tables)}")
        return f"{found[1]}\n{tables[found[2]]}\n\n{found[3]}"

    return _MARKED.sub(put, page)
