"""S4's own figures beside ours, as Markdown: for docs/quality.md.

S4 ("Image Similarity Predictor", 2023) gives (cosine + 1) / 2 of pretrained ImageNet networks. Its
pictures, how its transforms were set, and the strengths it drew are not published with it, so that
only the order of things can be compared, never the second digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.intervals import Interval
from evaluation.robustness.results import ContenderResult, Robustness
from evaluation.robustness.table import by_effect


@dataclass(frozen=True)
class Published:
    """A figure of S4 in its own unit, "" where it gives none, and what to know when comparing."""

    figure: str
    remark: str


TRIAL_3: Mapping[str, Published] = {
    "horizontal-flip": Published("", "S4 names no figure of its own for it"),
    "rotation": Published("", "±10° there, drawn up to it; here all of it, one way or the other"),
    "resized-crop": Published(
        "0.75–0.85",
        "how much S4 cut away is not stated; here half of the area at the usual strength",
    ),
    "brightness": Published("> 0.98", "S4 draws up to 0.5; here all of it, half the time darker"),
    "affine": Published(
        "0.63–0.75",
        "S4's angles, scale, shear and filling are not stated; here the border's colour",
    ),
    "hue": Published("> 0.98", "S4 draws up to 0.3; here all of it, which turns red into green"),
    "saturation": Published("> 0.98", "S4 draws up to 0.5; here all of it"),
    "perspective": Published("> 0.98", "S4's distortion is not stated"),
}
"""Trial 3: one picture under eight random transforms, similarity by several networks."""

ONE_CHANGE: Mapping[str, Published] = {
    "colour": Published("20–26 %", "S4: another colour of a product"),
    "view": Published(
        "26–30 %",
        "S4: photographs from other sides; ours turn by 16 to 68 degrees, under one light",
    ),
    "orientation": Published("15–24 %", "S4: pointing left instead of right"),
    "container shape": Published("13–17 %", "S4: another bottle with the same label"),
    "packaging detail": Published(
        "13–18 %", "S4: packaging changed, or one or two details missing"
    ),
    "logo": Published(
        "11–13 %", "ours fill a small part of the label, whose colours and layout stay"
    ),
    "size text": Published(
        "8–10 %", "S4 changes price and size; ours is one small line, lost at 224 pixels"
    ),
    "label language": Published(
        "6–7 %", "S4: the language alone; with its colour 10–13 %. Ours are a few small words"
    ),
    "label content": Published("1 %", "S4: what a label says; ours are a few small words"),
    "pattern spacing": Published("", "not in S4; S1 says that networks do not see it"),
}
"""Threshold trials: what one changed thing takes off the score, of several networks."""

TIMES: Mapping[str, Published] = {
    "mobilenet_v2": Published("270–380 ms", ""),
    "resnet18": Published("600–1,300 ms", ""),
    "efficientnet_b0": Published("600–1,500 ms", ""),
    "convnext_tiny": Published("2,500–2,800 ms", ""),
    "resnet101": Published("4,300–4,800 ms", "at 512 pixels"),
    "vgg16": Published("5,400–7,900 ms", "at 512 pixels"),
    "convnext_base": Published("8,000–8,700 ms", "at 512 pixels"),
}
"""One comparison of two pictures on a laptop's processor."""


def s4_markdown(found: Robustness) -> str:
    """Three tables: transforms at every measured strength, one changed characteristic (where it was
    tried), and time; each cell of ours with its 95 % interval."""
    parts = [_transforms(found)]
    if any(each.effects for each in found.contenders):
        parts.append(_effects(found))
    parts.append(_times(found.contenders))
    return "\n\n".join(parts) + "\n"


def _transforms(found: Robustness) -> str:
    rows = []
    for change in found.changes:
        transform, level = change.transform, change.level
        published = TRIAL_3.get(transform.name)
        usual = level == transform.usual
        rows.append(
            [
                transform.name,
                level.name,
                published.figure or "–" if published and usual else "–",
                *(_score(each.of(change).similarity) for each in found.contenders),
                *(f"{100 * each.of(change).found.mean:.1f}" for each in found.contenders),
                published.remark if published and usual else "",
            ]
        )
    names = [each.name for each in found.contenders]
    head = ["transform", "strength", "S4", *names, *(f"{name} R@1" for name in names), "remark"]
    return _table(head, rows)


def _effects(found: Robustness) -> str:
    able = [each for each in found.contenders if each.effects]
    rows = []
    for effect in by_effect(able):
        published = ONE_CHANGE[effect]
        cells = []
        for contender in able:
            result = next(each for each in contender.effects if each.effect == effect)
            cost = Interval(
                1.0 - result.similarity.mean,
                1.0 - result.similarity.high,
                1.0 - result.similarity.low,
            )
            cells += [_percent(cost), _percent(result.way)]
        rows.append([effect, published.figure or "–", *cells, published.remark])
    names = [text for each in able for text in (f"{each.name} cost", f"{each.name} way")]
    return _table(["changed", "S4 cost", *names, "remark"], rows)


def _times(contenders: Sequence[ContenderResult]) -> str:
    rows = [[each.name, _time(each.name), f"{each.ms_per_comparison:.1f}"] for each in contenders]
    measured = {each.name for each in contenders}
    rows += [[name, _time(name), "–"] for name in TIMES if name not in measured]
    return _table(["model", "S4", "ms of processor time"], rows)


def _time(name: str) -> str:
    published = TIMES.get(name)
    if published is None:
        return "–"
    return f"{published.figure} {published.remark}".strip()


def _score(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{interval.mean:.3f} ({interval.low:.3f}–{interval.high:.3f})"


def _percent(interval: Interval) -> str:
    return f"{100 * interval.mean:.1f} ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
