from __future__ import annotations

from typing import Any

import pytest

from discovery import document
from tools import errors


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ({"openapi": "3.0.3"}, "openapi-3.0"),
        ({"openapi": "3.1.0"}, "openapi-3.1"),
        ({"swagger": "2.0"}, "swagger-2.0"),
        ({"swagger": 2.0}, "swagger-2.0"),
    ],
    ids=["3.0", "3.1", "2.0", "2.0 as a YAML number"],
)
def test_the_version_names_the_dialect(version: dict[str, Any], dialect: str) -> None:
    assert dialect == document.detect(version | {"paths": {}})


@pytest.mark.parametrize(
    ("root", "says", "pointer"),
    [
        ({"asyncapi": "2.6.0", "channels": {}}, "an AsyncAPI 2.6.0 document", "/asyncapi"),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, "a JSON Schema", "/$schema"),
        ({"type": "object", "properties": {}}, "a JSON Schema", "/properties"),
        ({"info": {"_postman_id": "1"}, "item": []}, "a Postman collection", "/info/_postman_id"),
        ({"log": {"entries": []}}, "a HAR file", "/log"),
        ({"swaggerVersion": "1.2"}, "Swagger before 2.0", "/swagger"),
        ({"paths": {}}, "without its version", "/openapi"),
        ({"openapi": "4.0.0", "paths": {}}, "OpenAPI 4.0.0", "/openapi"),
        ({"openapi": "3.1.0"}, "no `paths` object", "/paths"),
        ({"hello": 1}, "some other kind of document", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_such_document_is_told_by_what_it_looks_like(root: Any, says: str, pointer: str) -> None:
    with pytest.raises(errors.DocumentInvalid, match=says) as caught:
        document.detect(root)
    assert {"pointer": pointer} == caught.value.data
