"""Schemas: whether a value fits, what it could harmlessly be made into, and how far its parts may be trusted."""

from tools.schema.coercion import coerce
from tools.schema.fields import Field, fields_of
from tools.schema.labelling import label_by_schema
from tools.schema.models import arguments_model
from tools.schema.validation import Problem, Validator, described, told

__all__ = [
    "Field",
    "Problem",
    "Validator",
    "arguments_model",
    "coerce",
    "described",
    "fields_of",
    "label_by_schema",
    "told",
]
