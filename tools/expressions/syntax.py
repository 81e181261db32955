"""What the expression language allows: a small subset of Python's grammar, checked on its syntax tree, never run."""

from __future__ import annotations

import ast
import math
import re
from typing import NoReturn

from tools import errors
from tools.expressions.arithmetic import MAX_INT
from tools.expressions.functions import FUNCTIONS

MAX_SOURCE = 4_000
#: characters of one expression
MAX_NODES = 500
#: nodes of its syntax tree
MAX_DEPTH = 40

ALLOWED = (
    "names of steps and inputs, `.` and `[ ]`, + - * / // %, comparisons, `and or not in`, `a if c else b`, "
    "[lists], {objects}, [x for x in list if c], f-strings, and " + ", ".join(f"{name}()" for name in FUNCTIONS)
)
CONSTANT_NAMES: dict[str, bool | None] = {"true": True, "false": False, "null": None}
#: JSON's spelling, understood beside Python's

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_FORMAT_SPEC = re.compile(r"0?[0-9]{0,2},?(\.[0-9]{1,2}[f%]|[d%]?)")


def checked(source: str) -> ast.expr:
    """The syntax tree of `source`, all within the language. Raises ExpressionInvalid with the column of the fault."""
    if len(source) > MAX_SOURCE:
        _refuse(f"an expression has at most {MAX_SOURCE} characters; this one has {len(source)}", 1)
    tree = _parsed(source.strip())
    _bound(tree)
    _Check(source.strip()).visit(tree)
    return tree


def column(node: ast.AST, source: str = "") -> int:
    """The 1-based column where `node` starts; ast counts UTF-8 bytes, people count characters."""
    offset = getattr(node, "col_offset", 0)
    return len(source.encode(errors="replace")[:offset].decode(errors="replace")) + 1 if source else offset + 1


def format_spec(node: ast.FormattedValue) -> str:
    """The constant format spec of a checked f-string field; "" without one."""
    return "".join(str(part.value) for part in _spec_parts(node) if isinstance(part, ast.Constant))


def _parsed(source: str) -> ast.expr:
    try:
        return ast.parse(source, mode="eval").body
    except SyntaxError as exc:
        _refuse(f"not an expression: {exc.msg}", exc.offset or 1, exc)
    except (ValueError, RecursionError, MemoryError, Warning) as exc:
        _refuse("not an expression: it cannot be read", 1, exc)


def _bound(tree: ast.expr) -> None:
    level: list[ast.AST] = [tree]
    count = 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_NODES:
            _refuse(f"an expression has at most {MAX_NODES} parts; split it with `let` steps", 1)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    _refuse(f"an expression is nested at most {MAX_DEPTH} deep; split it with `let` steps", 1)


