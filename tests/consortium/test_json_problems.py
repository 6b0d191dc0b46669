"""What is said of a JSON file: the value that is wrong, and no dump of all of it."""

from typing import Self

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from zkfl.json_problems import json_problems


class Span(BaseModel):
    first: int = Field(ge=0)
    last: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last {self.last} is before first {self.first}")
        return self


class Page(BaseModel):
    span: Span


def said(text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        Page.model_validate_json(text)
    return json_problems(refused.value)


def test_a_wrong_value_is_shown_with_its_place() -> None:
    text = said('{"span": {"first": -1, "last": 2}}')
    assert text == "span.first: Input should be greater than or equal to 0 (got '-1')"


def test_fields_that_do_not_go_together_are_not_dumped() -> None:
    text = said('{"span": {"first": 3, "last": 2}}')
    assert text == "span: Value error, last 2 is before first 3"


def test_an_object_in_the_place_of_a_number_is_shown() -> None:
    assert said('{"span": {"first": {}, "last": 2}}').endswith("(got '{}')")


def test_what_is_no_json_is_said_to_be_none() -> None:
    assert said("{").startswith("it is no JSON: ")
