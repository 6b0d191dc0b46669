"""What the options of ``zkfl features schema`` say of the label's column."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from zkfl.features.errors import FeatureError
from zkfl.json_problems import json_problems
from zkfl.node.records.schema import ClassLabel, Label


@dataclass(frozen=True)
class LabelOptions:
    """Either what 1 and 0 mean, or the classes by number."""

    name: str
    positive: str | None
    negative: str | None
    classes: Sequence[str]
    of_interest: str | None

    def column(self) -> Label | ClassLabel:
        """Return the label.

        Raises
        ------
        FeatureError
            Too much is said, or too little, or a name cannot be one.
        """
        two, several = (self.positive, self.negative), bool(self.classes)
        if several == any(two) or (several != bool(self.of_interest)) or any(two) != all(two):
            raise FeatureError(
                "say either --positive and --negative, or --class for each of several classes and "
                "--of-interest for one of them"
            )
        try:
            return self._several() if several else self._two()
        except ValidationError as error:
            raise FeatureError(f"no such label: {json_problems(error)}") from error

    def _two(self) -> Label:
        return Label(name=self.name, positive=self.positive or "", negative=self.negative or "")

    def _several(self) -> ClassLabel:
        interest = self.of_interest or ""
        return ClassLabel(name=self.name, classes=tuple(self.classes), of_interest=interest)
