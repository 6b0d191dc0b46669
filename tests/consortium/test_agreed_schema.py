"""Every party reads records by the schema that the agreements state, or not at all."""

from pathlib import Path

import pytest

from zkfl.agreed_schema import SchemaDisagreementError, agreed_schema
from zkfl.consortium import Consortium, ConsortiumError
from zkfl.datasets.public_schema import public_schema
from zkfl.party_card import agreements_hash
from zkfl.workspace import Workspace

WDBC, HEART = public_schema("wdbc"), public_schema("heart")


def agreements(**changes: object) -> Consortium:
    names = ("north", "south", "west")
    content = {"name": "c", "dataset": "wdbc", "circuits": "wdbc", "hospitals": names}
    return Consortium.agree(**(content | changes))


def test_a_shipped_schema_with_the_stated_digest_is_taken(tmp_path: Path) -> None:
    stated = agreements(schema_sha256=WDBC.digest())
    assert agreed_schema(Workspace(tmp_path), stated, public_schema) == WDBC


def test_agreements_of_earlier_versions_state_none(tmp_path: Path) -> None:
    assert agreed_schema(Workspace(tmp_path), agreements(), public_schema) == WDBC
    assert b"schema_sha256" not in agreements().to_json()


def test_a_file_with_the_stated_digest_is_taken(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.schema.write_text(HEART.to_json())
    stated = agreements(schema_sha256=HEART.digest())
    assert agreed_schema(workspace, stated, public_schema) == HEART


def test_another_schema_than_stated_is_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(SchemaDisagreementError, match=f"agreed on {HEART.digest()}"):
        agreed_schema(workspace, agreements(schema_sha256=HEART.digest()), public_schema)
    workspace.schema.write_text(HEART.to_json())
    with pytest.raises(SchemaDisagreementError, match=f"agreed on {WDBC.digest()}"):
        agreed_schema(workspace, agreements(schema_sha256=WDBC.digest()), public_schema)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    stated = agreements(dataset="ours", schema_sha256=HEART.digest())
    with pytest.raises(SchemaDisagreementError, match=r"schema\.json is missing"):
        agreed_schema(Workspace(tmp_path), stated, public_schema)


def test_a_file_that_nobody_agreed_on_is_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.schema.write_text(WDBC.to_json())
    with pytest.raises(SchemaDisagreementError, match="states no schema_sha256"):
        agreed_schema(workspace, agreements(), public_schema)


def test_the_digest_is_part_of_what_parties_sign() -> None:
    stated = [agreements(schema_sha256=schema.digest()) for schema in (WDBC, HEART)]
    assert len({agreements_hash(terms) for terms in (*stated, agreements())}) == 3


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(ConsortiumError, match="schema_sha256"):
        agreements(schema_sha256="AB")
