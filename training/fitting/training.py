"""The whole of it: gather, look at the backbone as it is, fit, measure what is held out, export."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from embedding.export import input_size_of
from embedding.network_trained import NetworkTrained
from evaluation.pictures import short_source
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.augmentation import Augmentation
from training.data.judged import JudgedPictures, gather_judged
from training.data.material import Material, deal, open_sources, read
from training.exporting.exporting import export
from training.fitting.devices import Device
from training.fitting.embedding import embed
from training.fitting.judging import JudgedBatches
from training.fitting.loop import Fit, Fitted
from training.fitting.objective import Objective
from training.fitting.reporting import Reporter
from training.fitting.results import Gained, OfSource, Trained, material_text
from training.fitting.run_folder import usual_name
from training.fitting.starting import (
    check_dimension,
    other_of_that_name,
    seeded_network,
    start_projection,
)
from training.fitting.teacher import teaching
from training.fitting.validation import Examination, Hits
from training.losses.building import build_loss
from training.mining.building import build_miner
from training.networks.building import build_network, export_options
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.settings import NetworkSettings
from training.settings import TrainingSettings

MODEL_FOLDER = "model"


def train(
    home: Home,
    settings: TrainingSettings,
    out: Path,
    *,
    resume: bool,
    name: str | None,
    reporter: Reporter,
    watch: Watch,
) -> Trained:
    """The model is in the folder `out` afterwards, not installed."""
    device = Device(settings)
    sources = open_sources(home, settings.sources, settings.collection)
    if other := other_of_that_name(home.store, settings.network):
        reporter.say(other)
    dealt = deal(sources, settings.data, seed=settings.seed)
    check_dimension(settings.network, len(dealt.parts.training))
    material = read(
        home,
        dealt,
        settings.data,
        input_size=input_size_of(settings.network.backbone, export_options(settings.network)),
        watch=watch,
    )
    judged = _judged(home, settings, material, watch)
    reporter.say(material_text(material, device, judged))
    held_out = Examination(material.held_out.pictures)
    before = _before(settings.network, material, device, held_out, reporter)
    network = seeded_network(settings, material.training, loss=settings.loss.name)
    if not resume:
        start_projection(network, settings.network, material.training, device)
    objective = _objective(home, settings, network, material, device, watch)
    fit = Fit(
        network,
        objective,
        material,
        settings,
        device,
        out,
        identity=_identity(settings, material, judged),
        reporter=reporter,
        judged=_judged_batches(settings, judged, network),
    )
    fitted = fit.run(resume=resume)
    after = held_out.hits(embed(network, material.held_out, device))
    gained = _gained(held_out, before, after)
    folder = out / MODEL_FOLDER
    card = export(
        network,
        settings.network,
        material.square,
        _trained(settings, material, fitted, gained),
        folder,
        name=name or usual_name(settings.network.backbone),
    )
    return Trained(
        fitted,
        len(np.unique(material.held_out.labels)),
        gained,
        folder,
        card,
    )


def _gained(examination: Examination, before: Hits, after: Hits) -> Gained:
    more = [now - then for now, then in zip(after.at_1, before.at_1, strict=True)]
    return Gained(
        before=examination.interval(before.at_1),
        after=examination.interval(after.at_1),
        gain=examination.interval(more),
        by_source=tuple(
            OfSource(source, queries, float(then.mean()), float(now.mean()))
            for (source, queries), then, now in zip(
                examination.queries.items(), before.at_1, after.at_1, strict=True
            )
        ),
    )


def _before(
    settings: NetworkSettings,
    material: Material,
    device: Device,
    held_out: Examination,
    reporter: Reporter,
) -> Hits:
    """What the backbone finds of the products held out as it is, without anything learnt here."""
    plain = NetworkSettings(**{
        **settings.model_dump(), "form": "single-scale", "pooling": "average", "dimension": None,
        "batch_norm": False,
    })  # fmt: skip
    network = build_network(plain, classes=None).to(device.name)
    validation = Examination(material.validation.pictures)
    hits = validation.hits(embed(network, material.validation, device))
    reporter.say(
        f"before: validation R@1 {100 * hits.recall_at_1:.1f} %, R@5 {100 * hits.recall_at_5:.1f} %"
    )
    return held_out.hits(embed(network, material.held_out, device))


def _objective(
    home: Home,
    settings: TrainingSettings,
    network: EmbeddingNetwork,
    material: Material,
    device: Device,
    watch: Watch,
) -> Objective:
    loss = build_loss(
        settings.loss, dimension=network.dimension, classes=material.training.products
    )
    if settings.teacher is None:
        return Objective(loss, build_miner(settings.mining))
    told = teaching(
        home,
        settings.teacher,
        material.training,
        dimension=network.dimension,
        threads=device.threads,
        watch=watch,
    )
    return Objective(loss, build_miner(settings.mining), told)


def _judged(
    home: Home, settings: TrainingSettings, material: Material, watch: Watch
) -> JudgedPictures | None:
    if settings.judgements is None:
        return None
    return gather_judged(home, settings.judgements.file, material, settings.data, watch=watch)


def _judged_batches(
    settings: TrainingSettings, judged: JudgedPictures | None, network: EmbeddingNetwork
) -> JudgedBatches | None:
    if settings.judgements is None or judged is None:
        return None
    augmentation = Augmentation(
        settings.augmentation.all_changes, side=network.input_size, seed=settings.seed
    )
    return JudgedBatches(judged, settings.judgements, augmentation, seed=settings.seed)


def _identity(settings: TrainingSettings, material: Material, judged: JudgedPictures | None) -> str:
    """Of all that decides what a step does."""
    parts = (material.training, material.validation, material.held_out)
    digests = [part.digest for part in parts]
    if judged is not None:
        digests.append(judged.digest)
    told = " ".join([settings.decisive(), *digests])
    return hashlib.sha256(told.encode()).hexdigest()


def _trained(
    settings: TrainingSettings, material: Material, fitted: Fitted, gained: Gained
) -> NetworkTrained:
    return NetworkTrained(
        sources=tuple(short_source(each) for each in material.joined.label_columns),
        products=material.training.products,
        pictures=len(material.training.rows),
        loss=settings.loss.name,
        settings_sha256=hashlib.sha256(settings.as_yaml().encode()).hexdigest(),
        seed=settings.seed,
        steps=fitted.steps,
        minutes=round(fitted.seconds / 60.0, 2),
        validation_recall=fitted.recall_at_1,
        held_out_queries=gained.queries,
        recall=gained.after.mean,
        recall_bounds=(gained.after.low, gained.after.high),
        gain=gained.gain.mean,
        gain_bounds=(gained.gain.low, gained.gain.high),
        trained_at=datetime.now(UTC).replace(microsecond=0),
    )
