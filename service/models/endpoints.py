"""GET /v1/models: what can be chosen."""

from fastapi import APIRouter
from starlette.responses import Response

from embedding.backbones import KNOWN, install_command
from service.access import READ
from service.calibrations import model_calibration
from service.models.schemas import InstalledModel, ModelsReply
from service.replies import json_reply
from service.state import State

router = APIRouter(tags=["models"], dependencies=[READ])


@router.get("/v1/models", summary="Installed and known models", response_model=ModelsReply)
def models(state: State) -> Response:
    cards = state.home.store.cards()
    installed = {card.name for card in cards}
    shown = set(InstalledModel.model_fields) - {"calibration"}
    return json_reply(
        {
            "default": state.settings.model,
            "installed": [
                {
                    **card.model_dump(mode="json", include=shown),
                    "weights": card.weights,
                    "calibration": model_calibration(card),
                    "calibration_ignored": None
                    if card.calibration is None
                    else card.uncalibrated_because or None,
                }
                for card in cards
            ],
            "known": [
                {
                    "name": name,
                    "family": backbone.family,
                    "licence": backbone.licence,
                    "note": backbone.note,
                    "install": install_command(name),
                }
                for name, backbone in KNOWN.items()
                if name not in installed
            ],
        }
    )
