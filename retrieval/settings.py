"""What every program that opens a Likeness folder can be told from outside."""

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from embedding.images import MOST_PIXELS_ALLOWED
from embedding.model_names import SMALL
from retrieval.errors import SettingsInvalid


class EngineSettings(BaseSettings):
    """Read from the environment, one `LIKENESS_…` variable a field; units are in the names."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_", frozen=True, extra="ignore")

    home: Path = Field(
        Path("data"), description="Folder that holds everything: database, snapshots, models."
    )
    database_url: str | None = Field(
        None, description="Database instead of the SQLite file in the folder, e.g. postgresql://…"
    )
    collection: str = Field("default", description="Collection used where none is named.")
    model: str = Field(SMALL, description="Model of collections that are created.")
    threads: int = Field(
        0, ge=0, le=1024, description="Processor threads a model may use; 0 means all."
    )
    loaded_models_max: int = Field(
        3, ge=1, le=100, description="Models kept in memory beside those that serve collections."
    )
    picture_max_bytes: int = Field(
        20_971_520, ge=1, description="Largest picture file taken, in bytes."
    )
    picture_max_pixels: int = Field(
        50_000_000,
        ge=1,
        le=MOST_PIXELS_ALLOWED,
        description="Largest picture taken, in pixels (width times height).",
    )
    fetch_timeout_s: float = Field(
        10.0, gt=0, description="Longest time to fetch one address, redirects included, in seconds."
    )
    fetch_private_networks: bool = Field(
        False,
        description="Whether picture addresses may lead into private networks and to this machine. "
        "Leave it off where strangers can send addresses.",
    )

    @property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @classmethod
    def read(cls) -> Self:
        """From the environment; raises SettingsInvalid, which names the variable."""
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(
                f"LIKENESS_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
                for problem in error.errors()
            )
            raise SettingsInvalid(
                f"A setting cannot be used. {problems}. docs/settings.md lists them all."
            ) from error
        except SettingsError as error:
            raise SettingsInvalid(
                f"A setting cannot be used: {error}. It is read as JSON; write a list as "
                '["https://shop.example"]. docs/settings.md lists them all.'
            ) from error
