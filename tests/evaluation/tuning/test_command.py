"""`likeness evaluate --tune` as it is typed: what it says, sets and makes."""

import json
from pathlib import Path

import pytest
from PIL import Image

from catalog.records import ProductFields
from embedding.card import ModelCard
from embedding.fused.weights import written
from ingestion.products import PictureFile, upsert_product
from retrieval.batching import BatchingEmbedder
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.embedding.tiny_model import write_tiny_model
from tests.evaluation.command_line import CommandLine
from tests.pictures import drawn, encoded

PRODUCTS = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tune")


def views(product: int) -> list[bytes]:
    """Upright and on its side: the colours stay, edges do not."""
    upright = drawn(product)
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    return [encoded(each, "JPEG", quality=90) for each in (upright, turned)]


@pytest.fixture(scope="module")
def catalogue(folder: Path, likeness: CommandLine) -> Path:
    """Two views of each product; and the model `mix`, in which what does not help counts most."""
    write_tiny_model(folder / "home" / "models" / "tiny")
    likeness("models", "fuse", "mix", "--part", "texture=0.96", "--part", "colour=0.04")
    shop = folder / "shop"
    shop.mkdir()
    lines = ["image,product_id,category"]
    for product in range(PRODUCTS):
        for number, content in enumerate(views(product)):
            (shop / f"{product}-{number}.jpg").write_bytes(content)
            lines.append(f"{product}-{number}.jpg,p{product},{product % 2}")
    (shop / "catalogue.csv").write_text("\n".join(lines))
    return shop / "catalogue.csv"


@pytest.fixture(scope="module")
def collection(folder: Path, catalogue: Path) -> str:
    with Home(EngineSettings(home=folder / "home", model="mix")) as home:
        home.ensure_collection("default")
        embedder = home.store.load("mix")
        for product in range(PRODUCTS):
            upsert_product(
                ProductFields(f"p{product}"),
                [PictureFile(content) for content in views(product)],
                collection="default",
                database=home.database,
                pictures=home.pictures,
                embedder_of=lambda _: BatchingEmbedder(embedder),
                limits=home.limits,
            )
    return "default"


class TestTune:
    def test_says_what_is_gained_and_what_to_type(
        self, likeness: CommandLine, catalogue: Path
    ) -> None:
        printed = likeness(
            "evaluate", catalogue, "--tune", "--model", "mix", "--relation", "product_id"
        ).stdout

        assert "texture alone" in printed
        assert f"drawn by product_id ({PRODUCTS})" in printed
        assert "Tuned weights find more than those in use" in printed
        assert "likeness models fuse mix-tuned --part" in printed

    def test_gives_everything_to_programs(self, likeness: CommandLine, catalogue: Path) -> None:
        given = json.loads(
            likeness(
                "evaluate",
                catalogue,
                "--tune",
                "--model",
                "mix",
                "--relation",
                "product_id",
                "--json",
            ).stdout
        )

        assert given["is_gain"] is True
        assert given["measured"]["queries"] == {"same product_id": 2 * PRODUCTS}
        assert sum(given["recommended"].values()) == pytest.approx(1.0)
        assert [half["units"] for half in given["halves"]] == [PRODUCTS // 2] * 2

    def test_sets_the_balance_of_the_collection(
        self, likeness: CommandLine, collection: str
    ) -> None:
        likeness("calibrate")
        run = likeness("evaluate", "--tune", "--apply", "--json")

        recommended = json.loads(run.stdout)["recommended"]
        assert "The balance of collection default is set." in run.stderr
        assert "likeness calibrate --collection default" in run.stderr
        balance = json.loads(likeness("balance", "--json").stdout)["balance"]
        assert balance == pytest.approx(recommended)
        measured = json.loads(likeness("evaluate", "--json").stdout)
        assert [each["name"] for each in measured["models"]] == [f"mix ({written(balance)})"]
        again = likeness("evaluate", "--tune", "--apply")
        assert "Nothing was gained" in again.stdout
        assert "left as it is" in again.stderr

    def test_makes_a_model_whose_card_says_how_it_was_chosen(
        self, likeness: CommandLine, catalogue: Path, folder: Path
    ) -> None:
        likeness("models", "fuse", "even", "--part", "colour=0.9", "--part", "texture=0.1")
        shop = ("evaluate", catalogue, "--tune", "--model", "even", "--relation", "category")

        likeness(*shop, "--as", "even-tuned")

        card = ModelCard.model_validate_json(
            (folder / "home" / "models" / "even-tuned" / "card.json").read_text()
        )
        assert card.weights_chosen is not None
        assert card.weights_chosen.relations == ("same category",)
        assert card.weights_chosen.split_by == ("product_id",)
        assert card.weights_chosen.units == PRODUCTS

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--model", "tiny"], "likeness models fuse mix --part tiny=1"),
            (["--model", "mix", "--model", "classic"], "takes one fused model"),
            (["--model", "mix", "--apply"], "--apply sets the balance of a collection"),
            (["--model", "mix", "--relation", "size"], "no column 'size'"),
            (["--model", "mix", "--by", "category"], "--by cannot be used with --tune"),
        ],
    )
    def test_refuses(
        self, likeness: CommandLine, catalogue: Path, arguments: list[str], said: str
    ) -> None:
        refused = likeness("evaluate", catalogue, "--tune", *arguments, code=2)

        assert said in " ".join(refused.stderr.replace("│", " ").split())
        assert "Traceback" not in refused.stderr
