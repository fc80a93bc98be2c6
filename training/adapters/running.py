"""`likeness train --head oasis` from its words to an installed model."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from embedding.card import ModelCard
from embedding.linear_head.learnt import HeadLearnt
from evaluation.intervals import Bootstrap, Interval, interval_json
from evaluation.pictures import PictureSet, short_source
from evaluation.table import percent
from evaluation.tuning.printing import signed_bounds
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.adapters.oasis import Oasis, met
from training.adapters.state import CHOOSING, MEASURING, State
from training.data.judgements import Judgements, read_judgements
from training.errors import DataInvalid
from training.linear.publishing import check_place, publish
from training.linear.sources import beside, described
from training.next_steps import NOT_MADE, made_json, next_steps
from training.wording import counted

LEAST_HELD_OUT = 10


@dataclass(frozen=True)
class Verdict:
    """Judgements met by those that neither taught nor chose."""

    learner: Oasis
    as_it_is: Interval
    with_head: Interval
    gain: Interval
    judgements: int
    queries: int

    @property
    def is_gain(self) -> bool:
        return self.gain.low > 0.0


def run_oasis(
    judgements: Path,
    *,
    model: str | None,
    as_name: str | None,
    out: Path | None,
    overwrite: bool,
    force: bool,
    as_json: bool,
) -> bool:
    """Whether a model was made; it is not where nothing was gained, unless `force`.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid.
    """
    settings = EngineSettings.read()
    with Home(settings) as home:
        model = model or settings.model
        card = home.store.card(model)
        beside(card, ["none"])
        name = as_name or f"{model}-oasis"
        overwrites = overwrite or _is_earlier(home, name, card)
        check_place(home, name, out, overwrite=overwrites)
        given = read_judgements(judgements, most_bytes=home.limits.max_bytes)
        file = home.root / "training" / "oasis" / f"{card.fingerprint[:32]}.npz"
        state = State.read(file, card.dimension) if file.exists() else State.begun(card.dimension)
        state, new = _continued(home, state, given, model)
        state.write(file)
        found = verdict(state)
        is_published = found.is_gain or force
        if is_published:
            learnt = _provenance(found, state, given)
            publish(home.store, name, model, {model: 1.0}, found.learner.head(), learnt,
                    out=out, overwrite=overwrites)  # fmt: skip
        advice = next_steps(home, name, out, model=model, collection=None)
    if as_json:
        made = name if is_published else None
        print(json.dumps(_as_json(found, state, new, published_as=made, out=out), indent=2))
        return is_published
    console = Console()
    for line in [*_said(found, state, new), *(advice if is_published else [NOT_MADE])]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return is_published


def verdict(state: State) -> Verdict:
    """The learner that meets most of the judgements held out to choose, and what it gains on those
    held out to measure. Raises DataInvalid when there are too few."""
    choosing, measuring = (state.held_out[state.role == each] for each in (CHOOSING, MEASURING))
    queries = state.query[state.role == MEASURING]
    if min(len(choosing), len(np.unique(queries))) < LEAST_HELD_OUT:
        raise DataInvalid(
            f"There are {len(state.seen):,} judgements so far, of which {len(choosing)} are held "
            f"out to choose and {len(measuring)} to measure; {LEAST_HELD_OUT} of each are needed, "
            f"of different queries. They are kept: give more, some 200 in all."
        )
    learner = max(state.learners, key=lambda each: met(each.head(), choosing).mean())
    base, ours = met(None, measuring), met(learner.head(), measuring)
    bootstrap = Bootstrap(queries)
    return Verdict(
        learner,
        bootstrap.mean(base),
        bootstrap.mean(ours),
        bootstrap.difference(ours, base),
        len(measuring),
        bootstrap.group_count,
    )


def digests_of(given: Judgements) -> NDArray[np.uint8]:
    """(judgements, 32): 8 bytes of the query's content, and 24 that tell the judgement itself."""
    contents = [bytes.fromhex(each.content_sha256) for each in given.pictures]
    rows = []
    for query, closer, farther in given.triplets.tolist():
        whole = contents[query] + contents[closer] + contents[farther]
        rows.append(contents[query][:8] + hashlib.sha256(whole).digest()[:24])
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, 32)


def _continued(home: Home, state: State, given: Judgements, model: str) -> tuple[State, int]:
    """The state after the judgements that are new to it, and how many these are."""
    everyone = np.ones(len(given.pictures), dtype=np.bool_)
    pictures = PictureSet(given.source, given.pictures, {}, everyone, everyone)
    readable, vectors = described(home, [pictures], model, [], TerminalWatch())
    row_of = {each.content_sha256: row for row, each in enumerate(readable[0].pictures)}
    rows = np.array([row_of.get(each.content_sha256, -1) for each in given.pictures])
    digests = digests_of(given)
    usable = (rows[given.triplets] >= 0).all(axis=1)
    new = usable & state.fresh(digests)
    triplets = vectors[model][rows[given.triplets[new]]]
    return (state.after(triplets, digests[new]) if new.any() else state), int(new.sum())


def _is_earlier(home: Home, name: str, base: ModelCard) -> bool:
    """Whether what has the name is this model's head of earlier judgements, which gives way to the
    one that has learnt from more of them."""
    there = next((each for each in home.store.cards() if each.name == name), None)
    if there is None or there.head is None or there.head.base.fingerprint != base.fingerprint:
        return False
    return there.head.learnt is not None and there.head.learnt.method == "oasis"


def _provenance(found: Verdict, state: State, given: Judgements) -> HeadLearnt:
    return HeadLearnt(
        method="oasis",
        settings={"aggressiveness": found.learner.aggressiveness},
        sources=(short_source(given.source),),
        products=0,
        pictures=len(given.pictures),
        judgements=state.taught,
        measure=("judgements met",),
        units=found.queries,
        found=found.with_head.mean,
        gain=found.gain.mean,
        gain_bounds=(found.gain.low, found.gain.high),
        learnt_at=datetime.now(UTC),
    )


def _as_json(
    found: Verdict, state: State, new: int, *, published_as: str | None, out: Path | None
) -> dict[str, Any]:
    shown = {"as_it_is": found.as_it_is, "with_head": found.with_head, "gain": found.gain}
    return {
        "judgements": len(state.seen),
        "new": new,
        "taught": state.taught,
        "measured_on": found.judgements,
        "aggressiveness": found.learner.aggressiveness,
        "met": {name: interval_json(each) for name, each in shown.items()},
        "is_gain": found.is_gain,
        **made_json(published_as, out),
    }


def _said(found: Verdict, state: State, new: int) -> list[str]:
    gain = f"{100 * found.gain.mean:+.1f} ({signed_bounds(found.gain)})"
    return [
        f"{counted(new, 'judgement')} {'is' if new == 1 else 'are'} new; of {len(state.seen):,} in "
        f"all {state.taught:,} taught.",
        f"Of {found.judgements:,} that did not, from {found.queries:,} queries, "
        f"{percent(found.as_it_is)} % are met by the model as it is and "
        f"{percent(found.with_head)} % with the head: {gain} points.",
        f"Aggressiveness {found.learner.aggressiveness:g}, chosen on others that did not teach.",
        *([] if found.is_gain else ["Nothing was gained."]),
    ]
