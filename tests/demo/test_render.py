"""The rendered folder: counts, files, determinism, interruption, and what is left alone."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from demo.catalogue import LARGEST, Product, catalogue_pictures, plan_products
from demo.errors import CatalogueTooLarge, FolderOccupied, FolderUnwritable
from demo.render import (
    COLUMNS,
    DEFAULT_PRODUCTS,
    DemoCatalogue,
    draw_mask,
    draw_missing,
    draw_picture,
    render_catalogue,
)
from demo.truth import PROGRESS_NAME

SIDE = 64
PRODUCTS = 13


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalogue:
    folder = tmp_path_factory.mktemp("demo")
    return render_catalogue(folder, products=PRODUCTS, side=SIDE, processes=1)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pixels(content: bytes) -> NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(content))).astype(np.float64)


def small(folder: Path, **options: object) -> DemoCatalogue:
    arguments = {"products": 2, "side": 32, "processes": 1} | options
    return render_catalogue(folder, **arguments)  # type: ignore[arg-type]


class TestDeterminism:
    def test_two_processes_write_the_same_bytes_as_one(
        self, rendered: DemoCatalogue, tmp_path: Path
    ) -> None:
        again = render_catalogue(tmp_path, products=PRODUCTS, side=SIDE, processes=2)
        assert again.drawn == rendered.drawn
        assert files(tmp_path) == files(rendered.folder)

    def test_another_seed_shows_other_products(self, tmp_path: Path) -> None:
        one, other = small(tmp_path / "one"), small(tmp_path / "other", seed=8)
        assert one.manifest.read_bytes() != other.manifest.read_bytes()
        assert one.first_query.read_bytes() != other.first_query.read_bytes()


class TestCounts:
    def test_the_default_catalogue_has_500_pictures_of_products(self) -> None:
        assert 3 * DEFAULT_PRODUCTS >= 500
        assert DEFAULT_PRODUCTS <= LARGEST

    def test_files_are_those_reported(self, rendered: DemoCatalogue) -> None:
        counted = {
            name: len(list((rendered.folder / name).glob("*.jpg")))
            for name in ("pictures", "queries", "pairs")
        }
        assert counted == {
            "pictures": rendered.catalogue_pictures,
            "queries": rendered.query_pictures,
            "pairs": 2 * rendered.pairs,
        }
        assert rendered.catalogue_pictures == 2 * PRODUCTS
        assert rendered.query_pictures == PRODUCTS + 2
        assert rendered.products == PRODUCTS

    def test_every_picture_opens_as_an_rgb_jpeg(self, rendered: DemoCatalogue) -> None:
        for path in rendered.folder.rglob("*.jpg"):
            with Image.open(path) as picture:
                picture.load()
                assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (SIDE, SIDE))


class TestManifest:
    def test_rows_are_what_an_indexer_takes(self, rendered: DemoCatalogue) -> None:
        with rendered.manifest.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert tuple(rows[0]) == COLUMNS
        assert len({row["id"] for row in rows}) == PRODUCTS
        for row in rows:
            assert float(row["price"]) > 0
            images = row["images"].split("|")
            assert len(images) == 2
            assert all((rendered.folder / image).is_file() for image in images)
            assert not any("wild" in image for image in images)


class TestTrial:
    def test_customers_ask_with_one_picture_of_each_product(self, rendered: DemoCatalogue) -> None:
        with rendered.trial.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        asking = [row for row in rows if row["by"] == "customer"]
        assert [row["image"] for row in asking] == [
            f"queries/{row['id']}-wild.jpg" for row in asking
        ]
        shown = [row["image"] for row in rows if row["by"] == "shop"]
        with rendered.manifest.open(newline="") as lines:
            listed = [(row["id"], row["images"].split("|")) for row in csv.DictReader(lines)]
        assert [row["id"] for row in asking] == [product for product, _ in listed]
        assert shown == [image for _, images in listed for image in images]
        assert all((rendered.folder / row["image"]).is_file() for row in rows)


class TestGroundTruth:
    def test_it_names_exactly_the_pictures_there_are(self, rendered: DemoCatalogue) -> None:
        truth = json.loads(rendered.ground_truth.read_bytes())
        on_disk = {name for name in files(rendered.folder) if name.endswith(".jpg")}
        assert set(truth["pictures"]) == on_disk
        assert truth["counts"]["pictures"] == len(on_disk)

    def test_pictures_of_a_product_share_its_factors(self, rendered: DemoCatalogue) -> None:
        truth = json.loads(rendered.ground_truth.read_bytes())
        kinds = set()
        for picture in truth["pictures"].values():
            kinds.add(picture["kind"])
            if picture["product"] is not None:
                product = truth["products"][picture["product"]]
                shared = {name for name in product if name in picture["factors"]}
                assert {"shape", "colour", "pattern", "logo", "label_language"} <= shared
                assert all(product[name] == picture["factors"][name] for name in shared)
        assert kinds == {"studio", "angle", "wild"}

    def test_pairs_differ_in_their_one_factor(self, rendered: DemoCatalogue) -> None:
        truth = json.loads(rendered.ground_truth.read_bytes())
        for pair in truth["pairs"]:
            first, second = (
                truth["pictures"][pair[half]]["factors"] for half in ("first", "second")
            )
            changed = [name for name in first if first[name] != second[name]]
            assert changed == [pair["factor"]]
            assert pair["values"] == [first[pair["factor"]], second[pair["factor"]]]


class TestRestart:
    def test_a_finished_folder_is_left_as_it_is(self, tmp_path: Path) -> None:
        small(tmp_path)
        stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        assert small(tmp_path).drawn == 0
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == stamps

    def test_an_interrupted_rendering_is_completed(self, tmp_path: Path) -> None:
        def interrupt(done: int, total: int) -> None:
            del total
            if done == 9:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            small(tmp_path / "cut", progress=interrupt)
        assert not (tmp_path / "cut" / "ground_truth.json").exists()
        whole = small(tmp_path / "whole")
        completed = small(tmp_path / "cut")
        assert completed.drawn == whole.drawn - 9
        assert files(completed.folder) == files(whole.folder)
        assert not (completed.folder / PROGRESS_NAME).exists()

    def test_a_lost_picture_is_drawn_again(self, tmp_path: Path) -> None:
        first = small(tmp_path)
        before = files(tmp_path)
        first.second_query.unlink()
        assert small(tmp_path).drawn == 1
        assert files(tmp_path) == before

    @pytest.mark.parametrize("name", ["catalogue.csv", "trial.csv"])
    def test_a_lost_table_is_written_again(self, tmp_path: Path, name: str) -> None:
        small(tmp_path)
        before = files(tmp_path)
        (tmp_path / name).unlink()
        assert small(tmp_path).drawn == 0
        assert files(tmp_path) == before

    def test_force_draws_everything_again(self, tmp_path: Path) -> None:
        first = small(tmp_path)
        first.first_query.write_bytes(b"scribbled over")
        assert small(tmp_path, force=True).drawn == first.drawn
        assert first.first_query.read_bytes()[:2] == b"\xff\xd8"

    def test_another_seed_replaces_our_files_and_no_others(self, tmp_path: Path) -> None:
        small(tmp_path, products=3)
        mine = tmp_path / "pictures" / "holiday.jpg"
        mine.write_bytes(b"mine")
        small(tmp_path, seed=8)
        fresh = files(small(tmp_path.with_name("fresh"), seed=8).folder)
        assert files(tmp_path) == fresh | {"pictures/holiday.jpg": b"mine"}


class TestDrawMissing:
    def test_draws_what_is_not_there_and_nothing_else(self, tmp_path: Path) -> None:
        wanted = [
            picture for each in plan_products(7, 2) for picture in catalogue_pictures(7, each)
        ]
        kept = tmp_path / wanted[0].path
        kept.parent.mkdir(parents=True)
        kept.write_bytes(b"drawn before")
        seen: list[tuple[int, int]] = []

        draw_missing(tmp_path, wanted, side=32, progress=lambda *done: seen.append(done))

        assert files(tmp_path) == {
            wanted[0].path: b"drawn before",
            **{each.path: draw_picture(each, 32) for each in wanted[1:]},
        }
        assert seen == [(1, 3), (2, 3), (3, 3)]


class TestDrawMask:
    @pytest.mark.parametrize("product", plan_products(7, 13), ids=lambda each: each.look.category)
    def test_is_where_a_product_hides_its_background(self, product: Product) -> None:
        front = catalogue_pictures(7, product)[0]
        other = "cool grey" if front.shot.background != "cool grey" else "warm white"
        moved = replace(front, shot=replace(front.shot, background=other))
        mask = draw_mask(front, 96)
        away = np.abs(pixels(draw_picture(front, 96)) - pixels(draw_picture(moved, 96)))

        assert mask.shape == (96, 96)
        assert 0.05 < mask.mean() < 0.9
        # The grey is bluer than both whites by 11; compression carries up to 3 of it into thin
        # things, such as a chair's legs.
        assert np.median(away[mask == 0.0].max(axis=1)) > 8.0
        assert np.median(away[mask == 1.0].max(axis=1)) < 4.0


class TestRefusals:
    @pytest.mark.parametrize("name", ["catalogue.csv", "trial.csv", "ground_truth.json"])
    def test_somebody_elses_catalogue_is_not_touched(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("id,title\n1,Lamp\n")
        with pytest.raises(FolderOccupied, match=name):
            small(tmp_path)
        assert files(tmp_path) == {name: b"id,title\n1,Lamp\n"}

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "demo").write_text("a file")
        with pytest.raises(FolderUnwritable, match="Choose a folder"):
            small(tmp_path / "demo")

    @pytest.mark.parametrize("count", [0, -1, LARGEST + 1])
    def test_impossible_numbers_of_products(self, tmp_path: Path, count: int) -> None:
        with pytest.raises(CatalogueTooLarge, match=str(LARGEST)):
            small(tmp_path, products=count)
        assert files(tmp_path) == {}

    def test_a_ground_truth_cannot_point_outside_its_folder(self, tmp_path: Path) -> None:
        outside = tmp_path / "precious.jpg"
        outside.write_bytes(b"precious")
        demo = small(tmp_path / "demo")
        truth = json.loads(demo.ground_truth.read_bytes())
        truth["pictures"]["../precious.jpg"] = {}
        truth["pictures"][str(outside)] = {}
        demo.ground_truth.write_text(json.dumps(truth))
        small(tmp_path / "demo", seed=8)
        assert outside.read_bytes() == b"precious"
