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


def main() -> None:
    # Whatever the packages print goes to stderr; only the answer goes out.
    out, sys.stdout = sys.stdout, sys.stderr
    order = json.load(sys.stdin)
    answer: dict[str, Any] = {}
    for name, make in HASHES.items():
        for folder in order["folders"]:
            method, began = make(verbose=False), time.process_time()
            encodings = method.encode_images(folder, num_enc_workers=0)
            found = method.find_duplicates(
                encoding_map=encodings,
                max_distance_threshold=GREATEST_DISTANCE,
                scores=True,
                num_dist_workers=0,
            )
            seconds = time.process_time() - began
            answer.setdefault(name, {})[folder] = {"pairs": pairs(found), "seconds": seconds}
    try:
        method = cnn(order["weights"])
    except Exception as error:  # Whatever a download may end in; it is told, not hidden.
        answer["CNN"] = {"error": str(error)}
    else:
        for folder in order["folders"]:
            began = time.process_time()
            encodings = method.encode_images(folder, num_enc_workers=0)
            found = method.find_duplicates(
                encoding_map=encodings,
                min_similarity_threshold=LEAST_SIMILARITY,
                scores=True,
                num_sim_workers=0,
            )
            seconds = time.process_time() - began
            answer.setdefault("CNN", {})[folder] = {"pairs": pairs(found), "seconds": seconds}
    json.dump(answer, out)


if __name__ == "__main__":
    main()
