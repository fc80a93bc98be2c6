"""Formats are told by their bytes, and what is refused is refused by its name."""

import io
import struct

import pytest
from PIL import Image

from embedding.errors import PictureUnreadable, PictureUnsupported
from embedding.formats import PictureFormat, canvas_size, jpeg_scans, recognise


def encoded(save_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((40, 30), 60).convert("RGB").save(file, save_format, **options)
    return file.getvalue()


class TestRecognise:
    @pytest.mark.parametrize("picture_format", list(PictureFormat), ids=lambda f: f.name)
    def test_every_opened_format_by_its_own_bytes(self, picture_format: PictureFormat) -> None:
        assert recognise(encoded(picture_format.name)) is picture_format

    def test_big_tiff(self) -> None:
        assert recognise(encoded("TIFF", big_tiff=True)) is PictureFormat.TIFF

    @pytest.mark.parametrize(
        ("start", "name"),
        [
            (b"%PDF-1.7\n", "a PDF document"),
            (b"junk before\n%PDF-1.4", "a PDF document"),
            (b"%!PS-Adobe-3.0", "PostScript"),
            (b'<svg xmlns="http://www.w3.org/2000/svg">', "an SVG drawing"),
            (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg >', "an SVG drawing"),
            (b"<!DOCTYPE html><html>", "an HTML page"),
            (b"\n  <html><body>404", "an HTML page"),
            (b"<?xml version='1.0'?><catalog/>", "an XML document"),
            (b"data:image/png;base64,iVBORw0", "a data: URL"),
            (b"8BPS\x00\x01", "a Photoshop document"),
            (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
            (b"\xff\x4f\xff\x51\x00", "a JPEG 2000 picture"),
            (b"\xff\x0a\x00", "a JPEG XL picture"),
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "a HEIC picture"),
            (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "a HEIC picture"),
            (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", "an MP4 video"),
            (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00", "a QuickTime video"),
            (b"\x00\x00\x00\x14ftypzzzz\x00\x00\x02\x00", "a video or media file"),
            (b"RIFF\x00\x00\x00\x00AVI LIST", "an AVI video"),
            (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a sound file"),
            (b"\x1aE\xdf\xa3\x01", "WebM video"),
            (b"\x00\x00\x01\x00\x01\x00\x10\x10", "an icon (ICO)"),
            (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "a Canon raw photo"),
            (b"PK\x03\x04\x14\x00", "a ZIP archive"),
            (b"\x1f\x8b\x08\x00", "a compressed archive"),
            (b"SIMPLE  =                    T", "a FITS picture"),
            (b"P6 2 2 255\n", "a netpbm picture"),
            (b"\x7fELF\x02", "a program"),
            (b"product_id,title\n1,Schuhe f\xc3\xbcr Kinder\n", "text, not a picture"),
            (b"\x00" * 64, "not a picture in any format known here"),
            (b"BM, the carmaker\x00\x01", "not a picture in any format known here"),
        ],
    )
    def test_anything_else_is_refused_by_name(self, start: bytes, name: str) -> None:
        with pytest.raises(PictureUnsupported) as refusal:
            recognise(start)
        assert name in str(refusal.value)
        assert "Send a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture." in str(refusal.value)

    def test_text_cut_inside_a_character_is_still_text(self) -> None:
        with pytest.raises(PictureUnsupported, match="This is text"):
            recognise(b"a" * 511 + "é".encode())

    def test_a_hostile_prefix_takes_no_time(self) -> None:
        with pytest.raises(PictureUnsupported):
            recognise(b"<!--" + b" <!-- --> " * 500_000)


class TestCanvasSize:
    @pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\x00\x00II*\x00"}])
    def test_the_three_kinds_of_webp(self, options: dict[str, object]) -> None:
        assert canvas_size(encoded("WEBP", **options), PictureFormat.WEBP) == (40, 30)

    def test_gif_with_comment_and_extension(self) -> None:
        gif = encoded("GIF", comment=b"c" * 700, transparency=0)
        assert canvas_size(gif, PictureFormat.GIF) == (40, 30)

    def test_gif_whose_first_frame_reaches_beyond_its_screen(self) -> None:
        gif = encoded("GIF")
        frame = gif.index(b",\0\0\0\0")
        large = gif[:frame] + b"," + struct.pack("<4H", 5, 6, 60_000, 50_000) + gif[frame + 9 :]
        assert canvas_size(large, PictureFormat.GIF) == (60_005, 50_006)

    @pytest.mark.parametrize("picture_format", [PictureFormat.GIF, PictureFormat.WEBP])
    def test_cut_inside_the_header(self, picture_format: PictureFormat) -> None:
        with pytest.raises(PictureUnreadable, match="cut short"):
            canvas_size(encoded(picture_format.name)[:20], picture_format)

    def test_other_formats_need_no_decoder_to_be_measured(self) -> None:
        assert canvas_size(encoded("PNG"), PictureFormat.PNG) is None


class TestJpegScans:
    def test_baseline_has_one(self) -> None:
        assert jpeg_scans(encoded("JPEG"), 100) == 1

    def test_progressive_has_several(self) -> None:
        assert jpeg_scans(encoded("JPEG", progressive=True), 100) > 3

    def test_markers_behind_the_picture_and_in_metadata_do_not_count(self) -> None:
        decoys = b"\xff\xda\x00\x02" * 200
        jpeg = encoded("JPEG", progressive=True, comment=decoys) + decoys * 200
        assert jpeg_scans(jpeg, 100) == jpeg_scans(encoded("JPEG", progressive=True), 100)

    def test_many_scans_are_counted_no_further_than_asked(self) -> None:
        jpeg = encoded("JPEG", progressive=True)
        last = jpeg.rindex(b"\xff\xda")
        # A comment holding an end-of-image marker must not end the count.
        scan = b"\xff\xfe\x00\x04\xff\xd9" + jpeg[last:-2]
        assert jpeg_scans(jpeg[:-2] + scan * 500 + b"\xff\xd9", 100) == 101
