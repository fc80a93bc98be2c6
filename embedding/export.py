"""From a timm backbone to a model's folder. Here and in `onnx_model` alone the product imports
torch and timm; the training of networks, which starts from the same backbones, does besides.

The recipe: build the network, give it its weights, write it as ONNX, run both side by side, and
only when they agree write the card.
"""

import difflib
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import timm
import torch
from timm.models import load_state_dict

from embedding.backbones import KNOWN, Backbone
from embedding.card import Interpolation, ModelCard
from embedding.errors import ModelError, ModelUnknown, WeightsUnavailable
from embedding.export_options import ExportOptions
from embedding.hub import HUB_ERRORS, hub_address, hub_without_long_waits
from embedding.model_folder import sha256_of
from embedding.onnx_model import onnx_files, write_onnx, write_verified_card

_FILTERS: Mapping[str, Interpolation] = {"bilinear": "bilinear", "lanczos": "lanczos"}


def export_backbone(name: str, folder: Path, options: ExportOptions) -> ModelCard:
    """Writes model.onnx and card.json of the backbone `name` into `folder`, an empty one.

    `name` is one of `backbones.KNOWN` or any name of a timm image backbone. Raises ModelUnknown,
    WeightsUnavailable, ExportMismatch, or ModelError for options the network cannot take; the
    folder's content is then of no use.
    """
    backbone = _find(name)
    network = _build(backbone, options)
    pretrained = network.pretrained_cfg
    size = _input_size(backbone, pretrained, options)
    dimension = write_onnx(network, size, folder)
    draft = ModelCard(
        name=name,
        kind="onnx",
        description=f"{backbone.family} {backbone.timm_name} at {size} pixels",
        licence=_licence(pretrained, options),
        source=_source(backbone, pretrained, options),
        created_at=datetime.now(UTC).replace(microsecond=0),
        dimension=dimension,
        input_size=size,
        fit=options.fit,
        crop_fraction=float(pretrained.get("crop_pct") or 1.0),
        interpolation=_FILTERS.get(str(pretrained.get("interpolation")), "bicubic"),
        mean=options.mean or tuple(pretrained["mean"]),
        std=options.std or tuple(pretrained["std"]),
        files=onnx_files(folder),
    )
    return write_verified_card(draft, network, folder)


def build_backbone(name: str, options: ExportOptions) -> Any:
    """The timm network `name` with its weights and without its classifier, ready to answer.

    Maps float32 (n, 3, size, size), normalised, to pooled features (n, dimension). Raises
    ModelUnknown, WeightsUnavailable, or ModelError for options the network cannot take.
    """
    return _build(_find(name), options)


def input_size_of(name: str, options: ExportOptions) -> int:
    """Side in pixels that `export_backbone` would choose. Raises ModelUnknown."""
    backbone = _find(name)
    pretrained = timm.get_pretrained_cfg(backbone.timm_name).to_dict()
    return _input_size(backbone, pretrained, options)


def origin_of(name: str, options: ExportOptions) -> tuple[str, str]:
    """Where the weights come from, and their licence, as a card tells it. Raises ModelUnknown."""
    backbone = _find(name)
    pretrained = timm.get_pretrained_cfg(backbone.timm_name).to_dict()
    return _source(backbone, pretrained, options), _licence(pretrained, options)


def _find(name: str) -> Backbone:
    """The known backbone of that name, else the timm one."""
    if name in KNOWN:
        return KNOWN[name]
    architecture, _, tag = name.partition(".")
    tags = [model.partition(".")[2] for model in timm.list_pretrained(f"{architecture}.*")]
    if timm.is_model(architecture) and (not tag or tag in tags):
        return Backbone(name, name, "timm", "as timm records it", "any timm backbone")
    alike = difflib.get_close_matches(name, [*KNOWN, *timm.list_models()], n=4, cutoff=0.5)
    if timm.is_model(architecture):
        alike = [f"{architecture}.{tag}" for tag in tags]
    raise ModelUnknown(
        f"There is no backbone named {name!r} in timm {timm.__version__}."
        + (f" Did you mean {', '.join(alike)}?" if alike else "")
        + " `likeness models list --known` shows the ones with a short name."
    )


def _build(backbone: Backbone, options: ExportOptions) -> Any:
    """The network with its weights, without its classifier, ready to answer."""
    pretrained = timm.get_pretrained_cfg(backbone.timm_name)
    arguments = {"num_classes": 0, **backbone.arguments, **options.arguments}
    if pretrained.fixed_input_size:
        arguments.setdefault("img_size", _input_size(backbone, pretrained.to_dict(), options))
    if options.weights is None and not options.random_weights:
        network = _from_the_hub(backbone, arguments)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # random weights are the same on every run
            network = _create(backbone, arguments, pretrained=False)
        if options.weights is not None:
            _load_file(network, options.weights)
    for path in options.identities:
        _replace_by_identity(network, path, backbone)
    return network.eval()


def _create(backbone: Backbone, arguments: Mapping[str, object], *, pretrained: bool) -> Any:
    """timm's network; arguments it cannot take become an error that repeats its words."""
    try:
        return timm.create_model(backbone.timm_name, pretrained=pretrained, **arguments)
    except (AssertionError, TypeError, ValueError, NotImplementedError) as error:
        given = ", ".join(f"{key}={value}" for key, value in arguments.items())
        raise ModelError(
            f"timm cannot build {backbone.timm_name} with {given}: {error}. "
            f"Try another --size, or other --model-arg."
        ) from error


