"""The wire: a call as an HTTP request, an HTTP answer as JSON. Pure; sends nothing and knows no credential."""

from tools.wire.answer import Answer, read_answer
from tools.wire.render import render
from tools.wire.request import Request, redacted

__all__ = ["Answer", "Request", "read_answer", "redacted", "render"]
