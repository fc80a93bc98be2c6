"""One model on disk: a folder with `card.json` and the files whose checksums the card holds."""

import hashlib
import json
import shutil
from pathlib import Path

from pydantic import ValidationError

from embedding.card import CARD_FORMAT, ModelCard, card_json
from embedding.errors import ModelBroken

CARD_FILE = "card.json"


def read_card(folder: Path) -> ModelCard:
    """The card of the model in `folder`; that its files exist is checked, their content is not.

    Raises ModelBroken when the card is missing, is no card, comes from a newer version of this
    program, or names a file that is not there.
    """
    card_file = folder / CARD_FILE
    try:
        text = card_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelBroken(
            f"{folder} is not a model: its {CARD_FILE} cannot be read ({_reason(error)}). "
            f"A model's folder holds model.onnx and {CARD_FILE}."
        ) from error
    _refuse_newer_format(text, card_file)
    try:
        card = ModelCard.model_validate_json(text)
    except ValidationError as error:
        raise ModelBroken(
            f"{card_file} is not a valid card: {_problems(error)}. Correct it, or remove the "
            f"folder and add the model again."
        ) from error
    for name in card.all_files:
        if not (folder / name).is_file():
            raise ModelBroken(
                f"The model in {folder} is incomplete: {name} is missing. Put the file back, or "
                f"remove the folder and add the model again."
            )
    return card


def check_files(folder: Path, card: ModelCard, *, in_use_only: bool = False) -> None:
    """Raises ModelBroken when a file's content is not the one its card was made for.

    `in_use_only` leaves out what makes no vector, such as the network that int8 was made from.
    """
    files = card.files_in_use if in_use_only else card.all_files
    for name, expected in files.items():
        try:
            found = sha256_of(folder / name)
        except OSError as error:
            raise ModelBroken(f"{folder / name} cannot be read: {_reason(error)}.") from error
        if found != expected:
            raise ModelBroken(
                f"{folder / name} is damaged or was exchanged: its sha-256 begins with "
                f"{found[:12]}, the card says {expected[:12]}. Remove the model {card.name!r} "
                f"and add it again."
            )


def copy_model(source: Path, card: ModelCard, destination: Path) -> None:
    """Copies the files that `card` names, and writes it beside them. Raises OSError."""
    for name in card.all_files:
        (destination / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, destination / name)
    (destination / CARD_FILE).write_text(card_json(card), encoding="utf-8")


def sha256_of(file: Path) -> str:
    """Hexadecimal digest of a file's content, read in pieces. Raises OSError."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _refuse_newer_format(text: str, card_file: Path) -> None:
    """A newer card is not a wrong one: its remedy is a newer program."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, endless digits, endless brackets
        return  # validation names the line and column
    version = fields.get("format_version") if isinstance(fields, dict) else None
    if isinstance(version, int) and version > CARD_FORMAT:
        raise ModelBroken(
            f"{card_file} has format version {version}, and this program reads up to "
            f"{CARD_FORMAT}. Upgrade likeness, or add the model again with this version."
        )


def _problems(error: ValidationError) -> str:
    """Every invalid field with its reason, on one line."""
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'card'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
