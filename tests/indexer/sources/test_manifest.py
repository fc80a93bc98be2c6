"""Manifests of every format, as products."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from indexer.errors import ManifestInvalid
from indexer.items import BrokenItem, Item
from indexer.sources.csv_format import CsvFormat
from indexer.sources.jsonl_format import JsonLinesFormat
from indexer.sources.list_format import AddressListFormat
from indexer.sources.manifest import Format, ManifestSource, snapshot
from indexer.sources.references import ReferenceRules

BASE = Path("/shop")
REPO_ROOT = Path(__file__).resolve().parents[3]


def manifest(form: type[Format], text: str | bytes) -> ManifestSource:
    content = text.encode() if isinstance(text, str) else text
    file: BinaryIO = io.BytesIO(content)
    return ManifestSource(form(file), ReferenceRules(BASE), file=file, version="1")  # type: ignore[call-arg]


def items_of(source: ManifestSource) -> dict[str, Item]:
    return {item.fields.external_id: item for item in source.items() if isinstance(item, Item)}


def broken_of(source: ManifestSource) -> list[BrokenItem]:
    return [item for item in source.items() if isinstance(item, BrokenItem)]


def pictures(item: Item) -> list[str]:
    return [reference.source for reference in item.references]


class TestCsvColumns:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_every_field_is_read_with_any_delimiter(self, delimiter: str) -> None:
        header = ["id", "image", "title", "price", "category", "url", "brand", "stock"]
        row = ["a1", "a.jpg", "A mug", "12.50", "mugs", "https://s/a1", "Acme", "7"]
        source = manifest(CsvFormat, delimiter.join(header) + "\n" + delimiter.join(row) + "\n")
        (item,) = items_of(source).values()
        fields = item.fields
        assert (fields.external_id, fields.title, fields.price) == ("a1", "A mug", 12.5)
        assert (fields.category, fields.url) == ("mugs", "https://s/a1")
        assert fields.attributes == {"brand": "Acme", "stock": 7}
        assert item.references[0].location == BASE / "a.jpg"

    def test_a_mark_and_windows_line_ends_are_no_part_of_it(self) -> None:
        source = manifest(CsvFormat, "\ufeffid,image\r\na,a.jpg\r\n")
        assert pictures(items_of(source)["a"]) == ["a.jpg"]

    def test_product_id_is_an_id_and_case_does_not_matter(self) -> None:
        source = manifest(CsvFormat, "Image,Product_ID,Title\na.jpg,p1,T\n")
        assert items_of(source)["p1"].fields.title == "T"

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("7", 7),
            ("-3.5", -3.5),
            ("4.90", 4.9),
            ("007", "007"),
            ("1e5", "1e5"),
            ("+3", "+3"),
            ("12345678901234567890", "12345678901234567890"),
            ("true", True),
            ("false", False),
            ("True", "True"),
            ("nan", "nan"),
        ],
    )
    def test_attributes_are_typed_when_there_is_no_doubt(self, cell: str, value: object) -> None:
        item = items_of(manifest(CsvFormat, f"id,image,x\na,a.jpg,{cell}\n"))["a"]
        assert item.fields.attributes["x"] == value
        assert type(item.fields.attributes["x"]) is type(value)

    def test_empty_cells_are_absent(self) -> None:
        item = items_of(manifest(CsvFormat, "id,image,title,x\na,a.jpg,,\n"))["a"]
        assert item.fields.title is None
        assert item.fields.attributes == {}

    def test_columns_that_no_filter_could_name_are_left_out_and_said(self) -> None:
        source = manifest(CsvFormat, "id,image,Price (EUR),brand\na,a.jpg,3,Acme\n")
        assert items_of(source)["a"].fields.attributes == {"brand": "Acme"}
        assert "Price (EUR)" in source.notes()[0]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "no column `id`"),
            ("sku,image\na,b.jpg\n", "sku, image"),
            ("id,title\na,b\n", "no column `image`"),
            ("id,image,x,x\na,b,c,d\n", "more than one column 'x'"),
            (b"\xff\xfei\x00d\x00", "UTF-16"),
            (b"id,im\xffage\n", "column names"),
        ],
    )
    def test_without_them_the_whole_manifest_is_refused(self, text: str, told: str) -> None:
        with pytest.raises(ManifestInvalid, match=None) as refused:
            manifest(CsvFormat, text)
        assert told in str(refused.value)


class TestCsvPictures:
    @pytest.mark.parametrize(
        "cell", ["a.jpg|b.jpg", " a.jpg | b.jpg |", '"[""a.jpg"", ""b.jpg""]"']
    )
    def test_several_in_a_cell(self, cell: str) -> None:
        item = items_of(manifest(CsvFormat, f"id,images\na,{cell}\n"))["a"]
        assert pictures(item) == ["a.jpg", "b.jpg"]

    def test_both_columns_count(self) -> None:
        item = items_of(manifest(CsvFormat, "id,image,images\na,a.jpg,b.jpg|c.jpg\n"))["a"]
        assert pictures(item) == ["a.jpg", "b.jpg", "c.jpg"]

    def test_none_is_a_broken_item_with_an_id(self) -> None:
        (broken,) = broken_of(manifest(CsvFormat, "id,image\na,\n"))
        assert broken.item_id == "a"
        assert str(broken.error).startswith("Line 2: ")


class TestRowsOfOneProduct:
    TEXT = (
        "image,product_id,title,view,brand\n"
        "a0.jpg,a,,front,Acme\n"
        "b0.jpg,b,Bag,front,Bcme\n"
        "a1.jpg,a,Mug,back,Acme\n"
        "c0.jpg,c,Cup,front,\n"
        "a2.jpg,a,Other,side,\n"
    )

    def test_become_one_with_all_pictures_wherever_they_stand(self) -> None:
        source = manifest(CsvFormat, self.TEXT)
        items = items_of(source)
        assert list(items) == ["a", "b", "c"]
        assert pictures(items["a"]) == ["a0.jpg", "a1.jpg", "a2.jpg"]
        assert source.total == 3

    def test_the_first_that_has_a_field_gives_it(self) -> None:
        assert items_of(manifest(CsvFormat, self.TEXT))["a"].fields.title == "Mug"

    def test_what_they_disagree_about_belongs_to_pictures_and_is_left_out(self) -> None:
        items = items_of(manifest(CsvFormat, self.TEXT))
        assert items["a"].fields.attributes == {"brand": "Acme"}
        assert items["b"].fields.attributes == {"brand": "Bcme", "view": "front"}

    def test_a_bad_one_is_a_remark_on_the_product(self) -> None:
        source = manifest(CsvFormat, "id,image,price\na,a.jpg,1\na,b.jpg,cheap\n")
        item = items_of(source)["a"]
        assert pictures(item) == ["a.jpg"]
        assert "Line 3" in str(item.remarks[0])

    def test_going_on_gives_the_same_positions(self) -> None:
        source = manifest(CsvFormat, self.TEXT)
        assert list(source.items(after=1)) == list(source.items())[1:]


class TestBrokenCsv:
    def test_lines_are_reported_with_their_number_and_the_rest_is_read(self) -> None:
        text = (
            b"id,image,title\n"
            b"a,a.jpg,Good\n"
            b"b,b.jpg,Too,many,cells\n"
            b",c.jpg,No id\n"
            b"d,d.jpg,Not \xff UTF-8\n"
            b"e,e.jpg,NUL \x00 inside\n"
            b"f,f.jpg,\xed\xa0\x80 half a character\n"
            b'g,g.jpg,"unclosed\n'
            b'h,h.jpg,"closed"\n'
            b"\n"
            b"i,i.jpg,Good\n"
        )
        source = manifest(CsvFormat, text)
        assert list(items_of(source)) == ["a", "h", "i"]
        lines = [str(broken.error).split(":")[0] for broken in broken_of(source)]
        assert lines == [f"Line {number}" for number in (3, 4, 5, 6, 7, 8)]

    def test_an_unclosed_quotation_mark_at_the_end_costs_one_line(self) -> None:
        rows = "".join(f"p{n},p{n}.jpg,t\n" for n in range(500))
        source = manifest(CsvFormat, f'id,image,title\nbad,x.jpg,"oops\n{rows}')
        assert len(items_of(source)) == 500
        assert len(broken_of(source)) == 1

    def test_line_breaks_in_cells_are_kept(self) -> None:
        source = manifest(CsvFormat, 'id,image,title\na,a.jpg,"two\nlines"\nb,b.jpg,x y\n')
        items = items_of(source)
        assert items["a"].fields.title == "two\nlines"
        assert items["b"].fields.title == "x y"

    def test_an_endless_line_is_one_broken_line(self) -> None:
        source = manifest(CsvFormat, "id,image\na," + "x" * 5_000_000 + "\nb,b.jpg\n")
        assert list(items_of(source)) == ["b"]
        assert len(broken_of(source)) == 1


class TestJsonLines:
    def test_attributes_inline_and_gathered(self) -> None:
        line = {
            "id": 17,
            "images": ["a.jpg", {"url": "https://s/b.jpg"}, {"path": "c.jpg"}],
            "title": "Mug",
            "price": "3.5",
            "colour": "red",
            "size": None,
            "attributes": {"stock": 3, "sale": True},
        }
        item = items_of(manifest(JsonLinesFormat, json.dumps(line)))["17"]
        assert pictures(item) == ["a.jpg", "https://s/b.jpg", "c.jpg"]
        assert (item.fields.title, item.fields.price) == ("Mug", 3.5)
        assert item.fields.attributes == {"colour": "red", "stock": 3, "sale": True}

    @pytest.mark.parametrize(
        "line",
        [
            '{"id": "x", "image": ',
            "[1, 2]",
            '{"image": "a.jpg"}',
            '{"id": true, "image": "a.jpg"}',
            '{"id": "x", "image": 7}',
            '{"id": "x", "image": "a.jpg", "title": 5}',
            '{"id": "x", "image": "a.jpg", "price": NaN}',
            '{"id": "x", "image": "a.jpg", "price": {}}',
            '{"id": "x", "image": "a.jpg", "tags": ["a"]}',
            '{"id": "x", "image": "a.jpg", "attributes": 5}',
            '{"id": "x\\ud800", "image": "a.jpg"}',
            '{"id": "x", "image": "a\\u0000.jpg"}',
            '{"id": "x", "image": "a.jpg", "n": ' + "9" * 5000 + "}",
            "[" * 100_000,
        ],
    )
    def test_a_broken_line_is_reported_alone(self, line: str) -> None:
        source = manifest(
            JsonLinesFormat,
            f'{{"id": "a", "image": "a.jpg"}}\n{line}\n\n{{"id": "b", "image": "b"}}',
        )
        assert list(items_of(source)) == ["a", "b"]
        (broken,) = broken_of(source)
        assert str(broken.error).startswith("Line 2: ")


class TestAddressList:
    def test_is_a_product_a_line(self) -> None:
        source = manifest(AddressListFormat, "# ours\nhttps://s/a.jpg\n\n  b.jpg \nb.jpg\n")
        items = items_of(source)
        assert list(items) == ["https://s/a.jpg", "b.jpg"]
        assert items["b.jpg"].references[0].location == BASE / "b.jpg"


class TestMemory:
    def test_stays_small_however_many_rows(self) -> None:
        # In an interpreter of its own: in one that has run for long, the table of interned strings
        # is large, and growing it by half would be counted as the manifest's.
        products, most = map(int, run_python(_COUNT_MEMORY).split())
        assert products == 50_000
        assert most < 100_000 * 100


_COUNT_MEMORY = r"""
import io, tracemalloc
from pathlib import Path
from indexer.sources.csv_format import CsvFormat
from indexer.sources.manifest import ManifestSource
from indexer.sources.references import ReferenceRules

lines = (f"p{n % 50_000},images/{n}.jpg,A rather long title of product {n}" for n in range(100_000))
file = io.BytesIO("\n".join(["id,image,title", *lines]).encode())
tracemalloc.start()
source = ManifestSource(CsvFormat(file), ReferenceRules(Path("/shop")), file=file, version="1")
print(sum(1 for _ in source.items()), tracemalloc.get_traced_memory()[1])
"""


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=REPO_ROOT
    ).stdout


class TestSnapshot:
    def test_is_a_copy_with_a_name_for_its_content(self) -> None:
        versions = []
        for content in (b"id,image\n", b"id,image\n", b"id,images\n"):
            copy, version = snapshot(io.BytesIO(content), 100)
            with copy:
                assert copy.read() == content
            versions.append(version)
        assert versions[0] == versions[1] != versions[2]

    def test_one_too_large_is_refused(self) -> None:
        with pytest.raises(ManifestInvalid, match="LIKENESS_MANIFEST_MAX_BYTES"):
            snapshot(io.BytesIO(b"x" * 101), 100)
