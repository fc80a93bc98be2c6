import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embedding.errors import ExportMismatch, ModelError, ModelUnknown, WeightsUnavailable
from embedding.export_options import ExportOptions
from embedding.store import ModelStore

WHY = "torch and timm are in the optional extra `models`"
torch: Any = pytest.importorskip("torch", reason=WHY)
huggingface_hub: Any = pytest.importorskip("huggingface_hub", reason=WHY)
timm: Any = pytest.importorskip("timm", reason=WHY)
from embedding import hub, onnx_model  # noqa: E402
from embedding.export import export_backbone  # noqa: E402

RANDOM = ExportOptions(random_weights=True)
HALVES = (0.5, 0.5, 0.5)


def picture() -> Image.Image:
    """A shaded, coloured square without any symmetry."""
    y, x = np.mgrid[0:600, 0:400] / 600
    rgb = np.stack([x, y**2, np.sin(7 * x + 3 * y) ** 2], axis=-1)
    return Image.fromarray((rgb * 255).astype(np.uint8))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache")


def saved(network: Any, path: Path) -> Path:
    torch.save(network.state_dict(), path)
    return path


class TestWithRandomWeights:
    @pytest.mark.parametrize(
        ("name", "size", "dimension"),
        [("resnet18", None, 512), ("test_efficientnet", 416, 256)],
    )
    def test_gives_an_installable_model(
        self, tmp_path: Path, store: ModelStore, name: str, size: int | None, dimension: int
    ) -> None:
        card = export_backbone(name, tmp_path, ExportOptions(random_weights=True, size=size))
        assert (card.input_size, card.dimension) == (size or 224, dimension)
        assert card.verified_cosine is not None
        assert card.verified_cosine > onnx_model.AGREEMENT
        assert "RANDOM" in card.source
        store.install(tmp_path)
        assert store.load(name).embed([picture()]).shape == (1, dimension)

    def test_are_the_same_on_every_run(self, tmp_path: Path) -> None:
        folders = [tmp_path / "first", tmp_path / "second"]
        for folder in folders:
            folder.mkdir()
        first, second = (export_backbone("test_resnet", folder, RANDOM) for folder in folders)
        assert first.fingerprint == second.fingerprint

    def test_too_large_for_one_file_are_stored_in_two(
        self, tmp_path: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(onnx_model, "_LARGEST_SINGLE_FILE", 1000)
        card = export_backbone("test_resnet", tmp_path, RANDOM)
        assert sorted(card.files) == ["model.onnx", "model.onnx.data"]
        store.install(tmp_path)
        assert store.load("test_resnet").embed([picture()]).shape == (1, card.dimension)

    def test_stored_vectors_are_those_of_torch(self, tmp_path: Path, store: ModelStore) -> None:
        """Recomputed from the picture on, with torch and the card alone."""
        network = timm.create_model("test_resnet", num_classes=0).eval()
        weights = saved(network, tmp_path / "weights.pth")
        (tmp_path / "built").mkdir()
        options = ExportOptions(weights=weights, size=160, fit="stretch", mean=HALVES, std=HALVES)
        store.install(_export("test_resnet", tmp_path / "built", options))
        stretched = picture().resize((160, 160), Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.array(stretched)).permute(2, 0, 1)[None] / 127.5 - 1
        with torch.inference_mode():
            expected = torch.nn.functional.normalize(network(pixels)).numpy()
        found = store.load("test_resnet").embed([picture()])
        assert (found @ expected.T).item() > 0.9999


class TestWithRealWeights:
    def test_of_mobilenet_v2_tell_pictures_apart(
        self, tmp_path: Path, store: ModelStore, shared_weights: Path, shared_photos: Path
    ) -> None:
        options = ExportOptions(
            weights=shared_weights / "mobilenetv2_100.safetensors",
            mean=HALVES,
            std=HALVES,
            arguments={"pad_type": "same"},
            licence="apache-2.0",
        )
        card = export_backbone("mobilenet_v2", tmp_path, options)
        assert (card.dimension, card.licence) == (1280, "apache-2.0")
        assert "mobilenetv2_100.safetensors" in card.source
        assert "pad_type=same" in card.source
        store.install(tmp_path)
        bags = shared_photos / "luma" / "images"
        pictures = [Image.open(bags / f"{name}.jpg") for name in ("mb01-blue-0", "mb02-blue-0")]
        copy = pictures[0].crop((20, 20, 600, 760)).resize((300, 380))
        one, other, again = store.load("mobilenet_v2").embed([*pictures, copy])
        assert one @ again > 0.9 > one @ other

    def test_of_edgetpu_agree_with_the_published_network(
        self, tmp_path: Path, store: ModelStore, shared_weights: Path
    ) -> None:
        published = (
            pytest.importorskip("openvino")
            .Core()
            .compile_model(shared_weights / "mobilenet_edgetpu_100_features_224.onnx", "CPU")
        )
        options = ExportOptions(
            weights=shared_weights / "mobilenet_edgetpu_100.safetensors",
            mean=HALVES,
            std=HALVES,
            arguments={"pad_type": "same"},
            identities=("blocks.0.0.bn1.act",),
        )
        store.install(_export("mobilenet_edgetpu", tmp_path, options))
        embedder = store.load("mobilenet_edgetpu")
        prepared = embedder.prepare(picture())
        scaled = prepared.transpose(2, 0, 1)[np.newaxis] / np.float32(127.5) - np.float32(1)
        expected = published(scaled)[0][0]
        found = embedder.embed_prepared([prepared])[0]
        assert found @ (expected / np.linalg.norm(expected)) > 0.999


def _export(name: str, folder: Path, options: ExportOptions) -> Path:
    export_backbone(name, folder, options)
    return folder


class TestWeightsFile:
    def test_may_still_hold_the_classifier(self, tmp_path: Path) -> None:
        network = timm.create_model("test_resnet", num_classes=10)
        weights = saved(network, tmp_path / "weights.pth")
        (tmp_path / "built").mkdir()
        card = export_backbone("test_resnet", tmp_path / "built", ExportOptions(weights=weights))
        assert card.licence.startswith("unknown")

    def test_of_a_transformer_fits_another_size(self, tmp_path: Path, store: ModelStore) -> None:
        network = timm.create_model("test_vit", num_classes=0)
        weights = saved(network, tmp_path / "weights.pth")
        (tmp_path / "built").mkdir()
        options = ExportOptions(weights=weights, size=224)
        assert export_backbone("test_vit", tmp_path / "built", options).input_size == 224
        store.install(tmp_path / "built")
        assert store.load("test_vit").embed([picture()]).shape == (1, 64)

    def test_of_another_network_names_the_keys(self, tmp_path: Path) -> None:
        weights = saved(timm.create_model("test_vit"), tmp_path / "weights.pth")
        with pytest.raises(WeightsUnavailable, match=r"missing \(.*unknown \(.*Check the name"):
            export_backbone("test_resnet", tmp_path, ExportOptions(weights=weights))

    def test_of_another_shape_names_both(self, tmp_path: Path) -> None:
        state = timm.create_model("test_resnet", num_classes=0).state_dict()
        first = next(key for key, tensor in state.items() if tensor.ndim == 4)
        state[first] = state[first][:1]
        torch.save(state, tmp_path / "weights.pth")
        with pytest.raises(WeightsUnavailable, match=rf"another shape \({first} .* instead of"):
            export_backbone(
                "test_resnet", tmp_path, ExportOptions(weights=tmp_path / "weights.pth")
            )

    @pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
    def test_that_is_no_weights(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"certainly not weights")
        with pytest.raises(WeightsUnavailable, match="cannot be read as weights"):
            export_backbone("resnet18", tmp_path, ExportOptions(weights=tmp_path / name))

    def test_that_would_run_code_is_refused(self, tmp_path: Path) -> None:
        torch.save({"state_dict": _RunsCode(tmp_path / "it-ran")}, tmp_path / "weights.pth")
        with pytest.raises(WeightsUnavailable, match="more than tensors"):
            export_backbone("resnet18", tmp_path, ExportOptions(weights=tmp_path / "weights.pth"))
        assert not (tmp_path / "it-ran").exists()

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsUnavailable, match="There is no file"):
            export_backbone("resnet18", tmp_path, ExportOptions(weights=tmp_path / "nowhere.pth"))


