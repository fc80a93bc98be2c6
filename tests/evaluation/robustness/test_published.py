"""S4's figures beside ours, and the page of the docs that lists the transforms."""

from demo.pairs import EFFECTS
from embedding.images import DecodeLimits
from evaluation.intervals import Interval
from evaluation.robustness.effects import EffectResult, FactorPair
from evaluation.robustness.published import ONE_CHANGE, TRIAL_3, s4_markdown
from evaluation.robustness.results import ChangeResult, ContenderResult, Robustness
from evaluation.robustness.subjects import sample
from evaluation.robustness.transforms import TRANSFORMS, changes
from tests.conftest import REPO_ROOT
from tests.evaluation.making import picture, picture_set
from tests.pictures import jpeg

HALF = Interval(0.5, 0.4, 0.6)


def found() -> Robustness:
    pictures = picture_set({"product_id": ["a", "b"]}, contents=[jpeg(1), jpeg(2)])
    asked = changes([], quick=False)
    return Robustness(
        seed=7,
        sample=sample(pictures, limit=2, seed=7, limits=DecodeLimits(), threads=1),
        pairs=(FactorPair("colour", "colour", picture("a"), picture("b")),),
        skipped={},
        contenders=(
            ContenderResult(
                name="resnet18",
                threshold=0.8,
                ms_per_comparison=12.34,
                changes=tuple(
                    ChangeResult(each, 2, Interval(0.9, 0.8, 1.0), 1.0, 0.6, HALF, HALF)
                    for each in asked
                ),
                effects=(EffectResult("colour", 1, Interval(0.75, 0.7, 0.8), 0.0, HALF),),
            ),
        ),
    )


class TestS4Markdown:
    def test_sets_both_beside_each_other(self) -> None:
        rows = s4_markdown(found()).splitlines()

        affine = [row.split(" | ") for row in rows if row.startswith("| affine ")]
        assert [row[1] for row in affine] == ["50 %", "100 %", "150 %"]
        assert [row[2] for row in affine] == ["–", "0.63–0.75", "–"]
        assert affine[1][3:5] == ["0.900 (0.800–1.000)", "50.0"]
        colour = next(row for row in rows if row.startswith("| colour "))
        assert "| 20–26 % | 25.0 (20.0–30.0) | 50.0 (40.0–60.0) |" in colour
        assert "| resnet18 | 600–1,300 ms | 12.3 |" in rows
        assert "| vgg16 | 5,400–7,900 ms at 512 pixels | – |" in rows

    def test_every_table_is_as_wide_as_its_head(self) -> None:
        for table in s4_markdown(found()).strip().split("\n\n"):
            assert len({row.count("|") for row in table.splitlines()}) == 1

    def test_has_a_word_on_each_transform_of_s4_and_each_characteristic(self) -> None:
        assert list(TRIAL_3) == [name for name, each in TRANSFORMS.items() if each.of_s4]
        assert set(ONE_CHANGE) == {each.name for each in EFFECTS}


def test_the_docs_list_every_transform_with_its_strengths() -> None:
    text = (REPO_ROOT / "docs" / "robustness.md").read_text()
    rows = {
        row.split("|")[1].strip(" `"): row.split("|")[2]
        for row in text.splitlines()
        if row.startswith("| `")
    }
    assert list(rows) == list(TRANSFORMS)
    for name, transform in TRANSFORMS.items():
        written = rows[name].replace("**", "").replace(" degrees", "").replace("%", "").split(",")
        levels = [level.name.strip("° %") for level in transform.levels]
        assert [each.strip() for each in written] == levels
        if len(levels) > 1:
            assert f"**{transform.usual.name.strip('° %')}**" in rows[name]