def _from_the_hub(backbone: Backbone, arguments: Mapping[str, object]) -> Any:
    """The network with the weights that timm publishes, downloaded or from the hub's cache."""
    both_ways = (
        f"Either connect this machine to the model hub ({hub_address()}) and "
        f"repeat the command, or download the weights elsewhere and give them with "
        f"`likeness models add {backbone.name} --weights FILE` (.safetensors or .pth)."
    )
    if not timm.get_pretrained_cfg(backbone.timm_name).has_weights:
        raise WeightsUnavailable(
            f"timm publishes no weights for {backbone.timm_name}, so the model hub cannot help. "
            f"Give a file: `likeness models add {backbone.name} --weights FILE`."
        )
    try:
        with hub_without_long_waits():
            return _create(backbone, arguments, pretrained=True)
    except HUB_ERRORS as error:
        raise WeightsUnavailable(
            f"The weights of {backbone.timm_name} could not be had from the model hub "
            f"({_first_line(error)}). {both_ways}"
        ) from error


def _load_file(network: Any, weights: Path) -> None:
    """Loads a checkpoint strictly; only a classifier that the network no longer has is dropped.

    Raises WeightsUnavailable naming the keys that do not match.
    """
    if not weights.is_file():
        raise WeightsUnavailable(f"There is no file {weights}. Correct the path after --weights.")
    try:
        checkpoint = load_state_dict(str(weights))
    except Exception as error:  # pickle, zip, safetensors and the system each raise their own
        raise WeightsUnavailable(
            f"{weights} cannot be read as weights: it is damaged, or holds more than tensors. "
            f"Give a .safetensors file or a PyTorch checkpoint (.pth) of tensors alone."
        ) from error
    convert = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if convert is not None:
        checkpoint = convert(checkpoint, network)
    expected = network.state_dict()
    classifiers = network.pretrained_cfg.get("classifier") or ()
    prefixes = tuple(
        f"{layer}." for layer in ((classifiers,) if isinstance(classifiers, str) else classifiers)
    )
    checkpoint = {
        key: tensor
        for key, tensor in checkpoint.items()
        if key in expected or not key.startswith(prefixes)
    }
    problems = _differences(checkpoint, expected)
    if problems:
        architecture = network.pretrained_cfg["architecture"]
        raise WeightsUnavailable(
            f"{weights} holds weights of another network than {architecture}: {problems}. "
            f"Check the name, and whether the weights need a --model-arg."
        )
    network.load_state_dict(checkpoint, strict=True)


def _differences(checkpoint: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """The keys that differ, a few of each kind, in words; empty when none does."""
    missing = [key for key in expected if key not in checkpoint]
    unknown = [key for key in checkpoint if key not in expected]
    shapes = [
        f"{key} {tuple(checkpoint[key].shape)} instead of {tuple(tensor.shape)}"
        for key, tensor in expected.items()
        if key in checkpoint and checkpoint[key].shape != tensor.shape
    ]
    kinds = {"missing": missing, "unknown": unknown, "of another shape": shapes}
    return "; ".join(
        f"{len(keys)} {kind} ({', '.join(keys[:4])}{', ...' if len(keys) > 4 else ''})"
        for kind, keys in kinds.items()
        if keys
    )


def _replace_by_identity(network: Any, path: str, backbone: Backbone) -> None:
    """Takes one layer out, e.g. an activation that the weights' own network does not have."""
    layers = [name for name, _ in network.named_modules() if name]
    if path not in layers:
        alike = difflib.get_close_matches(path, layers, n=4, cutoff=0.3)
        raise ModelError(
            f"{backbone.timm_name} has no layer {path!r} to replace by identity. "
            f"Close to it are: {', '.join(alike) or 'none'}."
        )
    network.set_submodule(path, torch.nn.Identity())


def _input_size(backbone: Backbone, pretrained: Mapping[str, Any], options: ExportOptions) -> int:
    return options.size or backbone.size or int(pretrained["input_size"][-1])


def _licence(pretrained: Mapping[str, Any], options: ExportOptions) -> str:
    if options.licence:
        return options.licence
    if options.random_weights:
        return "none: random weights"
    if options.weights:
        return "unknown: weights from a file"
    return str(pretrained.get("license") or "unknown: timm records none")


def _source(backbone: Backbone, pretrained: Mapping[str, Any], options: ExportOptions) -> str:
    """Where the weights come from and what was changed, enough to make the model again."""
    if options.random_weights:
        weights = "RANDOM weights, for trials only"
    elif options.weights:
        digest = sha256_of(options.weights)
        weights = f"weights from the file {options.weights.name} (sha-256 {digest[:16]})"
    else:
        weights = f"weights from {pretrained.get('hf_hub_id') or pretrained.get('url')}"
    changes = [f"{key}={value}" for key, value in options.arguments.items()]
    changes += [f"{path} replaced by identity" for path in options.identities]
    return "; ".join([f"timm {timm.__version__} {backbone.timm_name}, {weights}", *changes])


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
