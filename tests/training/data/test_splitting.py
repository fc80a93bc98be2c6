import numpy as np
import pytest

from evaluation.pictures import PictureSet
from evaluation.relations import Positions
from tests.evaluation.making import picture_set
from training.data.joining import PRODUCT, SOURCE, TOGETHER, chosen_of
from training.data.splitting import Split, split
from training.errors import DataInvalid


def catalogue(products: int = 40, views: int = 3) -> PictureSet:
    numbers = range(products * views)
    return picture_set(
        {
            PRODUCT: [f"p{each // views}" for each in numbers],
            TOGETHER: [f"s{each // views // 2}" for each in numbers],
            SOURCE: ["one" if each // views % 4 < 2 else "two" for each in numbers],
        }
    )


def products_of(pictures: PictureSet, part: Positions) -> set[str]:
    return {pictures.labels[PRODUCT][place] for place in part.tolist()}


def parts(made: Split) -> list[Positions]:
    return [made.training, made.validation, made.held_out]


class TestSplitting:
    def test_parts_hold_every_picture_once_and_share_no_style(self) -> None:
        pictures = catalogue()

        made = split(pictures, validation=0.2, held_out=0.2, seed=1)

        assert sorted(np.concatenate(parts(made))) == list(range(len(pictures.pictures)))
        styles = [
            {pictures.labels[TOGETHER][place] for place in part.tolist()} for part in parts(made)
        ]
        assert len(set.union(*styles)) == sum(len(each) for each in styles)
        assert [len(each) for each in styles] == [12, 4, 4]

    def test_takes_its_share_of_every_source(self) -> None:
        pictures = catalogue()

        made = split(pictures, validation=0.2, held_out=0.2, seed=1)

        sources = pictures.codes(SOURCE)
        assert np.bincount(sources[made.held_out]).tolist() == [12, 12]

    def test_where_a_product_goes_depends_on_its_label_and_the_seed_alone(self) -> None:
        pictures = catalogue()
        turned = chosen_of(pictures, np.arange(len(pictures.pictures))[::-1])

        made = split(pictures, validation=0.2, held_out=0.2, seed=1)
        again = split(turned, validation=0.2, held_out=0.2, seed=1)
        other = split(pictures, validation=0.2, held_out=0.2, seed=2)

        assert products_of(pictures, made.held_out) == products_of(turned, again.held_out)
        assert products_of(pictures, made.held_out) != products_of(pictures, other.held_out)

    def test_copies_of_one_file_stay_together(self) -> None:
        views = [b"shared" if each % 3 == 0 else f"{each}".encode() for each in range(60)]
        pictures = picture_set(
            {
                PRODUCT: [f"p{each // 3}" for each in range(60)],
                TOGETHER: [f"p{each // 3}" for each in range(60)],
                SOURCE: ["one"] * 60,
            },
            contents=views,
        )

        with pytest.raises(DataInvalid, match="of 20 products with several pictures, 0 are"):
            split(pictures, validation=0.2, held_out=0.2, seed=1)


def test_refuses_a_catalogue_too_small_to_hold_any_out() -> None:
    with pytest.raises(DataInvalid, match="2 are the least"):
        split(catalogue(products=4), validation=0.2, held_out=0.2, seed=1)
