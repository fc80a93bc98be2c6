"""What every section of the page asks, and of which vectors."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from evaluation.pictures import PictureSet
from evaluation.quality.setting import Setting
from evaluation.relations import Relation
from training.linear.material import Floats, Material, gathered

COMMAND = "python -m training.quality --photographs FOLDER --out docs/training-quality.md"
RELATIONS = ("style", "product_id")
SHADES = "shades"

_SHARE_OF_SHADES = 0.4


def only(section: str) -> str:
    """The command that makes one section."""
    return f"{COMMAND} --only {section}"


@dataclass
class Training:
    """The setting, and what is asked of it. `fine_tuned`: the folder of a run of `likeness train`
    that fine-tuned one of the networks on some of the products, if there is one."""

    setting: Setting
    fine_tuned: Path | None = None

    @cached_property
    def questions(self) -> list[tuple[PictureSet, list[Relation]]]:
        luma = self.setting.pictures("luma")
        grocery = self.setting.pictures("grocery", "split=val", "split=train")
        style, product = (Relation.parse(each) for each in RELATIONS)
        return [(luma, [style, product]), (grocery, [product])]

    @cached_property
    def material(self) -> Material:
        return gathered(self.questions)

    @cached_property
    def networks(self) -> list[str]:
        """Those that have not been trained here, perhaps on the very products that are asked."""
        store = self.setting.home.store
        return [name for name in self.setting.networks if store.card(name).trained is None]

    def vectors(self, name: str) -> Floats:
        """Of an installed model or a built-in part, all pictures in order."""
        (contender,) = self.setting.contenders([name])
        found = [
            vector
            for each in self.material.catalogues
            for vector in self.setting.described(contender, each.pictures)
        ]
        return np.stack(found).astype(np.float32, copy=False)

    @property
    def joined(self) -> tuple[str, Floats]:
        """The first network with the exact shades, as `likeness models fuse` joins them."""
        network = self.networks[0]
        shades = np.float32(_SHARE_OF_SHADES**0.5) * self.vectors(SHADES)
        rest = np.float32((1.0 - _SHARE_OF_SHADES) ** 0.5) * self.vectors(network)
        name = f"{network}={1.0 - _SHARE_OF_SHADES:g},shades={_SHARE_OF_SHADES:g}"
        return name, np.concatenate([rest, shades], axis=1)
