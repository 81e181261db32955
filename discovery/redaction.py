"""Takes secrets and private words out of an exchange before anything keeps it; what is left still shows the shapes.

A secret becomes `(hidden)`, free text `(text)`, an address of a person or a page a stand-in of the same format, and a
long random text (an id, or a secret nobody named) another one of the same form, so that equal ids stay equal. What a
secret was found to be is hidden wherever else the exchange repeats it, encoded or not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from discovery.exchange import FILE, Exchange
from discovery.words import split, vocabulary

HIDDEN, TEXT, PERSON, PAGE = "(hidden)", "(text)", "someone@example.com", "https://example.com/"
STAND_INS = frozenset({HIDDEN, TEXT, PERSON, PAGE, FILE})
BIRTHDAY = "1970-01-01"
KEPT_ELEMENTS = 50
#: of a list; what repeats teaches nothing new
MAX_DEPTH = 40
LONG = 2000
#: characters; a longer text is none that is kept, so its secrets need not be found
SOUGHT = 400
#: forms of secrets that are looked for inside other texts
REMEMBERED, USUAL_LENGTH = 4096, 60
#: names that are judged once, and how long they may be

SECRET_WORDS = vocabulary(
    "password passwd passphrase passcode pwd secret secrets token tokens apikey credential credentials authorization "
    "authentication auth bearer jwt cookie cookies session sessionid csrf xsrf otp totp pin cvv cvc cvv2 signature sig "
    "hmac assertion nonce ssn iban pan webhooksecret"
)
PAGING_WORDS = vocabulary("page next prev previous continuation pagination cursor sync max total")
#: before `token` they say that it is no credential; its value is still exchanged for another one
SECRET_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("signing", "key"), ("master", "key"),
     ("encryption", "key"), ("service", "key"), ("auth", "key"), ("card", "number"), ("account", "number"),
     ("recovery", "code"), ("verification", "code"), ("security", "code"), ("tax", "id"), ("national", "id"),
     ("x", "key")}
)  # fmt: skip
PERSONAL_WORDS = vocabulary(
    "firstname lastname surname fullname birthday birth dob phone mobile fax telephone street address address1 "
    "address2 line1 line2 city town zip postal postcode latitude longitude lat lng passport"
)
TEXT_WORDS = vocabulary(
    "name title description note notes comment comments subject summary message text body bio remark remarks content "
    "caption headline signature"
)
KEPT_HEADERS = re.compile(r"content-type|accept|retry-after|(x-)?rate-?limit.*|.*-version|prefer")
#: whose values are needed; of all others the name is
SECRETS = re.compile(
    r"eyJ[\w-]{6,}\.[\w-]+|(?i:\b(bearer|basic|digest|token)\s+\S{6})|-----BEGIN|\b\d{3}-\d{2}-\d{4}\b"
    r"|\b(sk|pk|rk|whsec|xox[a-z]|gh[pousr]|github_pat|glpat|npm|shpat|shpss|dop_v1|sq0\w{3}|key|pat)[_-]\w{10}"
    r"|\b(AKIA|ASIA)[0-9A-Z]{12}|\bAIza[\w-]{20}|\bya29\.|\bSG\.[\w-]{10}"
    r"|(?i:(password|passwd|pwd|secret|token|api_?key)\W{1,3}\S{3})"
)
#: JSON web tokens, authorization values, key files, the prefixes that vendors give their keys, `password=…`
CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
EMAIL = re.compile(r"[^@\s]{1,64}@[\w-]+(\.[\w-]+)+")
URL = re.compile(r"[a-z][a-z0-9+.-]{1,15}://\S+", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?)?")
PHONE = re.compile(r"[\d ()/.-]*\d[ ()/-]+[\d ()/.-]+")
PLAIN = re.compile(r"[A-Za-z0-9_-]([A-Za-z0-9_.:/+ -]{0,39})", re.ASCII)
PIECE = re.compile(r"[A-Za-z0-9]+")
RUN = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")


def redact(exchange: Exchange, marked: frozenset[str] = frozenset()) -> Exchange:
    """`exchange` with nothing secret or private in it; `marked` are names whose values the document calls secret."""
    hiding = Hiding(marked=marked, known=frozenset())
    known = dict.fromkeys(form for secret in hiding.secrets(exchange) for form in forms_of(secret))
    # A shorter secret, such as a PIN, would be found in half of all numbers.
    embedded = tuple(islice((form for form in known if len(form) >= 6), SOUGHT))
    return replace(hiding, known=frozenset(known), embedded=embedded).exchange(exchange)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiding:
    marked: frozenset[str]
    known: frozenset[str]
    #: every form of the secrets that this exchange holds under a name that gives them away
    embedded: tuple[str, ...] = ()
    #: those that are looked for inside other texts

    def exchange(self, found: Exchange) -> Exchange:
        return replace(
            found,
            path="/".join(self.segment(part) for part in found.path.split("/")),
            query=tuple((self.key(name), self.text(value, name)) for name, value in found.query),
            request_headers=self.headers(found.request_headers),
            response_headers=self.headers(found.response_headers),
            request_body=self.value(found.request_body, ""),
            response_body=self.value(found.response_body, ""),
        )

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.header(name, value)) for name, value in pairs)

    def header(self, name: str, value: str) -> str:
        if name == "authorization":
            scheme, blank, _ = value.partition(" ")
            return f"{scheme} {HIDDEN}" if blank and scheme.isalpha() and len(scheme) <= 12 else HIDDEN
        if name == "cookie":
            names = (part.partition("=")[0].strip() for part in value.split(";")[:50])
            return "; ".join(f"{self.key(one)}={HIDDEN}" for one in names)
        is_plain = KEPT_HEADERS.fullmatch(name) and len(value) <= 100 and not self.is_secret(value)
        return value if is_plain and not is_secret_name(name) else HIDDEN

    def segment(self, text: str) -> str:
        """A segment of a path: words stay as they are, since most are the API's own."""
        if len(text) > LONG or self.is_secret(text):
            return HIDDEN
        if EMAIL.fullmatch(text):
            return PERSON
        return pseudonym(text) if is_random(text) else text

    def key(self, name: str) -> str:
        """The name of a property, which in a map may be anything."""
        if len(name) > 100 or name.count(" ") > 5:
            return TEXT
        if name in self.known or (self.is_secret(name) and not PIECE.fullmatch(name)):
            return HIDDEN
        if EMAIL.fullmatch(name):
            return PERSON
        return pseudonym(name) if is_random(name) else name

    def value(self, value: Any, name: str, *, is_secret: bool = False, depth: int = 0) -> Any:
        is_secret = is_secret or self.is_named_secret(name)
        if depth > MAX_DEPTH:
            return None
        if isinstance(value, dict):
            return {
                self.key(key): self.value(part, key, is_secret=is_secret, depth=depth + 1)
                for key, part in value.items()
            }
        if isinstance(value, list):
            kept = value[:KEPT_ELEMENTS]
            return [self.value(part, name, is_secret=is_secret, depth=depth + 1) for part in kept]
        if isinstance(value, str):
            return HIDDEN if is_secret and value else self.text(value, name)
        if isinstance(value, bool) or value is None:
            return value
        is_hidden = is_secret or is_personal(name) or str(value) in self.known or is_card(str(value))
        return type(value)(0) if is_hidden else value

    def text(self, text: str, name: str) -> str:
        if text in STAND_INS or not text:
            return text
        if self.is_named_secret(name):
            return HIDDEN
        if len(text) > LONG:
            return TEXT
        if self.is_secret(text):
            return HIDDEN
        if INSTANT.fullmatch(text):
            return BIRTHDAY + text[10:] if is_personal(name) else text
        if EMAIL.fullmatch(text):
            return PERSON
        if URL.fullmatch(text):
            return PAGE
        if is_random(text):
            return pseudonym(text)
        is_plain = PLAIN.fullmatch(text) and len(text.split()) <= 3 and not PHONE.fullmatch(text)
        return text if is_plain and not is_personal(name) and not is_wordy(name) else TEXT

    def is_named_secret(self, name: str) -> bool:
        return name in self.marked or is_secret_name(name)

    def is_secret(self, text: str) -> bool:
        """Whether `text` looks like a secret, or holds one that is known."""
        if text in self.known or SECRETS.search(text) or is_card(text):
            return True
        return any(secret in text for secret in self.embedded)

    def secrets(self, found: Exchange) -> Iterator[str]:
        """The texts that stand under names of secrets, and in the headers that carry credentials."""
        for name, value in (*found.request_headers, *found.response_headers):
            if name in ("cookie", "set-cookie"):
                yield from (part.partition("=")[2].strip() for part in value.split(";"))
            elif is_secret_name(name):
                yield from _credentials(value)
        for name, value in found.query:
            if self.is_named_secret(name):
                yield value
        yield from self._secrets_in(found.request_body, "", is_secret=False)
        yield from self._secrets_in(found.response_body, "", is_secret=False)

    def _secrets_in(self, value: Any, name: str, *, is_secret: bool, depth: int = 0) -> Iterator[str]:
        is_secret = is_secret or self.is_named_secret(name)
        if isinstance(value, dict) and depth <= MAX_DEPTH:
            for key, part in value.items():
                yield from self._secrets_in(part, key, is_secret=is_secret, depth=depth + 1)
        elif isinstance(value, list) and depth <= MAX_DEPTH:
            for part in value:
                yield from self._secrets_in(part, name, is_secret=is_secret, depth=depth + 1)
        elif is_secret and isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(value)


