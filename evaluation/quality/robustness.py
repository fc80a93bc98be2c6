"""S4's trials on the demo catalogue, beside S4's own figures."""

from evaluation.quality.section import Section
from evaluation.quality.setting import Setting
from evaluation.robustness.published import s4_markdown
from evaluation.robustness.running import try_models


def robustness(setting: Setting) -> Section:
    found = try_models(setting.home, models=setting.models, watch=setting.watch)
    models = " ".join(f"--model {name}" for name in setting.models)
    return Section(
        "Changed pictures",
        f"`likeness robustness {models}` changes {len(found.sample.subjects):,} pictures of the "
        f"demo catalogue in known ways (seed {found.seed}). Scores are (cosine + 1) / 2 of a "
        "picture and the changed one, R@1 how often it finds its original first, in percent. "
        "S4's pictures and settings are not published, so that only the order of things can be "
        "compared. *Cost* is what one changed characteristic takes off the score, *way* how far "
        f"that leads to the score of an unrelated product ([robustness](robustness.md)).\n\n"
        f"{s4_markdown(found).strip()}",
        [],
    )
