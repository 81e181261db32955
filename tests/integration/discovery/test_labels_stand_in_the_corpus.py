"""What the oracle of the discovery suite speaks of stands in the documents of the corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from evals.suites.discovery import labels

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "specs"
LABELS = labels.load_labels()
ANSWERS = [answer for query in labels.load_queries() for answer in query.answers]
DOCUMENTS = sorted({one.document for one in (*LABELS, *ANSWERS)})

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"needs the corpus of real documents at {CORPUS}")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_operation_that_is_spoken_of_is_in_its_document(document: str) -> None:
    """Labelled operations, those they are read back and undone by, and the answers to queries."""
    named = {f"{one.method} {one.path}" for one in (*LABELS, *ANSWERS) if one.document == document}
    relations = [(one.read_back, one.inverse) for one in LABELS if one.document == document]
    related = {operation for pair in relations for operation in pair if operation}
    assert set() == (named | related) - _operations(CORPUS / document)


def _operations(path: Path) -> set[str]:
    raw = path.read_bytes()
    root = json.loads(raw) if path.suffix == ".json" else yaml.load(raw, Loader=yaml.CSafeLoader)
    return {f"{method.upper()} {place}" for place, item in root["paths"].items() for method in item}
