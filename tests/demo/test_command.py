"""`likeness demo` as a user sees it."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from demo.command import demo_command


def app(default: Path) -> typer.Typer:
    program = typer.Typer()
    program.command("demo")(demo_command(lambda: default))
    return program


class TestDemo:
    def test_it_says_what_was_drawn_where_and_what_is_next(self, tmp_path: Path) -> None:
        answer = CliRunner().invoke(app(tmp_path / "demo"), ["--products", "1"])
        assert answer.exit_code == 0, answer.output
        assert "Drew 125 of 125 pictures in " in answer.stdout
        assert str(tmp_path / "demo") in answer.stdout
        assert f"likeness index {tmp_path / 'demo' / 'catalogue.csv'}" in answer.stdout
        again = CliRunner().invoke(app(tmp_path / "demo"), ["--products", "1"])
        assert "All 125 pictures were there already." in again.stdout

    def test_a_users_mistake_is_a_sentence(self, tmp_path: Path) -> None:
        answer = CliRunner().invoke(app(tmp_path), [str(tmp_path), "--products", "100000"])
        assert answer.exit_code == 1
        assert "Ask for a number in that range" in answer.stderr
        assert list(tmp_path.iterdir()) == []