class _Check(ast.NodeVisitor):
    """Visits every node; whatever has no method of its own is refused."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._is_in_comprehension = False

    def generic_visit(self, node: ast.AST) -> None:
        self._refuse(f"{_called(node)} is not part of the language", node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, str):
            if not _is_unicode(value):
                self._refuse("a text with half a surrogate pair cannot be written as JSON", node)
        elif isinstance(value, bool) or value is None:
            pass
        elif isinstance(value, int):
            if abs(value) > MAX_INT:
                self._refuse("a number has at most 64 bits", node)
        elif not isinstance(value, float) or not math.isfinite(value):
            self._refuse("only texts, numbers, true, false and null can be written here", node)

    def visit_Name(self, node: ast.Name) -> None:
        return

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Slice | ast.Tuple):
            self._refuse("`[ ]` takes one index or key", node.slice)
        self._visit_all(node.value, node.slice)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) not in OPERATORS:
            self._refuse(f"of the operators there are only {' '.join(OPERATORS.values())}", node)
        self._visit_all(node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Invert):
            self._refuse("`~` is not part of the language", node)
        self.visit(node.operand)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._visit_all(*node.values)

    def visit_Compare(self, node: ast.Compare) -> None:
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if not isinstance(operator, _COMPARISONS):
                self._refuse("this comparison is not part of the language", node)
            if isinstance(operator, ast.Is | ast.IsNot) and not is_null(right):
                self._refuse("`is` is only for null; compare with ==", right)
        self._visit_all(node.left, *node.comparators)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._visit_all(node.test, node.body, node.orelse)

    def visit_List(self, node: ast.List) -> None:
        self._visit_all(*node.elts)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key in node.keys:
            if key is None:
                self._refuse("`**` is not part of the language", node)
            self.visit(key)
        self._visit_all(*node.values)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        generator = node.generators[0]
        if len(node.generators) > 1 or self._is_in_comprehension:
            self._refuse("a comprehension has one level; use a `let` step for the inner one", node)
        if generator.is_async or not isinstance(generator.target, ast.Name):
            self._refuse("a comprehension has one plain name for its elements", node)
        self.visit(generator.iter)
        self._is_in_comprehension = True
        self._visit_all(node.elt, *generator.ifs)
        self._is_in_comprehension = False

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._visit_all(*node.values)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        is_constant = all(isinstance(part, ast.Constant) for part in _spec_parts(node))
        if node.conversion != -1 or not is_constant or not _FORMAT_SPEC.fullmatch(format_spec(node)):
            self._refuse("in an f-string only simple number formats are allowed, such as {x:.2f} or {x:,}", node.value)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            self._refuse(f"no methods are called here; write {node.func.attr}(value) if there is such a function", node)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            self._refuse("no such function", node)
        if node.keywords:
            self._refuse(f"{node.func.id}() takes no named arguments", node)
        function = FUNCTIONS[node.func.id]
        if not function.least <= len(node.args) <= function.most:
            wanted = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
            self._refuse(f"{node.func.id}() takes {wanted} arguments; here are {len(node.args)}", node)
        for argument in node.args:
            if isinstance(argument, ast.GeneratorExp) and len(node.args) == 1:
                # sum(x for x in xs) means sum([x for x in xs]); people and models write both.
                self.visit_ListComp(_as_list(argument))
            else:
                self.visit(argument)

    def _visit_all(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.visit(node)

    def _refuse(self, message: str, node: ast.AST) -> NoReturn:
        _refuse(message, column(node, self._source))


def is_null(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "null"
    return isinstance(node, ast.Constant) and node.value is None


def literal_index(node: ast.expr) -> str | int | None:
    """The key or index written out as a literal in `[ ]`; None when it is computed."""
    is_minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) and is_minus else node
    if not isinstance(inner, ast.Constant) or isinstance(inner.value, bool):
        return None
    if isinstance(inner.value, int):
        return -inner.value if is_minus else inner.value
    return inner.value if isinstance(inner.value, str) and not is_minus else None


def comprehension(node: ast.AST) -> ast.ListComp | None:
    """`node` as a list comprehension, when it is one or a generator that stands for one."""
    if isinstance(node, ast.GeneratorExp):
        return _as_list(node)
    return node if isinstance(node, ast.ListComp) else None


def target(loop: ast.ListComp | ast.GeneratorExp) -> str:
    """The name a checked comprehension gives to each element."""
    name = loop.generators[0].target
    assert isinstance(name, ast.Name), "the check lets only plain names pass"
    return name.id


def _as_list(node: ast.GeneratorExp) -> ast.ListComp:
    return ast.copy_location(ast.ListComp(elt=node.elt, generators=node.generators), node)


def _spec_parts(node: ast.FormattedValue) -> list[ast.expr]:
    return node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []


def _called(node: ast.AST) -> str:
    known: dict[type[ast.AST], str] = {
        ast.Lambda: "a lambda",
        ast.NamedExpr: "`:=`",
        ast.Starred: "`*`",
        ast.Set: "a set",
        ast.Tuple: "a tuple (write a list: [a, b])",
    }
    return known.get(type(node), type(node).__name__)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(message: str, at: int, cause: BaseException | None = None) -> NoReturn:
    raise errors.ExpressionInvalid(f"column {at}: {message}. Allowed are {ALLOWED}.", column=at) from cause
