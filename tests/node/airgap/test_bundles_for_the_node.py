"""Bundles that reach a node without network and must change nothing there."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zkfl.airgap import container
from zkfl.airgap.bundles import (
    ChainMoment,
    ToNodeHeader,
    open_to_node,
    read_bundle,
    seal_to_node,
)
from zkfl.airgap.container import Part
from zkfl.airgap.errors import (
    BundleFileError,
    BundleNotReadyError,
    BundleRefusedError,
    UnansweredReadError,
)
from zkfl.airgap.signatures import relay_signer
from zkfl.artifacts import ArtifactStore
from zkfl.chain.fees import FeeLimits
from zkfl.chain.states import UNSTATED
from zkfl.errors import ZkflError

if TYPE_CHECKING:
    from conftest import Island, Site

ELSEWHERE = "0x" + "77" * 20


def refuses(island: "Island", content: bytes, error: type[ZkflError], message: str) -> None:
    before = kept(island)
    with pytest.raises(error, match=message):
        island.here.take_in(content)
    assert kept(island) == before


def kept(island: "Island") -> list[tuple[Path, bytes]]:
    folders = [island.here.folder, island.store_folder]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(path, path.read_bytes()) for path in files]


def resealed(island: "Island", bundle: bytes, *, raw: bytes | None = None, **changes: Any) -> bytes:  # noqa: ANN401
    """Return a bundle as the trusted relay itself would seal it, with something changed."""
    opened = open_to_node(bundle, lambda *_: None)
    answers = changes.pop("answer_bytes", opened.answers)
    artefacts = changes.pop("artefact_bytes", opened.artefacts)
    changes.setdefault("answers", Part.of(answers))
    changes.setdefault("artefacts", tuple(Part.of(artefact) for artefact in artefacts))
    header = opened.header.model_copy(update=changes)
    sign = relay_signer(relay_key(island))
    if raw is not None:
        return container.seal_bundle(raw, [answers, *artefacts], sign)
    return seal_to_node(header, answers, artefacts, sign)


def relay_key(island: "Island") -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes((island.relay.folder / "relay.key").read_bytes())


def test_a_flipped_bit_anywhere(island: "Island", bundle: bytes) -> None:
    front = range(len(container.MAGIC) + 1 + 64 + 4 + 40)
    for place in {*front, *range(0, len(bundle), len(bundle) // 50), len(bundle) - 1}:
        changed = bytearray(bundle)
        changed[place] ^= 1
        with pytest.raises((BundleRefusedError, BundleFileError)):
            island.here.take_in(bytes(changed))
    assert not island.store.holds(UNSTATED)
    assert [path.name for path, _ in kept(island)] == ["airgap.json"]


@pytest.mark.parametrize("share", [0, 0.0001, 0.5, 0.999_999])
def test_cut_short(island: "Island", bundle: bytes, share: float) -> None:
    cut = bundle[: int(len(bundle) * share)]
    refuses(island, cut, ZkflError, r"no bundle|not signed|cut short")


def test_something_behind_the_end(island: "Island", bundle: bytes) -> None:
    refuses(island, bundle + b"\0", BundleRefusedError, "not signed by the relay")


def test_an_older_one_and_the_same_again(site: "Site", island: "Island", bundle: bytes) -> None:
    newer = island.relay.export(site.anvil.url).content
    island.here.take_in(newer)
    island.here.take_in(newer)
    refuses(island, bundle, BundleRefusedError, "number 1, number 2 was taken before")


def test_another_one_of_the_same_number(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    other = resealed(island, bundle, lacking=("77" * 32,))
    refuses(island, other, BundleRefusedError, "another of the same number")


def test_an_older_block_under_a_newer_number(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    moment = open_to_node(bundle, lambda *_: None).header.moment
    earlier = moment.model_copy(update={"number": moment.number - 1})
    behind = resealed(island, bundle, sequence=2, moment=earlier)
    refuses(island, behind, BundleRefusedError, "the relay's endpoint is behind")


def test_another_relay(island: "Island", bundle: bytes) -> None:
    opened = open_to_node(bundle, lambda *_: None)
    sign = relay_signer(Ed25519PrivateKey.generate())
    other = seal_to_node(opened.header, opened.answers, opened.artefacts, sign)
    refuses(island, other, BundleRefusedError, "not signed by the relay that this node trusts")


@pytest.mark.parametrize(
    ("name", "value"),
    [("member", ELSEWHERE), ("registry", ELSEWHERE), ("chain_id", 1)],
)
def test_for_somebody_else(island: "Island", bundle: bytes, name: str, value: object) -> None:
    binding = open_to_node(bundle, lambda *_: None).header.binding
    other = resealed(island, bundle, binding=binding.model_copy(update={name: value}))
    refuses(island, other, BundleRefusedError, f"is for {name} {value}, not")


def test_of_a_chain_of_the_same_id(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    binding = open_to_node(bundle, lambda *_: None).header.binding
    reset = binding.model_copy(update={"genesis": "77" * 32})
    other = resealed(island, bundle, sequence=2, binding=reset)
    refuses(island, other, BundleRefusedError, "is for genesis 7777")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answers": Part(sha256="77" * 32, size=2**28)}, "header lists"),
        ({"artefacts": ()}, "header lists"),
        ({"answer_bytes": b"[" * 100_000}, "the bundle's answers"),
        ({"answer_bytes": b"{"}, "the bundle's answers"),
        ({"answer_bytes": b'{"../../x": {"result": 1}}'}, "the bundle's answers"),
        ({"answer_bytes": b'{"' + b"7" * 64 + b'": {}}'}, "neither a result nor an error"),
    ],
    ids=["swells", "hides a part", "deep", "no json", "a path", "no answer"],
)
def test_a_hostile_relay(
    island: "Island", bundle: bytes, changes: dict[str, Any], message: str
) -> None:
    refuses(island, resealed(island, bundle, **changes), BundleFileError, message)


def test_an_artefact_under_another_hash(island: "Island", bundle: bytes) -> None:
    [artefact] = open_to_node(bundle, lambda *_: None).artefacts
    stated = (Part(sha256="77" * 32, size=len(artefact)),)
    lie = resealed(island, bundle, artefacts=stated)
    refuses(island, lie, BundleFileError, "does not hash to 7777")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace('"sha256":"', '"sha256":"../', 1),
            "String should match pattern",
        ),
        (lambda text: text.replace("v1", "v2", 1), "it has the format 'zkfl.bundle.to-node.v2'"),
        (lambda text: text.replace("{", '{"path":"/etc/passwd",', 1), "Extra inputs"),
        (lambda _: "[" * 10_000, "it is no JSON"),
    ],
    ids=["a path for a hash", "a later version", "a name", "deep"],
)
def test_a_header_that_is_none(
    island: "Island", bundle: bytes, change: Callable[[str], str], message: str
) -> None:
    text = container.peek_header(bundle).decode()
    ToNodeHeader.model_validate_json(text)
    refuses(island, resealed(island, bundle, raw=change(text).encode()), BundleFileError, message)


def test_files_that_are_none(tmp_path: Path) -> None:
    huge, pipe = tmp_path / "huge", tmp_path / "pipe"
    with huge.open("wb") as file:
        file.truncate(container.MAX_BUNDLE_BYTES + 1)
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(huge)
    for path, message in ((huge, "larger than"), (tmp_path / "link", "larger than")):
        with pytest.raises(BundleFileError, match=message):
            read_bundle(path)
    for path in (pipe, tmp_path, tmp_path / "absent"):
        with pytest.raises(BundleFileError, match="cannot be read"):
            read_bundle(path)


def test_before_a_relay_is_trusted_and_a_bundle_taken(
    site: "Site", island: "Island", bundle: bytes
) -> None:
    with pytest.raises(BundleNotReadyError, match="no bundle of the relay was taken yet"):
        island.turn()
    (island.here.folder / "airgap.json").unlink()
    with pytest.raises(BundleNotReadyError, match="trusts no relay yet"):
        island.here.take_in(bundle)
    with pytest.raises(BundleRefusedError, match="is no relay's key"):
        island.here.trust("0x77")
    island.here.trust("77" * 32)
    with pytest.raises(BundleRefusedError, match="say so with --replace"):
        island.here.trust(relay_key(island).public_key().public_bytes_raw().hex())
    island.here.trust(relay_key(island).public_key().public_bytes_raw().hex(), replace=True)
    island.here.take_in(bundle)
    taken = island.here.view
    island.here.trust("77" * 32, replace=True)
    with pytest.raises(BundleNotReadyError, match="no bundle of the relay was taken yet"):
        island.turn()
    assert taken.moment.number == site.coordinator().registry.client.block_number()


# --- relays that lie, and relays that are replaced ---


def moment_of(bundle: bytes) -> ChainMoment:
    return open_to_node(bundle, lambda *_: None).header.moment


def trusted_key(island: "Island") -> str:
    return relay_key(island).public_key().public_bytes_raw().hex()


def test_a_block_of_a_day_to_come(island: "Island", bundle: bytes) -> None:
    def ahead(seconds: int) -> bytes:
        timestamp = int(time.time()) + seconds
        moment = moment_of(bundle).model_copy(update={"timestamp": timestamp})
        return resealed(island, bundle, moment=moment)

    refuses(island, ahead(25 * 3600), BundleRefusedError, "ahead of this machine's clock")
    island.here.take_in(ahead(23 * 3600))


def test_a_block_that_the_chain_does_not_have_is_forgotten_on_request_alone(
    site: "Site", island: "Island", bundle: bytes
) -> None:
    lie = moment_of(bundle).model_copy(update={"number": 10**12})
    island.here.take_in(resealed(island, bundle, moment=lie))
    honest = island.relay.export(site.anvil.url).content
    refuses(island, honest, BundleRefusedError, "--forget-view")
    island.here.trust(trusted_key(island), replace=True)
    refuses(island, honest, BundleRefusedError, "one before showed block 1000000000000")
    island.here.trust(trusted_key(island), forget_view=True)
    assert island.here.latest_block() == 0
    refuses(island, bundle, BundleRefusedError, "number 1, number 1 was taken before")
    island.here.take_in(honest)
    assert island.here.latest_block() == moment_of(honest).number


def test_old_bundles_of_a_relay_that_is_trusted_again(
    site: "Site", island: "Island", bundle: bytes
) -> None:
    newer = island.relay.export(site.anvil.url).content
    island.here.take_in(newer)
    latest = moment_of(newer).number
    own = trusted_key(island)
    island.here.trust("77" * 32, replace=True)
    island.here.trust("78" * 32, replace=True)
    assert island.here.latest_block() == latest
    island.here.trust(own, replace=True)
    refuses(island, bundle, BundleRefusedError, "number 1, number 2 was taken before")
    # not even where everything else is forgotten
    island.here.trust("77" * 32, replace=True, forget_view=True)
    island.here.trust(own, replace=True)
    refuses(island, bundle, BundleRefusedError, "number 1, number 2 was taken before")
    island.here.take_in(newer)


def test_a_new_relay_goes_on_where_the_old_one_was(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    own, moment = trusted_key(island), moment_of(bundle)
    another = Ed25519PrivateKey.generate()
    island.here.trust(another.public_key().public_bytes_raw().hex(), replace=True)
    opened = open_to_node(bundle, lambda *_: None)

    def of_the_new(number: int) -> bytes:
        shown = moment.model_copy(update={"number": number})
        header = opened.header.model_copy(update={"moment": shown})
        return seal_to_node(header, opened.answers, opened.artefacts, relay_signer(another))

    refuses(island, of_the_new(moment.number - 1), BundleRefusedError, "endpoint is behind")
    refuses(island, bundle, BundleRefusedError, "not signed by the relay that this node trusts")
    island.here.take_in(of_the_new(moment.number))
    assert own in island.here.notes.earlier


def test_notes_of_an_earlier_version_are_read(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    file = island.here.folder / "airgap.json"
    noted = json.loads(file.read_text())
    assert (noted.pop("earlier"), noted.pop("floor")) == ({}, 0)
    file.write_text(json.dumps(noted))
    assert island.here.latest_block() == moment_of(bundle).number


def test_answers_that_were_changed_on_the_nodes_disk(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    answers = island.here.folder / "answers.json"
    answers.write_bytes(answers.read_bytes().replace(b"0x", b"0X", 1))
    with pytest.raises(BundleFileError, match="not what the last bundle brought"):
        island.here.open_registry(FeeLimits())


def test_a_question_that_no_bundle_answers_is_answered_by_the_next(
    site: "Site", island: "Island", bundle: bytes
) -> None:
    island.here.take_in(bundle)
    registry, provider = island.here.open_registry(FeeLimits())
    with pytest.raises(UnansweredReadError, match="does not answer eth_getStorageAt"):
        registry.client.w3.eth.get_storage_at(registry.address, 3)  # type: ignore[arg-type]
    with pytest.raises(UnansweredReadError, match="eth_estimateGas needs a network"):
        registry.client.w3.eth.estimate_gas({"to": registry.address})  # type: ignore[typeddict-item]
    handed = island.here.hand_out(registry, provider.unanswered, [bytes.fromhex("77" * 32)])
    asked = island.bring_out(handed.content)
    assert (asked.wanted_reads, asked.wanted_artefacts) == (1, ("77" * 32,))
    answer = island.relay.export(site.anvil.url)
    assert answer.header.lacking == ("77" * 32,)
    island.here.take_in(answer.content)
    registry, provider = island.here.open_registry(FeeLimits())
    actual = site.coordinator().registry.client.w3
    expected = actual.eth.get_storage_at(registry.address, 3)  # type: ignore[arg-type]
    assert registry.client.w3.eth.get_storage_at(registry.address, 3) == expected  # type: ignore[arg-type]
    assert provider.unanswered == []


def test_an_artefact_that_the_node_asks_for(site: "Site", island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)
    content = b"something that the chain named long ago"
    digest = ArtifactStore(site.workspace.root / "store").put(content)
    registry, _ = island.here.open_registry(FeeLimits())
    island.bring_out(island.here.hand_out(registry, (), [digest]).content)
    island.bring_in()
    assert island.store.get(digest) == content
