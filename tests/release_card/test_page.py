"""The page says what the JSON does, and strangers' words stay words in every renderer."""

import pytest

from zkfl.release_card.content import ReleaseCard
from zkfl.release_card.markdown import as_markdown


def test_the_page_of_the_file_is_the_page_that_was_written(card: ReleaseCard) -> None:
    """The canonical form of JSON sorts the fields of label, choice and schedule."""
    choice = {"family": "mlp", "width": 8, "depth": 1}
    made = card.model_copy(update={"model": card.model.model_copy(update={"choice": choice})})
    read = ReleaseCard.model_validate_json(made.to_bytes())
    assert list(read.data.label) != list(made.data.label)
    assert as_markdown(read) == as_markdown(made)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("see http://x.org/a, then", "see `http://x.org/a,` then"),
        ("HTTPS://x.org|b", r"`HTTPS://x.org`\|b"),
        ("WWW.x.org (www.y.org)", "`WWW.x.org` `(www.y.org)`"),
        ("ask @team or a_b@x.org", "ask `@team` or `a_b@x.org`"),
        ("$x_1$ and $$ y $$", "`$x_1$` and `$$` y `$$`"),
        ("#12, C# and # no heading", "`#12,` C# and # no heading"),
        ("`@a`@b", r"\``@a`\``@b`"),
        (r"a\@b\www.x", r"a\\`@b`\\`www.x`"),
        ("ht\u200btp://x.org", "`http://x.org`"),
        ("&copy; &#64;x <b>", r"\&copy; `&#64;x` \<b\>"),
        ("5 * 3_000 ~ [a](b)", r"5 \* 3\_000 \~ \[a\](b)"),
    ],
)
def test_what_a_renderer_makes_links_or_formulas_of_is_code(
    card: ReleaseCard, words: str, shown: str
) -> None:
    data = card.data.model_copy(update={"source": words})
    assert f"- from: {shown}\n" in as_markdown(card.model_copy(update={"data": data}))


def test_names_in_tables_and_headings_are_as_harmless(card: ReleaseCard) -> None:
    model = card.model.model_copy(update={"consortium": "@all | www.x.org"})
    page = as_markdown(card.model_copy(update={"model": model}))
    assert page.startswith("# Model of `@all` \\| `www.x.org`, round 3\n")


def test_a_schedule_goes_with_the_rates_that_rounds_had(card: ReleaseCard) -> None:
    page = as_markdown(card)
    assert "- learning\\_rate: 0.5\n" in page
    assert "- learning\\_rate above: of a whole step" in page
    assert "- rate schedule: records: 0; rule: rounds; start: 1024\n" in page
    assert "- learning rate of final rounds: 0.5 in 1 to 2; 0.25 in 3\n" in page


def test_without_a_schedule_the_circuits_rate_is_every_rounds(card: ReleaseCard) -> None:
    fixed = card.training.model_copy(update={"rate_schedule": None, "final_rates": []})
    page = as_markdown(card.model_copy(update={"training": fixed}))
    assert "- learning\\_rate: 0.5\n" in page
    assert "whole step" not in page
    assert "final rounds: 0.5" not in page


def test_shards_that_came_to_train_are_said_to_be_in_the_counts(card: ReleaseCard) -> None:
    assert "used for training since" not in as_markdown(card)
    assert card.metrics is not None
    later = card.metrics.model_copy(update={"came_to_train": ["test shard 0 of member 2"]})
    page = as_markdown(card.model_copy(update={"metrics": later}))
    assert "Counted above, and used for training since:\n\n- test shard 0 of member 2\n" in page


def test_nobody_is_said_to_have_written_the_intended_use(card: ReleaseCard) -> None:
    page = as_markdown(card)
    assert "As given by whoever wrote this card; nothing here proves it." in page
    assert "office" not in page
    default = card.intended_use.model_copy(update={"given": False})
    assert "As given" not in as_markdown(card.model_copy(update={"intended_use": default}))
