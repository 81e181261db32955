"""One enterprise for the whole folder: six real processes, and a client for each that knows its document."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from evals.worlds.client import Client, ClientFor
from evals.worlds.credentials import Credential
from evals.worlds.enterprise import Enterprise


@pytest.fixture(scope="session")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enterprise]:
    with Enterprise.start(tmp_path_factory.mktemp("enterprise")) as started:
        yield started


@pytest.fixture
def client_for(enterprise: Enterprise) -> Iterator[ClientFor]:
    """A client of the named service, with its own credential or the one given."""
    with ExitStack() as stack:

        def make(name: str, credential: Credential | None = None) -> Client:
            return stack.enter_context(Client(enterprise[name], credential))

        yield make
