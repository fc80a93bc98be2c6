"""Runs in the peer's environment: folders of pictures in, pairs with their scores out.

Everything is the peer's own: its loader, its hashes, its network, its search. Its network wants
weights from the network of its maker; where a file of other weights is named, those are used, by
the option that it has for that (`CustomModel`).
"""

import json
import sys
import time
from typing import Any

from imagededup.methods import CNN, AHash, DHash, PHash, WHash
from imagededup.utils import CustomModel

HASHES = {"PHash": PHash, "DHash": DHash, "AHash": AHash, "WHash": WHash}
# As far as thresholds are looked for; its defaults are 10 and 0.9.
GREATEST_DISTANCE = 16
LEAST_SIMILARITY = 0.75


def cnn(weights: str | None) -> CNN:
    """With its own weights, or with those of timm's mobilenetv2_100 from a safetensors file."""
    if weights is None:
        return CNN(verbose=False)
    import timm
    from safetensors.torch import load_file
    from timm.data import create_transform, resolve_data_config

    network = timm.create_model("mobilenetv2_100", pretrained=False)
    network.load_state_dict(load_file(weights))
    network.reset_classifier(0)
    network.eval()
    # As its own are: the whole picture, whatever its shape.
    config = resolve_data_config({"crop_pct": 1.0, "crop_mode": "squash"}, model=network)
    transform = create_transform(**config)
    return CNN(
        verbose=False,
        model_config=CustomModel(name="mobilenetv2_100", model=network, transform=transform),
    )


def pairs(found: dict[str, list[tuple[str, float]]]) -> list[tuple[str, str, float]]:
    """Each pair once."""
    every = set()
    for name, others in found.items():
        for other, score in others:
            first, second = sorted((name, other))
            every.add((first, second, float(score)))
    return sorted(every)


def answers(method: Any, folders: list[str], **search: Any) -> dict[str, Any]:
    """folder -> the pairs that the method says are copies, and processor seconds in all."""
    found = {}
    for folder in folders:
        began = time.process_time()
        encodings = method.encode_images(folder, num_enc_workers=0)
        said = method.find_duplicates(encoding_map=encodings, scores=True, **search)
        found[folder] = {"pairs": pairs(said), "seconds": time.process_time() - began}
    return found


def main() -> None:
    # Whatever the packages print goes to stderr; only the answer goes out.
    out, sys.stdout = sys.stdout, sys.stderr
    order = json.load(sys.stdin)
    folders = order["folders"]
    within = {"max_distance_threshold": GREATEST_DISTANCE, "num_dist_workers": 0}
    answer = {
        name: answers(make(verbose=False), folders, **within) for name, make in HASHES.items()
    }
    try:
        network = cnn(order["weights"])
    except Exception as error:  # Whatever a download may end in; it is told, not hidden.
        answer["CNN"] = {"error": str(error)}
    else:
        from_there = {"min_similarity_threshold": LEAST_SIMILARITY, "num_sim_workers": 0}
        answer["CNN"] = answers(network, folders, **from_there)
    json.dump(answer, out)


if __name__ == "__main__":
    main()
