"""The models this installation can use: one folder each, and those that are part of the program."""

import os
import re
import tempfile
from pathlib import Path

from embedding.calibration_files import (
    Stamp,
    read_calibration,
    stamp_of,
    write_calibration,
    writing_alone,
)
from embedding.card import BASE_FOLDER, FP32_FILE, HEAD_FILE, NAME_PATTERN, ModelCard, card_json
from embedding.check_pictures import check_pictures
from embedding.classic import ClassicEmbedder
from embedding.embedder import Embedder, Hint, Network
from embedding.errors import ModelBroken, ModelError
from embedding.fused.cards import as_of_this_code
from embedding.fused.embedder import FusedEmbedder, network_threads
from embedding.linear_head.embedder import LinearHeadEmbedder
from embedding.linear_head.linear_map import LinearMap
from embedding.linear_head.making import of_this_code
from embedding.match_probability import Calibration, joined
from embedding.model_folder import CARD_FILE, check_files, copy_model, read_card
from embedding.model_names import BUILT_IN, CLASSIC, SMALL, absent, check_name, name_taken
from embedding.shipped import SHIPPED
from embedding.whole_files import write_whole


class ModelStore:
    """Models in `folder`, each in a folder of its own name; those that are built in come first.

    `folder` need not exist until the first installation. `cache_folder` keeps what compiling a
    model gave, so that the next start is quicker; it may be emptied at any time. `threads` is for
    the models this store loads; 0 means all processors. Every method may be called from several
    threads and programs: a model appears and disappears by one rename.
    """

    def __init__(self, folder: Path, *, cache_folder: Path, threads: int = 0) -> None:
        self._folder = folder
        self._cache_folder = cache_folder
        self._threads = threads
        self._classic = ClassicEmbedder()

    def cards(self) -> list[ModelCard]:
        """Usable models: the built-in ones, then the installed ones by name. Broken ones are left
        out."""
        return [card for _, card in self._read_all()[0]]

    def broken(self) -> list[tuple[str, ModelBroken]]:
        """Folders of the store that hold no usable model, by name, and what is wrong with each."""
        return self._read_all()[1]

    def card(self, name: str) -> ModelCard:
        """Raises ModelUnknown, ModelNotInstalled for a known backbone, or ModelBroken."""
        self._check_there(name)
        return self._read(name)

    def card_stamp(self, name: str) -> Stamp:
        """Changes with the card of that name; cheap enough to be asked several times a second."""
        return stamp_of(self._card_file(name))

    def calibrate(self, name: str, calibration: Calibration | None) -> ModelCard:
        """Stores what the scores of a model mean, and keeps what it knows of other collections;
        None forgets all. The card as it is from now on, for every program.

        Raises what `card` raises, and ModelError when the model has other vectors by now and when
        the disk refuses.
        """
        self._check_there(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with writing_alone(self._folder):
                if name in BUILT_IN and calibration is None:
                    # Without reading it: this mends a damaged one, too.
                    write_calibration(self._card_file(name), None)
                    return self._read(name)
                card = self._read(name)
                if calibration is not None:
                    _check_of(card, calibration)
                    calibration = joined(card.in_force, calibration)
                card = card.calibrated(calibration)
                if name in BUILT_IN:
                    write_calibration(self._card_file(name), calibration)
                else:
                    write_whole(self._card_file(name), card_json(card))
                return card
        except OSError as error:
            raise ModelError(
                f"The calibration of {name!r} could not be stored in {self._folder}: "
                f"{error.strerror or error}. Make room or correct the permissions, and repeat."
            ) from error

    def load(self, name: str, *, hint: Hint = "latency") -> Embedder:
        """The model, checked and compiled: tens of milliseconds to seconds, so keep the result.

        Raises what `card` raises, and ModelBroken when a file that it needs is damaged.
        """
        if name == CLASSIC:
            return self._classic
        folder, card = self._place(name), self.card(name)
        check_files(folder, card, in_use_only=True)
        return self._open(folder, card, hint)

    def install(
        self, built_folder: Path, *, name: str | None = None, overwrite: bool = False
    ) -> ModelCard:
        """Copies a model's folder into the store, after trying it on a few pictures.

        `name` renames it on the way. Either the whole model is there afterwards or nothing has
        changed. Installing the same model again is no error. Raises ModelBroken when it does not
        work, ModelError when another model has the name (unless `overwrite`) or the disk refuses.
        """
        card = self._as_of_this_code(read_card(built_folder))
        if name is not None:
            card = card.model_copy(update={"name": name})
        check_name(card.name)
        if card.kind == CLASSIC:
            raise ModelBroken(
                f"{built_folder} holds a {CLASSIC} model, which is built in and not installed."
            )
        if not overwrite and (self._folder / card.name).is_dir():
            return self._same_or_refused(card)
        try:
            return self._put_in_place(built_folder, card)
        except OSError as error:
            raise ModelError(
                f"The model {card.name!r} could not be stored in {self._folder}: "
                f"{error.strerror or error}. Make room or correct the permissions, and repeat."
            ) from error

    def copy(self, name: str, folder: Path) -> ModelCard:
        """Copies an installed model as it serves, with its card, into an empty `folder`.

        Raises what `card` raises, ModelBroken when a file is damaged, ModelError for the classic
        model and when the disk refuses.
        """
        return self._copy(self.card(name), folder)

    def copy_fp32(self, name: str, folder: Path) -> ModelCard:
        """Likewise, of its fp32 network alone. Raises ModelError for a fused model too, and for one
        with a linear head."""
        card = self.card(name)
        if card.head is not None:
            base = card.began_with[0]
            raise ModelError(
                f"{name!r} has a linear head, which takes next to no time. Quantise "
                f"the base and learn the head on the result: likeness models quantise {base}, then "
                f"likeness train --head linear --model {base}-int8."
            )
        if card.kind == "fused":
            networks = [part.name for part in card.parts if part.model is not None]
            raise ModelError(
                f"{name!r} is a fused model. Quantise its networks first ({', '.join(networks)}) "
                f"and fuse the results: likeness models quantise PART, then likeness models fuse."
            )
        if card.kind == "onnx" and FP32_FILE not in card.files:
            raise ModelError(
                f"{name!r} holds its int8 network alone: there is nothing to make it from."
            )
        return self._copy(card.as_fp32(), folder)

    def remove(self, name: str) -> None:
        """Deletes a model, broken or not. Raises ModelUnknown, ModelNotInstalled, or ModelError
        for a built-in one and when the disk refuses."""
        if name in BUILT_IN:
            raise ModelError(f"{name!r} is built in and cannot be removed.")
        self._check_there(name)
        try:
            with tempfile.TemporaryDirectory(prefix=".removed-", dir=self._folder) as aside:
                (self._folder / name).rename(Path(aside) / name)
        except OSError as error:
            raise ModelError(
                f"The model {name!r} could not be removed from {self._folder}: "
                f"{error.strerror or error}. Correct the permissions, and repeat."
            ) from error

    def _copy(self, card: ModelCard, folder: Path) -> ModelCard:
        if card.kind == CLASSIC:
            raise ModelError(f"{CLASSIC!r} is built in and has no network.")
        check_files(self._place(card.name), card)
        # What is made of it has other vectors, and so other scores.
        card = card.calibrated(None)
        try:
            copy_model(self._place(card.name), card, folder)
        except OSError as error:
            raise ModelError(
                f"The model {card.name!r} could not be copied to {folder}: "
                f"{error.strerror or error}. Make room and repeat."
            ) from error
        return card

    def _put_in_place(self, built_folder: Path, card: ModelCard) -> ModelCard:
        """Copy aside, check the copy, make it durable, rename it into place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if card.calibration is None:
            card = card.calibrated(self._calibration_of(card))
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=self._folder) as aside:
            incoming = Path(aside) / card.name
            incoming.mkdir()
            copy_model(built_folder, card, incoming)
            check_files(incoming, card)
            _try_out(self._open(incoming, card, "latency", cached=False))
            for path in (*incoming.rglob("*"), incoming):
                _make_durable(path)
            final = self._folder / card.name
            if final.is_dir():
                final.rename(Path(aside) / "replaced")
            incoming.rename(final)
            _make_durable(self._folder)
        return card

    def _open(self, folder: Path, card: ModelCard, hint: Hint, *, cached: bool = True) -> Embedder:
        if card.kind == CLASSIC:
            return self._classic
        if card.head is not None:
            base = card.head.base
            head = LinearMap.read(folder / HEAD_FILE, taken=base.dimension, given=card.dimension)
            opened = self._open(folder / BASE_FOLDER, base, hint, cached=cached)
            return LinearHeadEmbedder(card, opened, head)
        if card.kind == "fused":
            beside = any(part.model is None for part in card.parts)
            networks = {
                part.name: self._compiled(
                    folder / part.name,
                    part.model,
                    hint,
                    cached,
                    network_threads(part.model, self._threads, beside=beside, hint=hint),
                )
                for part in card.parts
                if part.model is not None
            }
            return FusedEmbedder(card, networks, threads=self._threads)
        return self._compiled(folder, card, hint, cached, self._threads)

    def _compiled(
        self, folder: Path, card: ModelCard, hint: Hint, cached: bool, threads: int
    ) -> Network:
        # OpenVINO is loaded only by programs that use a model made of weights.
        from embedding.runtime import OnnxEmbedder

        cache_folder = self._cache_folder if cached else None
        return OnnxEmbedder(folder, card, cache_folder=cache_folder, threads=threads, hint=hint)

    def _read(self, name: str) -> ModelCard:
        if name == CLASSIC:
            return self._classic.card.calibrated(read_calibration(self._card_file(CLASSIC)))
        if name == SMALL:
            card = self._as_of_this_code(read_card(self._place(name)))
            return card.calibrated(read_calibration(self._card_file(name)))
        card = self._as_of_this_code(read_card(self._folder / name))
        if card.name != name:
            raise ModelBroken(
                f"The folder {self._folder / name} holds the model {card.name!r}. Rename the "
                f"folder to {card.name}, or move it out of the store and add it with "
                f"`likeness models add FOLDER --as {name}`."
            )
        return card

    def _as_of_this_code(self, card: ModelCard) -> ModelCard:
        """What a card says once code that its vectors depend on is another. Raises ModelBroken."""
        if card.head is None:
            return as_of_this_code(card)
        base = card.head.base
        return of_this_code(
            card, self._classic.card if base.kind == CLASSIC else self._as_of_this_code(base)
        )

    def _calibration_of(self, card: ModelCard) -> Calibration | None:
        """What is known of the same vectors under that name."""
        try:
            there = self._read(card.name).in_force
        except ModelBroken:
            return None
        return there if there is not None and there.fingerprint == card.fingerprint else None

    def _read_all(self) -> tuple[list[tuple[str, ModelCard]], list[tuple[str, ModelBroken]]]:
        """The built-in models, and every visible folder by name: the readable cards, and what is
        wrong with the others."""
        usable: list[tuple[str, ModelCard]] = []
        broken: list[tuple[str, ModelBroken]] = []
        for name in (*BUILT_IN, *self._names()):
            try:
                usable.append((name, self._read(name)))
            except ModelBroken as error:
                broken.append((name, error))
        return usable, broken

    def _card_file(self, name: str) -> Path:
        """What changes when what is known of the model does. A built-in model's card is part of the
        program: what was measured of its scores lies beside the others' folders."""
        return self._folder / (
            f"{name}.calibration.json" if name in BUILT_IN else f"{name}/{CARD_FILE}"
        )

    def _place(self, name: str) -> Path:
        return (SHIPPED if name == SMALL else self._folder) / name

    def _check_there(self, name: str) -> None:
        if name in BUILT_IN:
            return
        if not re.fullmatch(NAME_PATTERN, name) or not (self._folder / name).is_dir():
            raise absent(name, [*BUILT_IN, *self._names()])

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self._folder.iterdir()
            if entry.is_dir() and not entry.name.startswith(".")
        )

    def _same_or_refused(self, card: ModelCard) -> ModelCard:
        try:
            there = self._read(card.name)
        except ModelBroken:
            there = None
        if there is not None and there.fingerprint == card.fingerprint:
            return there
        raise name_taken(card.name)


def _check_of(card: ModelCard, calibration: Calibration) -> None:
    if card.fingerprint != calibration.fingerprint:
        raise ModelError(
            f"The model {card.name!r} was replaced while it was calibrated: its vectors are others "
            f"now. Calibrate it again."
        )


def _try_out(embedder: Embedder) -> None:
    """A model that gives every picture the same vector is broken, whatever its card says."""
    vectors = embedder.embed(check_pictures())
    if (vectors == vectors[0]).all():
        raise ModelBroken(
            f"The model {embedder.card.name!r} gives the same vector for every picture. Its "
            f"weights, mean or std are wrong: train or export it again."
        )


def _make_durable(path: Path) -> None:
    """Waits until a file's or folder's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