def _remembered(judge: Callable[[str], bool]) -> Callable[[str], bool]:
    """`judge` with a memory for names of usual length: an API has few names, and traffic repeats them."""
    quick = lru_cache(REMEMBERED)(judge)
    return lambda name: quick(name) if len(name) <= USUAL_LENGTH else judge(name)


@_remembered
def is_secret_name(name: str) -> bool:
    words = split(name)
    if words[-1:] in (["token"], ["tokens"]) and PAGING_WORDS.intersection(words):
        return False
    pairs = set(pairwise(words))
    return bool(SECRET_WORDS.intersection(words) or pairs & SECRET_PAIRS or "".join(words) in SECRET_WORDS)


@_remembered
def is_personal(name: str) -> bool:
    words = split(name)
    is_name = {"name"} <= set(words) and bool({"first", "last", "given", "family", "full", "middle"} & set(words))
    return is_name or bool(PERSONAL_WORDS.intersection([*words, "".join(words)]))


@_remembered
def is_wordy(name: str) -> bool:
    """Whether the value under this name is meant to be read by people."""
    return bool(TEXT_WORDS.intersection(split(name)[-1:]))


def is_card(text: str) -> bool:
    """Whether a payment card's number stands in `text` (ISO/IEC 7812-1 annex B: the Luhn check digit)."""
    for found in CARD.findall(text):
        digits = [int(char) for char in found if char.isdigit()][::-1]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
        if (sum(digits[::2]) + sum(doubled)) % 10 == 0 and digits[-1] in (2, 3, 4, 5, 6):
            return True
    return False


