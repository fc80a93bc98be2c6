"""How weights were chosen, for the card of the model that is made with them."""

from datetime import UTC, datetime

from embedding.weights_chosen import WeightsChosen
from evaluation.tuning.results import TUNED, Tuning


def chosen(tuning: Tuning) -> WeightsChosen:
    found = tuning.whole.mean[TUNED]
    return WeightsChosen(
        source=tuning.source,
        relations=tuning.relations,
        split_by=tuning.split_by,
        units=tuning.whole.units,
        queries=sum(tuning.whole.queries.values()),
        hit_rate=found.mean,
        hit_rate_bounds=(found.low, found.high),
        best_part=_best_part(tuning),
        gain_over_best_part=tuning.whole.gains[_best_rival(tuning)].mean,
        chosen_at=datetime.now(UTC),
    )


def _best_rival(tuning: Tuning) -> str:
    alone = [f"{part} alone" for part in tuning.stored]
    return max(alone, key=lambda each: tuning.whole.mean[each].mean)


def _best_part(tuning: Tuning) -> str:
    return _best_rival(tuning).removesuffix(" alone")
