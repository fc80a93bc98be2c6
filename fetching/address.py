"""A web address, taken apart once, so that what is checked is what is connected to."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from fetching.errors import AddressInvalid, AddressRefused

_LONGEST = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOW_TO_WRITE_IT = "Write it as https://host/path."


@dataclass(frozen=True)
class WebAddress:
    """An http or https address without credentials and fragment.

    `host` is a lower-case ASCII name or an IP address without brackets; `target` is the path with
    the query, percent-encoded ASCII. The text of an address (`str`) leaves the query out and is
    fit for messages and logs.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> "WebAddress":
        """Raises `AddressInvalid` for anything but a plain web address, and `AddressRefused` for
        an IPv4 address in disguise (decimal, octal, hexadecimal or shortened)."""
        url = url.strip()
        if len(url) > _LONGEST:
            raise AddressInvalid(
                f"The address {redacted(url)} has {len(url)} characters; at most {_LONGEST} are "
                "accepted. Use a shorter one."
            )
        if re.search(r"[\x00-\x1f\x7f\\]", url):
            raise AddressInvalid(
                f"The address {redacted(url)} has control characters or backslashes in it. "
                f"{_HOW_TO_WRITE_IT}"
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as exc:
            raise AddressInvalid(
                f"The address {redacted(url)} cannot be read: its host or port is malformed. "
                f"{_HOW_TO_WRITE_IT}"
            ) from exc
        if parts.scheme not in _DEFAULT_PORTS:
            raise AddressInvalid(
                f"The address {redacted(url)} does not start with http:// or https://, and only "
                f"these are fetched. {_HOW_TO_WRITE_IT}"
            )
        if "@" in parts.netloc:
            raise AddressInvalid(
                f"The address {redacted(url)} holds a user name or password, which are not "
                "accepted. Remove everything up to the @."
            )
        if port == 0 or not parts.hostname:
            raise AddressInvalid(
                f"The address {redacted(url)} has {'port 0' if port == 0 else 'no host'}. "
                f"{_HOW_TO_WRITE_IT}"
            )
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|") if parts.query else ""
        host = _checked_host(parts.hostname, bracketed="[" in parts.netloc, url=url)
        return cls(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], path + query)

    @property
    def authority(self) -> str:
        """Host and, unless it is the default one, port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def redirected(self, location: str) -> "WebAddress":
        """Where a Location header leads from here. Raises as `parse`, and `AddressRefused` for a
        redirect from https to http."""
        target = WebAddress.parse(
            urljoin(f"{self.scheme}://{self.authority}{self.target}", location)
        )
        if self.scheme == "https" and target.scheme == "http":
            raise AddressRefused(
                f"{self} redirects from https to {target}, which is not encrypted. "
                "Give the address of the file itself."
            )
        return target

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target.partition('?')[0]}"


def redacted(url: str) -> str:
    """Any text that was meant to be an address, short and without its secrets."""
    shown = re.split(r"[?#]", url, maxsplit=1)[0]
    shown = re.sub(r"^([^/\\]*[/\\]{2})?[^/\\]*@", r"\1", shown)
    shown = re.sub(r"[^\x20-\x7e\xa1-\uffff]", "\ufffd", shown)
    return repr(shown if len(shown) <= 200 else shown[:200] + "...")


def _checked_host(host: str, *, bracketed: bool, url: str) -> str:
    if bracketed:
        try:
            # A zone (%eth0) names an interface of this machine: never a stranger's to choose.
            return str(IPv6Address("zone" if "%" in host else host))
        except AddressValueError as exc:
            raise AddressInvalid(
                f"The address {redacted(url)} has no valid IPv6 address between its brackets. "
                f"{_HOW_TO_WRITE_IT}"
            ) from exc
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as exc:
        raise AddressInvalid(_bad_host(url)) from exc
    if not _HOST_NAME.fullmatch(name) or len(name) > 253:
        raise AddressInvalid(_bad_host(url))
    if _LIKE_A_NUMBER.search(name):
        try:
            return str(IPv4Address(name))
        except AddressValueError as exc:
            raise AddressRefused(
                f"The address {redacted(url)} writes an IP address in an unusual way. "
                "Use the host's name, or four decimal numbers with dots."
            ) from exc
    return name


def _bad_host(url: str) -> str:
    return f"The address {redacted(url)} has a host name that cannot exist. {_HOW_TO_WRITE_IT}"


_HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}\.?")
# Names that end so are read as IPv4 addresses by system libraries: 2130706433, 0x7f.1, 0177.0.0.1.
_LIKE_A_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")
