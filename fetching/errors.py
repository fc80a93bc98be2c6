"""What can go wrong between a web address and the bytes behind it.

FetchError
├── AddressInvalid       not an http(s) address, or one with credentials in it
├── AddressRefused       leads into a network that must not be reached from here
├── FetchTimeout         no complete answer in time
├── FetchTooLarge        more bytes than allowed
├── TooManyRedirects     sent on and on
├── FetchStatus          the server answered, but not with the file
└── FetchUnreachable     no such host, no connection, broken answer

Every class has a `code`, a stable slug for machines. The text is written for the user, and names
addresses without credentials, query or fragment, for these may hold secrets.
"""

from typing import ClassVar


class FetchError(Exception):
    """Base of everything `fetching` raises on purpose."""

    code: ClassVar[str] = "fetch-error"


class AddressInvalid(FetchError):
    """The text is not a web address that could be fetched."""

    code: ClassVar[str] = "address-invalid"


class AddressRefused(FetchError):
    """The address is well formed, but where it leads is off limits."""

    code: ClassVar[str] = "address-refused"


class FetchTimeout(FetchError):
    """The server did not deliver everything in time."""

    code: ClassVar[str] = "fetch-timeout"


class FetchTooLarge(FetchError):
    """The answer has more bytes than allowed."""

    code: ClassVar[str] = "fetch-too-large"


class TooManyRedirects(FetchError):
    """The servers sent the request on more often than allowed."""

    code: ClassVar[str] = "too-many-redirects"


class FetchStatus(FetchError):
    """The server answered with a status other than success; `status` is that number."""

    code: ClassVar[str] = "fetch-status"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class FetchUnreachable(FetchError):
    """The host is unknown, refuses connections, fails at TLS, or breaks off its answer."""

    code: ClassVar[str] = "fetch-unreachable"
