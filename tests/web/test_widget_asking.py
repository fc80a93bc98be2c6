"""Every way to ask: file, drop, paste, camera, address; and what a picture becomes on its way."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from tests.web.browsing import PHONE, Browsing, Console, drop_from_desktop
from tests.web.front import Call, Front
from tests.web.widget import opened

UPLOAD_BYTES_MAX = 200_000
ORIENTATION = 0x0112


def sent_picture(call: Call) -> Image.Image:
    data = call.fields()["image"]
    assert len(data) < UPLOAD_BYTES_MAX
    return Image.open(io.BytesIO(data))


def test_a_chosen_file_finds_products(page: Page, front: Front, queries: list[Path]) -> None:
    widget = opened(page, front)

    widget.choose(queries[0])

    widget.expect_hits()
    [search] = front.searches
    assert sent_picture(search).format == "JPEG"
    expect(widget.summary).to_have_text("6 of 24 products, most similar first")
    expect(widget.cards.first).to_contain_text("similar")
    expect(widget.element.locator("[part=meaning]")).to_contain_text("how alike two pictures look")
    expect(widget.links.first).to_have_attribute("href", re.compile("^https://shop.example/"))


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_file_dropped_from_the_desktop(
    page: Page, front: Front, queries: list[Path], steps: int
) -> None:
    widget = opened(page, front)

    drop_from_desktop(widget.element.locator("[part=start]"), queries[0], steps)

    widget.expect_hits()
    expect(widget.element.locator(".root")).to_have_class("root")


def test_a_picture_dragged_from_the_page(page: Page, front: Front, service: str) -> None:
    around = f'<a href="/elsewhere"><img src="{catalogue_picture(page, service)}" width="90"></a>'
    widget = opened(page, front, around=around)

    page.get_by_role("link").drag_to(widget.element)

    widget.expect_hits()
    assert page.url.endswith("/page")


def test_a_picture_pasted(page: Page, front: Front, queries: list[Path]) -> None:
    widget = opened(page, front)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async (text) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const picture = new Blob([bytes], { type: 'image/png' });
            await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
        }""",
        base64.b64encode(as_png(Image.open(queries[0]))).decode(),
    )

    page.keyboard.press("Control+v")

    widget.expect_hits()


def test_a_phone_offers_its_camera(pages: Browsing, front: Front, queries: list[Path]) -> None:
    widget = opened(pages.page(**PHONE), front)

    with widget.page.expect_file_chooser() as chooser:
        widget.button("Take a photo").tap()
    chooser.value.set_files(queries[0])

    widget.expect_hits()
    assert chooser.value.element.get_attribute("capture") == "environment"


def test_an_address_of_this_site_is_read_here_and_can_be_cropped(
    page: Page, front: Front, service: str
) -> None:
    widget = opened(page, front)

    address = page.evaluate("location.origin") + catalogue_picture(page, service)
    widget.element.get_by_label("Web address").fill(address)
    widget.button("Search").click()

    widget.expect_hits()
    assert "image" in front.searches[0].fields()
    expect(widget.crop).to_be_visible()


def test_an_address_that_may_not_be_read_here_is_left_to_the_service(
    page: Page, front: Front, console: Console
) -> None:
    console.expect("Content Security Policy")
    console.expect("Refused to connect")
    console.expect("status of 422")
    widget = opened(page, front)

    widget.element.get_by_label("Web address").fill("http://127.0.0.1:9/elsewhere.jpg")
    widget.button("Search").click()

    # The service fetches nothing from private networks; the shopper needs another way, not the why.
    expect(widget.notice).to_contain_text("cannot get a picture from 127.0.0.1:9. Save the picture")
    assert front.searches[0].fields()["url"] == b"http://127.0.0.1:9/elsewhere.jpg"


def test_what_is_no_address_and_no_picture_is_refused_here(
    page: Page, front: Front, tmp_path: Path
) -> None:
    widget = opened(page, front)
    text = tmp_path / "list.txt"
    text.write_text("no picture")

    for address in ("ftp://shop.example/a.jpg", "mug", ""):
        widget.element.get_by_label("Web address").fill(address)
        widget.button("Search").click()
        expect(widget.notice).to_contain_text("no web address")

    widget.choose(text)
    expect(widget.notice).to_contain_text("not a picture")
    expect(widget.button("Choose a picture")).to_be_visible()
    assert front.searches == []


def test_a_phone_photo_of_12_megapixels_is_turned_upright_and_made_small(
    page: Page, front: Front, tmp_path: Path
) -> None:
    # Held upright: the camera stores it lying down and says so. Red is at the top when upright.
    pixels = np.random.default_rng(0).integers(0, 90, (3000, 4000, 3), dtype=np.uint8)
    pixels[:, :2000, 0] += 160
    pixels[:, 2000:, 2] += 160
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = tmp_path / "photo.jpg"
    Image.fromarray(pixels).save(photo, quality=90, exif=exif)
    assert photo.stat().st_size > 5_000_000
    widget = opened(page, front)

    widget.choose(photo)

    widget.expect_hits()
    sent = sent_picture(front.searches[0])
    assert sent.height * 3 == sent.width * 4
    assert 512 <= sent.height <= 1024
    assert not sent.getexif()
    top, bottom = (sent.getpixel((sent.width // 2, sent.height * part // 4)) for part in (1, 3))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2] + 80
    assert bottom[2] > bottom[0] + 80


@pytest.mark.parametrize("orientation", [2, 3, 5, 8])
def test_a_photo_that_is_turned_or_mirrored_is_sent_upright(
    page: Page, front: Front, tmp_path: Path, orientation: int
) -> None:
    quarters = Image.new("RGB", (2, 2))
    quarters.putdata([(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)])
    stored = quarters.resize((2600, 1800), Image.Resampling.NEAREST)
    stored.getexif()[ORIENTATION] = orientation
    photo = tmp_path / "photo.jpg"
    stored.save(photo, exif=stored.getexif())
    widget = opened(page, front)

    widget.choose(photo)

    widget.expect_hits()
    sent = sent_picture(front.searches[0]).resize((2, 2), Image.Resampling.BOX)
    upright = ImageOps.exif_transpose(Image.open(photo)).resize((2, 2), Image.Resampling.BOX)
    np.testing.assert_allclose(np.asarray(sent), np.asarray(upright), atol=12)


def test_what_is_transparent_is_sent_on_white(page: Page, front: Front, tmp_path: Path) -> None:
    clear = tmp_path / "clear.png"
    clear.write_bytes(as_png(Image.new("RGBA", (64, 64), (0, 0, 0, 0))))
    widget = opened(page, front)

    widget.choose(clear)

    widget.expect_hits()
    assert sent_picture(front.searches[0]).getpixel((32, 32)) == (255, 255, 255)


def test_what_the_browser_cannot_decode_is_sent_as_it_is(
    page: Page, front: Front, queries: list[Path], tmp_path: Path
) -> None:
    tiff = tmp_path / "scan.tiff"
    Image.open(queries[0]).resize((200, 200)).save(tiff)
    widget = opened(page, front)

    widget.choose(tiff)

    widget.expect_hits()
    assert front.searches[0].fields()["image"] == tiff.read_bytes()
    expect(widget.element).to_contain_text("cannot show the picture")


def as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def catalogue_picture(page: Page, service: str) -> str:
    """Path of some product's picture."""
    products = page.request.get(f"{service}/v1/products?limit=1").json()["products"]
    path: str = products[0]["images"][0]["url"]
    return path