def is_random(text: str) -> bool:
    """Whether `text` is made by a machine: an id, a key, a hash. Words, dates and short numbers are not."""
    if UUID.fullmatch(text):
        return True
    if " " in text or INSTANT.fullmatch(text):
        return False
    return any(_is_random(piece) for piece in PIECE.findall(text))


def _is_random(piece: str) -> bool:
    if len(piece) < 8 or piece.isdecimal():
        return len(piece) >= 24
    runs = len(RUN.findall(piece))
    is_hex = len(piece) >= 16 and re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", piece) and not piece.isalpha()
    is_mixed = len(piece) >= 20 and runs >= 4 and any(char.isdecimal() for char in piece)
    # A word in any spelling has long runs of one kind of letter; chance changes kind at every second character.
    return bool(is_hex) or is_mixed or len(piece) < 2.3 * runs or len(piece) > 40


def pseudonym(text: str) -> str:
    """Another text of the same form, always the same one for `text`: digits for digits, hex for hex, signs kept.

    What stands before the last underscore of a prefixed id (`cus_9s8…`) stays, when it is a word.
    """
    prefix, mark, rest = text.rpartition("_")
    if not (mark and len(prefix) <= 12 and re.fullmatch(r"[a-z_]+", prefix)):
        prefix, mark, rest = "", "", text
    stream = hashlib.shake_256(text.encode(errors="replace")).digest(len(rest))
    is_hex = re.fullmatch(r"[0-9a-fA-F-]+", rest) is not None
    made = "".join(_like(char, byte, is_hex) for char, byte in zip(rest, stream, strict=True))
    return prefix + mark + made


def _like(char: str, byte: int, is_hex: bool) -> str:
    if char.isdecimal():
        return str(byte % 10)
    if char.isalpha() and char.isascii():
        letter = chr(ord("a") + byte % (6 if is_hex else 26))
        return letter.upper() if char.isupper() else letter
    return char if char.isascii() else "x"


def forms_of(secret: str) -> Iterator[str]:
    """The ways in which a secret may be repeated: as it is, in a URL, in JSON, in Base64 (RFC 4648)."""
    if not 4 <= len(secret) <= LONG or secret.lower() in ("true", "false", "null", "none") or secret in STAND_INS:
        return
    encoded = secret.encode(errors="replace")
    yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield unquote_plus(secret)
    if len(secret) >= 6:
        yield from (encoded.hex(), base64.b64encode(encoded).decode().rstrip("="))
        yield base64.urlsafe_b64encode(encoded).decode().rstrip("=")


def _credentials(value: str) -> Iterator[str]:
    """What a header of credentials holds: all of it, what follows the scheme, and both halves of Basic (RFC 7617)."""
    scheme, _, rest = value.partition(" ")
    yield value
    if rest:
        yield rest
    if scheme.lower() == "basic":
        try:
            yield from base64.b64decode(rest, validate=True).decode().split(":", 1)
        except (binascii.Error, UnicodeDecodeError):
            return


def marked_names(schemas: Iterable[Any]) -> frozenset[str]:
    """The properties that the schemas call secret: `format: password`, or sent and never shown (`writeOnly`)."""
    found: set[str] = set()
    waiting: list[Any] = list(schemas)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            for name, part in _properties(node):
                if part.get("format") == "password" or part.get("writeOnly") is True:
                    found.add(name)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return frozenset(found)


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        yield from ((name, part) for name, part in properties.items() if isinstance(part, Mapping))
