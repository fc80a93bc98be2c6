"""The plan: distinct products, colours that share everything else, views that belong together."""

from dataclasses import replace
from itertools import groupby

import pytest

from demo.catalogue import (
    COLOURS_PER_STYLE,
    FAMILIES,
    LARGEST,
    catalogue_pictures,
    featured_pictures,
    featured_product,
    plan_products,
    query_picture,
)
from demo.render import DEFAULT_PRODUCTS, draw_picture


class TestPlanProducts:
    @pytest.mark.parametrize("seed", [0, 7, 12345])
    def test_every_product_of_the_largest_catalogue_is_another(self, seed: int) -> None:
        shelf = plan_products(seed, LARGEST)
        assert len({product.id for product in shelf}) == LARGEST
        kinds = {
            (product.look.category, product.look.shape, product.look.pattern, product.look.colour)
            for product in shelf
        }
        assert len(kinds) == LARGEST

    def test_a_smaller_catalogue_is_the_start_of_a_larger_one(self) -> None:
        assert plan_products(7, 20) == plan_products(7, 100)[:20]

    def test_product_types_are_balanced(self) -> None:
        shelf = plan_products(7, DEFAULT_PRODUCTS)
        per_type = [
            sum(product.look.category == category for product in shelf) for category in FAMILIES
        ]
        assert len(per_type) >= 10
        assert max(per_type) - min(per_type) <= 1

    def test_colours_of_a_style_share_everything_but_the_colour(self) -> None:
        shelf = sorted(plan_products(7, 13 * 6), key=lambda product: product.look.cloth)
        styles = [list(group) for _, group in groupby(shelf, lambda product: product.look.cloth)]
        assert len(styles) == 13 * 6 // COLOURS_PER_STYLE
        for style in styles:
            assert len({product.look.colour for product in style}) == COLOURS_PER_STYLE
            plain = {replace(product.look, colour="ivory") for product in style}
            assert len(plain) == 1

    def test_colours_of_a_style_are_photographed_alike(self) -> None:
        shelf = plan_products(7, 13 * 3)
        mugs = [product for product in shelf if product.look.category == "mugs"]
        shots = {tuple(p.shot for p in catalogue_pictures(7, product)) for product in mugs}
        assert len(mugs) == 3
        assert len(shots) == 1


class TestPictures:
    def test_kinds_and_products(self) -> None:
        for product in plan_products(7, 13):
            shown = catalogue_pictures(7, product)
            assert [picture.shot.kind for picture in shown] == ["studio", "angle"]
            assert query_picture(7, product).shot.kind == "wild"
            assert {picture.product for picture in shown} == {product.id}

    def test_featured_is_a_bag_where_there_is_one(self) -> None:
        shelf = plan_products(7, 13)
        assert featured_product(shelf).family.category == "bags"
        assert featured_product(shelf[:1]) is shelf[0]

    def test_featured_queries_show_one_product_twice(self) -> None:
        product = plan_products(7, 1)[0]
        first, second = featured_pictures(7, product)
        assert (first.path, second.path) == ("queries/first.jpg", "queries/second.jpg")
        assert first.look == second.look == product.look
        assert first.shot.view != second.shot.view

    @pytest.mark.parametrize("category", sorted(FAMILIES))
    def test_every_value_of_every_factor_can_be_drawn(self, category: str) -> None:
        family = FAMILIES[category]
        place = list(FAMILIES).index(category)
        product = plan_products(7, place + 1)[place]
        picture = catalogue_pictures(7, product)[0]
        looks = [replace(product.look, shape=shape) for shape in family.shapes]
        looks += [replace(product.look, detail=detail) for detail in family.details]
        looks += [replace(product.look, pattern=pattern) for pattern in family.patterns]
        drawn = [draw_picture(replace(picture, look=look), 128) for look in looks]
        # The product's own shape, detail and pattern come up once in each of the three lists.
        assert len(set(drawn)) == len(looks) - 2
