"""The maps that a card holds, and how the store keeps them."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from embedding.card import CARD_FORMAT
from embedding.errors import ModelBroken, ModelError, ModelUnknown
from embedding.fused.making import fuse
from embedding.match_probability import ProbabilityMap
from embedding.model_names import SMALL
from embedding.store import ModelStore
from tests.calibrations import FIRST, calibration
from tests.embedding.tiny_model import write_tiny_model


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)
    write_tiny_model(tmp_path / "built")
    store.install(tmp_path / "built")
    return store


class TestMap:
    def test_is_linear_between_knots_and_constant_beyond(self) -> None:
        places = np.linspace(0.0, 1.0, 1001)
        expected = np.interp(places, FIRST.similarities, FIRST.probabilities)

        assert [FIRST(each) for each in places.tolist()] == pytest.approx(expected.tolist())

    def test_least_similarity_is_its_inverse(self) -> None:
        for probability in (0.1, 0.35, 0.6, 0.9, 0.95):
            least = FIRST.least_similarity(probability)
            assert least is not None
            assert FIRST(least) == pytest.approx(probability)
        assert FIRST.least_similarity(0.05) == 0.0
        assert FIRST.least_similarity(0.96) is None

    def test_of_one_knot_is_constant(self) -> None:
        constant = ProbabilityMap(similarities=(0.5,), probabilities=(0.3,))

        assert [constant(each) for each in (0.0, 0.5, 1.0)] == [0.3, 0.3, 0.3]
        assert (constant.least_similarity(0.3), constant.least_similarity(0.31)) == (0.0, None)

    @pytest.mark.parametrize(
        ("similarities", "probabilities"),
        [
            ((), ()),
            ((0.5,), (0.0,)),
            ((0.5,), (1.0,)),
            ((0.5,), (0.2, 0.3)),
            ((0.5, 0.5), (0.2, 0.3)),
            ((0.4, 0.5), (0.3, 0.2)),
            ((0.4, 1.5), (0.2, 0.3)),
        ],
    )
    def test_refuses(
        self, similarities: tuple[float, ...], probabilities: tuple[float, ...]
    ) -> None:
        with pytest.raises(ValidationError):
            ProbabilityMap(similarities=similarities, probabilities=probabilities)


class TestStored:
    @pytest.mark.parametrize("name", ["tiny", "classic", SMALL])
    def test_is_read_again_and_changes_no_fingerprint(self, store: ModelStore, name: str) -> None:
        before = store.card(name)
        stamp = store.card_stamp(name)

        stored = store.calibrate(name, calibration(before.fingerprint))

        card = store.card(name)
        assert card == stored
        assert card.in_force == calibration(before.fingerprint)
        assert (card.fingerprint, card.format_version) == (before.fingerprint, CARD_FORMAT)
        assert store.card_stamp(name) != stamp
        assert card in store.cards()

    @pytest.mark.parametrize("name", ["tiny", "classic", SMALL])
    def test_is_cleared(self, store: ModelStore, name: str) -> None:
        before = store.card(name)
        store.calibrate(name, calibration(store.card(name).fingerprint))

        store.calibrate(name, None)

        assert store.card(name).calibration is None
        assert store.card(name).uncalibrated_because == "is not calibrated"
        assert store.load(name).card.threshold == before.threshold

    def test_of_other_vectors_is_refused(self, store: ModelStore) -> None:
        with pytest.raises(ModelError, match="replaced while it was calibrated"):
            store.calibrate("tiny", calibration("0" * 64))

    def test_of_other_vectors_is_passed_over_with_a_reason(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        file = tmp_path / "models" / "tiny" / "card.json"
        card = store.card("tiny").calibrated(calibration("0" * 64))
        file.write_text(card.model_dump_json())

        found = store.card("tiny")

        assert found.in_force is None
        assert "000000000000…" in found.uncalibrated_because

    def test_keeps_what_is_known_of_other_collections(self, store: ModelStore) -> None:
        fingerprint = store.card("tiny").fingerprint
        for collection in ("shoes", None, "mugs", "shoes"):
            store.calibrate("tiny", calibration(fingerprint, collection=collection, hits_from=0.3))

        found = store.card("tiny").in_force

        assert found is not None
        assert [each.collection for each in found.hits] == [None, "mugs", "shoes"]
        mugs, other = (found.hits_in(name, found.hits[0].fitted_at) for name in ("mugs", "other"))
        assert mugs is not None
        assert other is not None
        assert (mugs.collection, other.collection) == ("mugs", None)

    def test_of_a_former_collection_is_not_that_of_another_with_its_name(self) -> None:
        found = calibration("0" * 64, collection="shoes")
        (shoes,) = found.hits

        assert found.hits_in("shoes", shoes.fitted_at) == shoes
        assert found.hits_in("shoes", shoes.fitted_at + timedelta(seconds=1)) is None

    def test_stays_when_the_same_model_is_installed_over_it(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        store.calibrate("tiny", calibration(store.card("tiny").fingerprint))

        store.install(tmp_path / "built", overwrite=True)

        assert store.card("tiny").in_force is not None

    def test_is_not_of_what_is_fused_with_the_model(self, store: ModelStore) -> None:
        store.calibrate("tiny", calibration(store.card("tiny").fingerprint))

        card = fuse(store, "mix", {"tiny": 0.5, "texture": 0.5}, overwrite=False)

        assert card.calibration is None
        assert card.parts[0].model is not None
        assert card.parts[0].model.calibration is None

    def test_a_damaged_one_of_classic_is_told_and_can_be_cleared(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        (tmp_path / "models" / "classic.calibration.json").write_text("{}")

        with pytest.raises(ModelBroken, match=r"classic\.calibration\.json"):
            store.card("classic")
        assert [name for name, _ in store.broken()] == ["classic"]
        store.calibrate("classic", None)
        assert store.card("classic").name == "classic"

    def test_of_a_model_that_is_not_there(self, store: ModelStore) -> None:
        with pytest.raises(ModelUnknown):
            store.calibrate("../tiny", None)

    def test_leaves_nothing_else_in_the_store(self, store: ModelStore, tmp_path: Path) -> None:
        store.calibrate("tiny", calibration(store.card("tiny").fingerprint))

        left = {each.name for each in (tmp_path / "models" / "tiny").iterdir()}
        assert left == {"card.json", "model.onnx"}
        assert json.loads((tmp_path / "models" / "tiny" / "card.json").read_text())["calibration"]
