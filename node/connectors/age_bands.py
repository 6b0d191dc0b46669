"""Ages in bands of ten years; all from 90 on are one, since few are so old."""

import re
from datetime import date

UNKNOWN = ""
OLDEST_BAND = 90
_DICOM_AGE = re.compile(r"([0-9]{3})([DWMY])")
_YEARS_PER_UNIT = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_OLDEST = 150


def age_band(years: float | None) -> str:
    """Return ``40-49`` and so on, ``90+``, or nothing for an age that is none."""
    if years is None or not 0 <= years <= _OLDEST:
        return UNKNOWN
    if years >= OLDEST_BAND:
        return f"{OLDEST_BAND}+"
    decade = int(years) // 10 * 10
    return f"{decade}-{decade + 9}"


def years_of_dicom_age(text: str) -> float | None:
    """Return the years of DICOM's ``045Y``, ``018M`` and so on; None if it is no age."""
    match = _DICOM_AGE.fullmatch(text.strip())
    return int(match[1]) * _YEARS_PER_UNIT[match[2]] if match else None


def full_years(birth: date, day: date) -> int:
    """Return the age in completed years on a day; negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
