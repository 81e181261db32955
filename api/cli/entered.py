"""What a person enters: files, and secrets that must not stand on a command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import typer

from api.cli.client import MAX_DOCUMENT, Problem, too_large


def read_file(path: Path) -> bytes:
    """Raises `Problem` when it cannot be read, or is larger than anything that the service takes."""
    try:
        if path.stat().st_size > MAX_DOCUMENT:
            raise too_large(path)
        return path.read_bytes()
    except OSError as exc:
        raise Problem({"title": "no such input", "detail": f"{path} cannot be read: {exc.strerror}"}) from None


def write_file(path: Path, content: bytes) -> None:
    """Raises `Problem` when it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise Problem({"title": "not written", "detail": f"{path} cannot be written: {exc.strerror}"}) from None


def pairs(given: list[str], option: str) -> dict[str, str]:
    """NAME=VALUE pairs. Raises a usage error for anything else."""
    split = [one.partition("=") for one in given]
    if any(not (name and equals) for name, equals, _ in split):
        # The whole text is not repeated: somebody may have typed a secret there.
        raise typer.BadParameter("takes NAME=VALUE", param_hint=option)
    return {name: value for name, _, value in split}


def json_object(text: str, option: str) -> dict[str, Any]:
    """The object in `text`, or in the file that `@path` names."""
    try:
        value = json.loads(read_file(Path(text[1:])) if text.startswith("@") else text)
    except ValueError as exc:
        raise typer.BadParameter(f"is not JSON: {exc}", param_hint=option) from None
    if not isinstance(value, dict):
        raise typer.BadParameter("takes a JSON object", param_hint=option)
    return value


def secret(name: str, source: str | None, is_required: bool = True) -> str:
    """The secret called `name`: from `@FILE`, `env:VARIABLE`, or without a source asked for without an echo.

    A literal is refused: arguments are seen by every user of the machine and kept in the shell's history.
    """
    if source is None:
        return _ask(name, is_required)
    if source.startswith("@"):
        return read_file(Path(source[1:])).decode().rstrip("\r\n")
    if source.startswith("env:"):
        variable = source.removeprefix("env:")
        if variable not in os.environ:
            raise typer.BadParameter(f"the environment has no {variable}", param_hint="--secret")
        return os.environ[variable]
    raise typer.BadParameter(
        f"{name} must come from {name}=@FILE or {name}=env:VARIABLE, or be left out to be asked for; "
        "a secret on the command line is seen by others",
        param_hint="--secret",
    )


def _ask(name: str, is_required: bool) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, default=None if is_required else "", show_default=False))
    if is_required:
        raise typer.BadParameter(f"{name} is needed: {name}=@FILE or {name}=env:VARIABLE", param_hint="--secret")
    return ""
