"""The pages as a browser is given them: what they may load, how long they are kept, who may see."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from demo.render import render_catalogue
from service.pages import PAGES
from tests.service.running import Service, assert_problem, running
from web import FOLDER


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_loads_nothing_from_elsewhere_and_runs_no_inline_script(
        self, stocked: Service, path: str
    ) -> None:
        page = stocked.client.get(path)

        policy = page.headers.get_list("content-security-policy")
        assert len(policy) == 1
        assert "script-src 'self';" in policy[0]
        assert "unsafe" not in policy[0]
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(named) >= 3
        for address in named:
            assert address.startswith("/"), address
            assert stocked.client.get(address).status_code == 200, address
        assert not re.search(r"<script[^>]*>[^<]|<style|\son\w+=|\sstyle=", page.text)

    def test_every_module_that_is_imported_is_served(self, stocked: Service) -> None:
        for script in (FOLDER / "pages").rglob("*.js"):
            address = f"/assets/{script.relative_to(FOLDER / 'pages').as_posix()}"
            reply = stocked.client.get(address)
            assert "javascript" in reply.headers["content-type"]
            for imported in re.findall(r'from "(\.[^"]+)"', reply.text):
                assert (script.parent / imported).is_file(), f"{address} imports {imported}"

    def test_what_is_known_already_is_not_sent_again(self, stocked: Service) -> None:
        for path in ("/", "/assets/base.css", "/widget/visual-search.js"):
            tag = stocked.client.get(path).headers["etag"]
            known = stocked.client.get(path, headers={"if-none-match": tag})
            other = stocked.client.get(path, headers={"if-none-match": '"other"'})

            assert (known.status_code, known.content, other.status_code) == (304, b"", 200), path
            assert known.headers["cache-control"] == other.headers["cache-control"]

    def test_the_widget_is_for_pages_of_any_origin(self, stocked: Service) -> None:
        widget = stocked.client.get(
            "/widget/visual-search.js", headers={"origin": "https://shop.example"}
        )

        assert widget.headers["access-control-allow-origin"] == "*"
        assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "max-age=300" in widget.headers["cache-control"]
        assert "access-control-allow-origin" not in stocked.client.get("/assets/api.js").headers

    @pytest.mark.parametrize(
        "path",
        ["/assets/", "/assets/no.js", "/assets/..%2f__init__.py", "/assets/%2e%2e/__init__.py",
         "/widget/%00", "/widget"],
    )  # fmt: skip
    def test_nothing_else_is_served(self, stocked: Service, path: str) -> None:
        assert_problem(stocked.client.get(path), 404, "not-found")

    def test_the_description_of_the_api_leaves_them_out(self, stocked: Service) -> None:
        paths = stocked.client.get("/openapi.json").json()["paths"]

        assert {"/", "/compare", "/catalogue", "/samples/index.json"}.isdisjoint(paths)

    def test_are_open_where_their_calls_need_a_key(self, tmp_path: Path) -> None:
        with running(tmp_path, require_api_key=True) as service:
            for path in (*PAGES, "/assets/api.js", "/widget/visual-search.js"):
                assert service.client.get(path).status_code == 200
            assert service.client.get("/samples/index.json").status_code == 200
            assert_problem(service.client.get("/v1/products"), 401, "key-missing")


class TestSamples:
    def test_none_without_the_demo(self, stocked: Service) -> None:
        assert stocked.client.get("/samples/index.json").json() == {"samples": []}
        assert_problem(stocked.client.get("/samples/mug-01-red-wild.jpg"), 404, "not-found")

    def test_of_each_category_the_clearest_picture(self, tmp_path: Path) -> None:
        render_catalogue(tmp_path / "demo", products=15, side=64)
        truth = json.loads((tmp_path / "demo" / "ground_truth.json").read_bytes())["pictures"]
        with running(tmp_path) as service:
            samples = service.client.get("/samples/index.json").json()["samples"]

            shown = [truth[f"queries{each['url'].removeprefix('/samples')}"] for each in samples]
            categories = [each["factors"]["category"] for each in shown]
            assert categories == sorted({"mugs", "shirts", "bottles", *categories})
            for each in shown:
                assert not [
                    other
                    for other in truth.values()
                    if other["kind"] == "wild"
                    and other["factors"]["category"] == each["factors"]["category"]
                    and _clearness(other) > _clearness(each)
                ]
            picture = service.client.get(samples[0]["url"])
            tag = {"if-none-match": picture.headers["etag"]}
            assert picture.content.startswith(b"\xff\xd8\xff")
            assert service.client.get(samples[0]["url"], headers=tag).status_code == 304
            for other in ("no.jpg", "..%2fpictures%2fmug-01-teal-studio.jpg", "first.txt"):
                assert_problem(service.client.get(f"/samples/{other}"), 404, "not-found")


def _clearness(picture: dict[str, Any]) -> tuple[bool, float]:
    return picture["factors"]["occlusion"] == "none", picture["factors"]["scale"]