class _RunsCode:
    """A pickle of this creates a file when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


class TestHub:
    def test_that_cannot_be_reached_is_known_at_once_and_both_ways_are_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Port 9 of this machine refuses connections, as a machine without a network does.
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
        waits: list[float] = []
        monkeypatch.setattr(time, "sleep", waits.append)
        with pytest.raises(WeightsUnavailable, match=r"model hub .*--weights FILE"):
            export_backbone("resnet18", tmp_path, ExportOptions())
        assert waits == []  # the hub's client would repeat itself, waiting in between

    def test_is_used_as_before_afterwards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        constants = huggingface_hub.constants
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
        before = constants.HF_HUB_OFFLINE
        with hub.hub_without_long_waits():
            assert constants.HF_HUB_OFFLINE is True
        assert before == constants.HF_HUB_OFFLINE

    def test_cannot_help_where_timm_publishes_no_weights(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsUnavailable, match="timm publishes no weights"):
            export_backbone("mobilenet_edgetpu", tmp_path, ExportOptions())


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "suggestion"),
        [("resnet-18", "resnet18"), ("resnet18.nonsense", "resnet18.a1_in1k")],
    )
    def test_of_unknown_names_suggest_others(
        self, tmp_path: Path, name: str, suggestion: str
    ) -> None:
        with pytest.raises(ModelUnknown, match=f"Did you mean.*{suggestion}"):
            export_backbone(name, tmp_path, RANDOM)

    def test_of_arguments_that_timm_does_not_take(self, tmp_path: Path) -> None:
        options = ExportOptions(random_weights=True, arguments={"colour": "red"})
        with pytest.raises(ModelError, match="colour=red"):
            export_backbone("test_resnet", tmp_path, options)

    def test_of_a_layer_that_is_not_there(self, tmp_path: Path) -> None:
        options = ExportOptions(random_weights=True, identities=("layer1.0.akt1",))
        with pytest.raises(ModelError, match=r"Close to it are: .*layer1\.0\.act1"):
            export_backbone("test_resnet", tmp_path, options)

    def test_of_features_that_are_not_pooled(self, tmp_path: Path) -> None:
        options = ExportOptions(random_weights=True, arguments={"global_pool": ""})
        with pytest.raises(ModelError, match="not pooled"):
            export_backbone("test_resnet", tmp_path, options)

    def test_of_an_export_that_disagrees_with_torch(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def damaged(network: Any, *arguments: Any, **named: Any) -> None:
            for weight in network.parameters():
                weight.data += 0.05 * torch.randn(weight.shape)
            intact(network, *arguments, **named)
            for weight in network.parameters():
                weight.data *= 1.2

        intact = torch.onnx.export
        monkeypatch.setattr(torch.onnx, "export", damaged)
        with pytest.raises(ExportMismatch, match="disagrees with torch"):
            export_backbone("test_vit", tmp_path, RANDOM)
        assert not (tmp_path / "card.json").exists()
