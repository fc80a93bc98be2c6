"""multipart/form-data and urlencoded forms: as what happens in them, or read into memory."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from service.errors import BodyMalformed, FieldProblem, FieldsInvalid

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
MAX_PARTS = 200
_MAX_HEADER_BYTES = 16_384


@dataclass(frozen=True)
class Part:
    """One part of a form: the name of its field and its bytes, as they came."""

    name: str
    content: bytes

    def text(self) -> str:
        """Raises FieldsInvalid when it is not UTF-8."""
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            raise FieldsInvalid(
                [
                    FieldProblem(
                        self.name,
                        "takes text, not a file (this is not UTF-8); the fields for pictures are "
                        "named in /docs",
                    )
                ]
            ) from error


@dataclass(frozen=True)
class PartBegins:
    """A part's header has been read; `filename` as it came, None where the part is no file."""

    name: str
    filename: bytes | None


@dataclass(frozen=True)
class PartEnds:
    """The part that began last is complete."""


Event = PartBegins | bytes | PartEnds
"""What happens in a form, in order: a part begins, some of its bytes, it ends."""


async def multipart_parts(content_type: str, body: AsyncIterator[bytes]) -> list[Part]:
    """The parts in the order sent, without file inputs that were left empty.

    Raises BodyMalformed, which says what is missing; FieldsInvalid for a name that is not UTF-8.
    """
    parts: list[Part] = []
    part = PartBegins("", None)
    pieces: list[bytes] = []
    async with aclosing(multipart_events(content_type, body)) as events:
        async for event in events:
            if isinstance(event, bytes):
                pieces.append(event)
            elif isinstance(event, PartBegins):
                part, pieces = event, []
            # Browsers send a file input that nobody touched as a part without name and content.
            elif part.filename != b"" or pieces:
                if len(parts) == MAX_PARTS:
                    raise BodyMalformed(
                        f"The form has more than {MAX_PARTS} parts. Send fewer at once."
                    )
                parts.append(Part(part.name, b"".join(pieces)))
    return parts


async def multipart_events(
    content_type: str, body: AsyncIterator[bytes]
) -> AsyncGenerator[Event, None]:
    """What happens in the form while it arrives; no more of it is held than one piece of the body.

    Raises as `multipart_parts` does, and BodyMalformed at its end when the form is not complete.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise BodyMalformed(
            "The multipart body has no boundary in its Content-Type header. Let the HTTP client "
            "make that header (curl -F, FormData, httpx files=) rather than setting it by hand."
        )
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin,
                "on_part_data": reader.data,
                "on_part_end": reader.end,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.header_end,
                "on_headers_finished": reader.headers_finished,
                "on_end": reader.finish,
            },
        )
        async for chunk in body:
            parser.write(chunk)
            for event in reader.taken():
                yield event
        parser.finalize()
    except FormParserError as error:
        raise BodyMalformed(f"The multipart body is malformed ({error}). {_SEND_AGAIN}") from error
    if not reader.is_complete:
        raise BodyMalformed(f"The multipart body ends before its closing boundary. {_SEND_AGAIN}")


_SEND_AGAIN = "Send it with an HTTP client's own support for forms, such as `curl -F`."


def urlencoded_parts(body: bytes) -> list[Part]:
    """The fields in the order sent. Raises BodyMalformed."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MAX_PARTS,
            errors="surrogateescape",
        )
    except ValueError as error:
        raise BodyMalformed(
            f"The form cannot be read ({error}). Send it percent-encoded, with at most "
            f"{MAX_PARTS} fields."
        ) from error
    return [
        Part(_field_name(name.encode(errors="surrogateescape")), _bytes(value))
        for name, value in pairs
    ]


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


class _Reader:
    """Turns what the parser calls out into events."""

    def __init__(self) -> None:
        self.is_complete = False
        self._events: list[Event] = []
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""

    def taken(self) -> list[Event]:
        """What has happened since the last call."""
        events, self._events = self._events, []
        return events

    def begin(self) -> None:
        self._header_name = self._header_value = self._disposition = b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._check_header()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._check_header()

    def header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name is None:
            raise BodyMalformed(
                "A part of the multipart body has no name. Give each a header such as "
                'Content-Disposition: form-data; name="image"; filename="picture.jpg".'
            )
        self._events.append(PartBegins(_field_name(name), options.get(b"filename")))

    def data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def end(self) -> None:
        self._events.append(PartEnds())

    def finish(self) -> None:
        self.is_complete = True

    def _check_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > _MAX_HEADER_BYTES:
            raise BodyMalformed("A part of the multipart body has an endless header.")


def _field_name(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        shown = name[:40].decode(errors="replace")
        raise FieldsInvalid([FieldProblem(shown, "is not a name in UTF-8")]) from error
