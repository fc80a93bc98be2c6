"""`likeness serve` and `likeness keys`."""

from typing import TYPE_CHECKING, Annotated

import typer

from catalog.records import Role
from retrieval.settings import EngineSettings

if TYPE_CHECKING:
    from retrieval.home import Home

keys_app = typer.Typer(help="Keys of the HTTP API.", no_args_is_help=True)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 picks one.", min=0, max=65_535)
    ] = None,
    worker: Annotated[
        bool | None, typer.Option("--worker/--no-worker", help="Whether to run jobs as well.")
    ] = None,
) -> None:
    """Serve the HTTP API, and run the jobs that come over it."""
    # The other commands need neither the web framework nor the time to import it.
    from service.serving import run
    from service.settings import ServiceSettings

    wanted = {"host": host, "port": port, "worker": worker}
    given = {name: each for name, each in wanted.items() if each is not None}
    run(ServiceSettings.read().model_copy(update=given))


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    role: Annotated[
        str, typer.Option(help="'search' may search, compare and read; 'admin' everything.")
    ] = "search",
) -> None:
    """Make a key and print it: only its hash is kept, so it is never shown again."""
    from catalog.keys import ApiKeys

    if role not in ("search", "admin"):
        raise typer.BadParameter("a role is 'search' or 'admin'", param_hint="--role")
    kept: Role = "admin" if role == "admin" else "search"
    with _home() as home, home.database.write() as connection:
        key = ApiKeys(connection).create(name, kept)
    typer.echo(key)


@keys_app.command("list")
def list_keys() -> None:
    """Names and roles; never the keys."""
    from catalog.keys import ApiKeys

    with _home() as home, home.database.read() as connection:
        keys = ApiKeys(connection).all()
    for key in keys:
        state = "in force" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%d}"
        typer.echo(f"{key.name}\t{key.role}\t{key.created_at:%Y-%m-%d}\t{state}")


@keys_app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="The name it was made with.")]) -> None:
    """Put a key out of force; running services refuse it a few seconds later."""
    from catalog.keys import ApiKeys

    with _home() as home, home.database.write() as connection:
        ApiKeys(connection).revoke(name)
    typer.echo(f"Revoked {name}.")


def _home() -> "Home":
    from retrieval.home import Home

    return Home(EngineSettings.read())
