"""Addresses are read in one way only, and shown without their secrets."""

import pytest

from fetching.address import WebAddress, redacted
from fetching.errors import AddressInvalid, AddressRefused


class TestParse:
    @pytest.mark.parametrize(
        ("url", "scheme", "host", "port", "target"),
        [
            ("http://shop.example", "http", "shop.example", 80, "/"),
            ("HTTPS://Shop.Example/A.jpg?v=2#top", "https", "shop.example", 443, "/A.jpg?v=2"),
            ("http://shop.example:8080/a", "http", "shop.example", 8080, "/a"),
            ("https://a.example/red shoe.jpg", "https", "a.example", 443, "/red%20shoe.jpg"),
            ("https://a.example/a%20b", "https", "a.example", 443, "/a%20b"),
            ("https://a.example/käse?q=ä b", "https", "a.example", 443, "/k%C3%A4se?q=%C3%A4%20b"),
            ("https://bücher.example/", "https", "xn--bcher-kva.example", 443, "/"),
            ("http://[2606:4700::1111]:81/x", "http", "2606:4700::1111", 81, "/x"),
            ("  https://a.example/x \n", "https", "a.example", 443, "/x"),
            ("https://a.example?q=1", "https", "a.example", 443, "/?q=1"),
            ("http://8.8.8.8/", "http", "8.8.8.8", 80, "/"),
        ],
    )
    def test_web_addresses(self, url: str, scheme: str, host: str, port: int, target: str) -> None:
        assert WebAddress.parse(url) == WebAddress(scheme, host, port, target)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "shop.example/a.jpg",
            "//shop.example/a.jpg",
            "ftp://shop.example/a.jpg",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "gopher://127.0.0.1:6379/_x",
            "http://",
            "http:///path",
            "http://:80/",
            "http://user:secret@shop.example/",
            "http://shop.example@evil.example/",
            "http://@shop.example/",
            "http://shop.example\\@evil.example/",
            "http://shop.example\\.evil.example/",
            "http://shop.example:0/",
            "http://shop.example:65536/",
            "http://shop.example:http/",
            "http://shop.example:-1/",
            "http://sho p.example/",
            "http://%31%32%37.0.0.1/",
            "http://[::1/",
            "http://[fe80::1%25eth0]/",
            "http://[127.0.0.1]/",
            "http://[v1.fe80::a]/",
            "http://a..example/",
            "http://-a.example/",
            "http://" + "a" * 64 + ".example/",
            "http://" + "a." * 130 + "example/",
            "http://shop.example/a\r\nHost: evil",
            "http://shop.example/\x00",
            "http://shop.example/" + "a" * 9000,
        ],
    )
    def test_anything_else_is_invalid(self, url: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            WebAddress.parse(url)
        assert str(refusal.value).endswith(".")
        assert len(str(refusal.value)) < 500

    @pytest.mark.parametrize(
        "host",
        ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "1.2.3.4.5",
         "0x", "shop.example.1"],
    )  # fmt: skip
    def test_ip_address_in_disguise_is_refused(self, host: str) -> None:
        with pytest.raises(AddressRefused, match="unusual way"):
            WebAddress.parse(f"http://{host}/")

    def test_digits_of_other_scripts_are_the_digits_they_mean(self) -> None:
        assert WebAddress.parse("http://①②⑦.⓪.⓪.①/").host == "127.0.0.1"


class TestRedirected:
    START = WebAddress.parse("https://shop.example:444/a/b?x=1")

    @pytest.mark.parametrize(
        ("location", "expected"),
        [
            ("/c.jpg", "https://shop.example:444/c.jpg"),
            ("c.jpg?y", "https://shop.example:444/a/c.jpg?y"),
            ("//cdn.example/c", "https://cdn.example/c"),
            ("https://cdn.example/c", "https://cdn.example/c"),
        ],
    )
    def test_relative_and_absolute(self, location: str, expected: str) -> None:
        assert self.START.redirected(location) == WebAddress.parse(expected)

    def test_from_https_to_http_is_refused(self) -> None:
        with pytest.raises(AddressRefused, match="not encrypted"):
            self.START.redirected("http://shop.example/a")

    def test_from_http_to_https_is_welcome(self) -> None:
        start = WebAddress.parse("http://shop.example/a")
        assert start.redirected("https://shop.example/a").scheme == "https"

    @pytest.mark.parametrize("location", ["file:///etc/passwd", "http://u:p@h/", "gopher://h/"])
    def test_elsewhere_is_invalid(self, location: str) -> None:
        with pytest.raises(AddressInvalid):
            self.START.redirected(location)


class TestSecrets:
    def test_text_of_an_address_leaves_the_query_out(self) -> None:
        address = WebAddress.parse("https://shop.example/a.jpg?signature=secret#secret")
        assert str(address) == "https://shop.example/a.jpg"

    @pytest.mark.parametrize(
        "url",
        [
            "http://user:secret@shop.example/a",
            "user:secret@shop.example/a",
            "ftp://secret@shop.example/a?secret",
            "nonsense?secret",
            "http://shop.example:x/?secret#secret",
            "http://a:b@c:secret@shop.example/a",
        ],
    )
    def test_no_error_tells_them(self, url: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            WebAddress.parse(url)
        assert "secret" not in str(refusal.value)

    def test_redacted_is_short_and_printable(self) -> None:
        shown = redacted("http://shop.example/\x1b[31m" + "a" * 1000)
        assert len(shown) < 220
        assert "\x1b" not in shown
