"""The copy of a document that Prism judges by: all that bears on a request, and nothing else."""

from __future__ import annotations

from typing import Any

from evals.suites.discovery.prism import judged

FORM = "application/x-www-form-urlencoded"


def test_answers_texts_credentials_and_unused_parts_are_left_out() -> None:
    root: dict[str, Any] = {
        "openapi": "3.0.3",
        "servers": [{"url": "https://h/v1"}],
        "security": [{"key": []}],
        "paths": {
            "x-note": {},
            "/a": {
                "summary": "s",
                "parameters": [{"$ref": "#/components/parameters/Page"}],
                "post": {
                    "description": "d",
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                    "responses": {"201": {"description": "made"}},
                },
                "put": {"requestBody": {"content": {FORM: {"schema": {"$ref": "#/components/schemas/Unused"}}}}},
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey"}},
            "parameters": {"Page": {"name": "page", "in": "query", "example": 1, "schema": {"type": "integer"}}},
            "schemas": {
                "A": {
                    "description": "d",
                    "properties": {
                        "description": {"type": "string", "description": "d"},
                        "next": {"$ref": "#/components/schemas/A"},
                        "lost": {"$ref": "#/components/schemas/Nowhere"},
                    },
                },
                "Unused": {"type": "object"},
            },
        },
    }
    fits = {"200": {"description": "fits"}}
    assert {
        "openapi": "3.0.3",
        "info": {"title": "judged", "version": "1"},
        "paths": {
            "/a": {
                "parameters": [{"$ref": "#/components/parameters/Page"}],
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                    "responses": fits,
                },
                "put": {"requestBody": {"content": {FORM: {}}}, "responses": fits},
            }
        },
        "components": {
            "parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}},
            "schemas": {
                "A": {
                    "properties": {
                        "description": {"type": "string"},
                        "next": {"$ref": "#/components/schemas/A"},
                        "lost": {},
                    }
                }
            },
        },
    } == judged(root)
