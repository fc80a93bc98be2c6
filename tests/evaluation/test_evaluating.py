"""Whole evaluations: real pictures, the real classic model, a tiny network, a real catalogue."""

from pathlib import Path

import numpy as np
import pytest

from catalog.embeddings import Embeddings
from catalog.records import ProductFields
from embedding.classic import ClassicEmbedder
from embedding.images import DecodeLimits, decode
from evaluation.description_cache import DescriptionCache
from evaluation.errors import RelationInvalid, SourceInvalid
from evaluation.evaluating import Options, evaluate, usual_relations
from evaluation.models import EmbeddingModel
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.results import Evaluation
from evaluation.roster import contenders
from evaluation.sources.catalogue_csv import read_catalogue_csv
from evaluation.sources.collection import read_collection
from evaluation.watching import Unwatched
from ingestion.products import PictureFile, upsert_product
from retrieval.batching import BatchingEmbedder
from retrieval.home import Home
from tests.embedding.tiny_model import write_tiny_model
from tests.evaluation.making import Given, picture_set, write_catalogue
from tests.pictures import jpeg


def read(path: Path) -> PictureSet:
    return read_catalogue_csv(path, queries=None, gallery=None, most_bytes=1_000_000)


@pytest.fixture
def measured(tmp_path: Path):
    """measured(pictures, contenders…, option=…): an evaluation."""

    def run(pictures: PictureSet, *taking_part, **options) -> Evaluation:
        return evaluate(
            pictures,
            taking_part or [EmbeddingModel(ClassicEmbedder(), DecodeLimits())],
            Options(**{"draws": 50, **options}),
            cache=DescriptionCache(tmp_path / "cache"),
            threads=2,
            watch=Unwatched(),
        )

    return run


class TestEvaluate:
    def test_agrees_with_a_naive_recomputation(self, measured, tmp_path: Path) -> None:
        catalogue = write_catalogue(tmp_path, products=6, views=3)
        pictures = read(catalogue)

        result = measured(pictures, relations=(Relation(("category",)),)).results[0]

        embedder = ClassicEmbedder()
        vectors = embedder.embed([decode(each.read()).image for each in pictures.pictures])
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -2.0)
        category = np.array(pictures.labels["category"])
        order = np.argsort(-cosines, axis=1)[:, :-1]
        right = category[order] == category[:, None]
        outcome = result.outcomes[0]
        assert outcome.values["R@1"].tolist() == right[:, 0].tolist()
        assert outcome.values["P@5"] == pytest.approx(right[:, :5].mean(axis=1))
        assert outcome.whole.intervals["MRR"].mean == pytest.approx(
            np.mean(1 / (right.argmax(axis=1) + 1))
        )

    def test_breaks_down_by_category(self, measured, tmp_path: Path) -> None:
        evaluation = measured(
            read(write_catalogue(tmp_path)), relations=(Relation(("product_id",)),)
        )

        outcome = evaluation.results[0].outcomes[0]
        assert evaluation.broken_down_by == "category"
        assert {name: part.queries for name, part in outcome.parts.items()} == {"even": 4, "odd": 4}

    def test_leaves_out_for_all_what_one_contender_cannot_read(
        self, measured, tmp_path: Path
    ) -> None:
        catalogue = write_catalogue(tmp_path)
        (tmp_path / "0-1.jpg").write_bytes(b"no picture at all")

        evaluation = measured(read(catalogue))

        result = evaluation.results[0]
        assert list(evaluation.pictures.unreadable) == ["0-1.jpg"]
        assert len(result.trial.gallery) == 7
        assert result.trial.without_relevant == 1

    def test_says_when_no_picture_can_be_read(self, measured, tmp_path: Path) -> None:
        catalogue = write_catalogue(tmp_path)
        for path in tmp_path.glob("*.jpg"):
            path.write_bytes(b"no picture at all" + path.name.encode())

        with pytest.raises(SourceInvalid, match="no picture can be read"):
            measured(read(catalogue))

    def test_says_who_is_ahead_and_by_how_much(self, measured) -> None:
        labels = {"class": [str(each // 2) for each in range(20)]}
        pictures = picture_set(labels, contents=[str(each).encode() for each in range(20)])
        partners = np.kron(np.eye(10, dtype=np.float32), np.ones((2, 2), np.float32))

        result = measured(pictures, Given(-partners, "blind"), Given(partners, "seeing")).results[0]

        assert (result.lead.best, result.lead.next) == ("seeing", "blind")
        assert result.lead.difference.low == 1.0


class TestUsualRelations:
    def test_are_columns_that_pictures_share(self) -> None:
        labels = {"product_id": ["1", "2", "3"], "category": ["a", "a", "b"], "x": ["y", "y", "y"]}

        assert usual_relations(picture_set(labels)) == [Relation(("category",))]

    def test_ask_for_a_column_otherwise(self) -> None:
        with pytest.raises(RelationInvalid, match=r"--relation COLUMN.*kind"):
            usual_relations(picture_set({"kind": ["a", "a"]}))


class TestCollection:
    @pytest.fixture
    def filled(self, home: Home) -> Home:
        for product in range(3):
            upsert_product(
                ProductFields(f"p{product}", category="c", attributes={"size": product % 2}),
                [PictureFile(jpeg(product, quality=quality)) for quality in (90, 60)],
                collection="default",
                database=home.database,
                pictures=home.pictures,
                embedder_of=lambda _: BatchingEmbedder(ClassicEmbedder()),
                limits=home.limits,
            )
        return home

    def test_is_labelled_by_product_category_and_attributes(self, filled: Home) -> None:
        pictures = read_collection(filled, "default")

        assert pictures.labels == {
            "product_id": ["p0", "p0", "p1", "p1", "p2", "p2"],
            "category": ["c"] * 6,
            "size": ["0", "0", "1", "1", "0", "0"],
        }
        assert [each.name for each in pictures.pictures][:2] == ["p0 #1", "p0 #2"]

    def test_uses_the_vectors_that_are_stored(self, filled: Home, measured) -> None:
        pictures = read_collection(filled, "default")
        card = filled.store.card("classic")

        evaluation = measured(
            pictures, *contenders(["classic"], store=filled.store, limits=filled.limits)
        )

        with filled.database.read() as connection:
            stored = Embeddings(connection).all(1, card.fingerprint, card.dimension)[1]
        assert np.array_equal(
            np.stack(
                [
                    pictures.known[card.fingerprint][each.content_sha256]
                    for each in pictures.pictures
                ]
            ),
            stored,
        )
        assert not (filled.root.parent / "cache").exists(), "nothing had to be described"
        assert evaluation.results[0].outcomes[0].whole.intervals["R@1"].mean == 1.0

    def test_can_be_measured_under_another_model(
        self, filled: Home, measured, tmp_path: Path
    ) -> None:
        write_tiny_model(tmp_path / "tiny")
        filled.store.install(tmp_path / "tiny")

        evaluation = measured(
            read_collection(filled, "default"),
            *contenders(["tiny", "classic", "tiny"], store=filled.store, limits=filled.limits),
        )

        assert list(evaluation.costs) == ["tiny", "classic"]
        assert evaluation.costs["tiny"].bytes_per_picture == 32

    def test_says_how_an_empty_one_is_filled(self, home: Home) -> None:
        with pytest.raises(SourceInvalid, match="likeness index SOURCE --collection default"):
            read_collection(home, "default")
