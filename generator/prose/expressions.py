"""Evaluates `{{ expression }}` in the prose, and formats the result for readers.

Expressions are a subset of Jinja2's: names, parts of values, arithmetic, comparisons, and the filters below. They have
no access to Python's attributes, functions, or tests, so they can reach only the values passed in and cannot grow
without bounds. The result is plain text, which the caller must escape for HTML.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import TemplateExpression
from jinja2.filters import FILTERS
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from generator.core import formatting
from generator.core.diagnostics import MAX_NAMES, suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import SPREAD, described, finite_number, first_few, written
from generator.records.results import Path

SAFE_FILTERS = (
    "abs", "capitalize", "first", "join", "last", "length", "lower", "map", "max", "min", "sum", "upper",
)  # fmt: skip
MAX_BASE, MAX_EXPONENT = 10**6, 64
MAX_PARTS, MAX_BRACKETS = 200, 20
"""Limits on the names, numbers, and signs of an expression, and on the nesting of its brackets."""


WRITING_FILTERS = (
    "percent",
    "points",
    "integer",
    "number",
    "words",
    "counted",
    "seconds",
    "capitalize",
    "lower",
    "upper",
)
"""Filters that format a value without changing it."""

_OPERATORS = {"=>": ">=", "=<": "<=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!=", "&&": "and", "||": "or"}
"""Operators of other languages, and of mathematics, with what to write instead."""

_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_NUMBERS = ("integer", "float")
_NUMERIC = SandboxedEnvironment.default_binop_table.keys() - {"+"}
"""Operators that are for numbers only."""

_KEYWORDS = ("and", "else", "if", "in", "is", "not", "or")

Values = Mapping[str, object]


def value_of(expression: str, values: Values, place: Place) -> object:
    """The value of an expression of the prose at `place`.

    Raises:
        ReportError: the expression cannot be parsed, uses a name that is not in `values` (in any of its branches), uses
            something that is not allowed, or fails.
    """
    shown = f"{{{{ {expression} }}}}"
    return result_of(read(expression, values, shown, place), values, shown, place)


def check(expression: str, names: Values, place: Place) -> None:
    """Checks the form and the names of an expression without evaluating it; unknown values are LATER.

    Raises:
        ReportError: as for `read`, or it names a group of values.
    """
    shown = f"{{{{ {expression} }}}}"
    _check_printed(read(expression, names, shown, place), names, shown, place)


def read(expression: str, values: Values, shown: str, place: Place) -> nodes.Expr:
    """The tree of an expression whose names all exist; `shown` is how messages quote it.

    Raises:
        ReportError: it cannot be parsed, uses a name that is not in `values`, or uses something that is not allowed.
    """
    with _plainly(shown, place):
        tree = parsed(expression)
        _check_names(tree, values)
        _check_operands(tree)
        return tree


def result_of(tree: nodes.Expr, values: Values, shown: str, place: Place) -> object:
    """The value of an expression, or of a part of one.

    Raises:
        ReportError: it cannot be evaluated.
    """
    with _plainly(shown, place):
        value = _compiled(tree)(values)
    if isinstance(value, Undefined):
        raise _failed(shown, str(value._undefined_message), place)
    return value


def printed_value(expression: str, values: Values, place: Place) -> object:
    """The value that an expression prints, before the filters that only format it.

    Raises:
        ReportError: as for `value_of`.
    """
    return result_of(_printed(parsed(expression)), values, f"{{{{ {expression} }}}}", place)


def _printed(tree: nodes.Expr) -> nodes.Expr:
    """The part of an expression that gives the value, without the filters that only format it."""
    while isinstance(tree, nodes.Filter) and tree.name in WRITING_FILTERS and isinstance(tree.node, nodes.Expr):
        tree = tree.node
    return tree


def _check_printed(tree: nodes.Expr, values: Values, shown: str, place: Place) -> None:
    """Raises ReportError for a name that stands for a group of values, of which none can be meant; a spread is one.

    So is a tuple that is a constant of the code, which is known before a run.
    """
    printed = _printed(tree)
    found = _follow(printed, values)
    if isinstance(found, Mapping) and not found.keys() >= {*SPREAD}:
        below = [f"{_chain(printed)}{suffix(name)}" for name in found if not isinstance(found[name], Unusable)]
        step = f"Name one of them: {first_few(below, MAX_NAMES)}." if below else "None of them is a number or text."
        raise ReportError(f"{shown} stands for several values.", place, step)
    if isinstance(found, tuple) and printed is tree:
        _written(found, shown, place)


def suffix(name: object) -> str:
    """What names a part of a value: names with hyphens or dots take brackets."""
    return f".{name}" if re.fullmatch(r"\w+", str(name)) else f'["{name}"]'


def text_of(expression: str, values: Values, place: Place) -> str:
    """The value of an expression as text for a reader; not escaped.

    Raises:
        ReportError: as for `value_of`, or the value is neither text nor a number.
    """
    shown = f"{{{{ {expression} }}}}"
    tree = read(expression, values, shown, place)
    _check_printed(tree, values, shown, place)
    return _written(result_of(tree, values, shown, place), shown, place)


def _written(value: object, shown: str, place: Place) -> str:
    try:
        return written(value)
    except TypeError as error:
        what = f"{shown} is {error}, which cannot be printed in a sentence."
        next = "Print one of its parts, or use a filter such as join, length, or percent."
        raise ReportError(what, place, next) from None


@contextmanager
def _plainly(shown: str, place: Place) -> Iterator[None]:
    """Turns every exception into a ReportError, because errors in an expression are for its author to fix."""
    try:
        yield
    except UnknownError as error:
        raise ReportError(f"{shown}: {error.what}.", place, error.next) from None
    except TemplateSyntaxError as error:
        why = re.sub(r"char (.+) at \d+$", r"\1", str(error.message).rstrip(".").replace("template", "expression"))
        raise ReportError(f"{shown} cannot be read: {why}.", place, "Correct the expression.") from None
    except Exception as error:
        raise _failed(shown, str(error) or type(error).__name__, place) from None


class UnknownError(Exception):
    """A name or construct that expressions do not support: what it is, and what to write instead."""

    def __init__(self, what: str, next: str) -> None:
        super().__init__(what)
        self.what, self.next = what, next


class _Environment(SandboxedEnvironment):
    """Jinja2 with only the filters above: values have only their own parts, and arithmetic is on numbers."""

    intercepted_binops = frozenset(SandboxedEnvironment.default_binop_table)

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False)
        self.globals.clear()
        self.tests.clear()
        self.filters = {name: FILTERS[name] for name in SAFE_FILTERS} | {
            "percent": formatting.percent,
            "points": formatting.points,
            "integer": formatting.integer,
            "number": formatting.number,
            "words": formatting.words,
            "counted": formatting.counted,
            "seconds": formatting.seconds,
            "round": formatting.rounded,
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        try:
            return _part(obj, argument)
        except LookupError:
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return left + right
        left, right = finite_number(left, operator), finite_number(right, operator)
        if operator == "**" and (abs(left) > MAX_BASE or abs(right) > MAX_EXPONENT):
            raise ValueError("the power is too large")
        return super().call_binop(context, operator, left, right)


_environment = _Environment()

FILTER_NAMES = tuple(_environment.filters)
"""The names of all filters."""


@cache
def parsed(expression: str) -> nodes.Expr:
    """The tree of an expression.

    Raises:
        TemplateSyntaxError, UnknownError: it cannot be parsed, or uses something that is not allowed.
    """
    _check_size(expression)
    try:
        _check_operators(expression)
        _check_percents(expression)
        parser = Parser(_environment, expression, state="variable")
        tree = parser.parse_expression()
        if parser.stream.current.type == "assign":
            raise UnknownError('"=" does not compare', "Write == to compare.")
        if not parser.stream.eos:
            raise TemplateSyntaxError("something follows the expression", parser.stream.current.lineno)
        _check_allowed(tree)
        _compiled(tree)
    except RecursionError:
        raise _too_large() from None
    return tree


def _check_operators(expression: str) -> None:
    """Raises UnknownError for an operator that expressions write differently."""
    written = _QUOTED.sub("", expression)
    for sign, right in _OPERATORS.items():
        if sign in written:
            raise UnknownError(f'"{sign}" is not an operator of expressions', f"Write {right}.")


Part = tuple[str, str]
"""A part of an expression: its kind, by Jinja2's lexer, and its text."""


def _check_percents(expression: str) -> None:
    """Raises UnknownError for a number in percent; 7 % 2, 7 % x, and 7 % (x) are remainders, and .5 is no number."""
    end = ("eof", "")
    lexed = _environment.lexer.tokeniter(expression, None, state="variable")
    parts: list[Part] = [end, *((kind, text) for _, kind, text in lexed if kind != "whitespace"), end]
    for before, (kind, number), sign, after in zip(parts, parts[1:], parts[2:], parts[3:], strict=False):
        is_percent = kind in _NUMBERS and sign[1] == "%" and before[1] != "."
        if is_percent and not _begins_a_value(after):
            share = (Decimal(str(ast.literal_eval(number))) / 100).normalize()
            raise UnknownError(f'"{number}%" is not a number', f"Write {share:f}.")


def _begins_a_value(part: Part) -> bool:
    """Whether a number can be divided by what begins with this part; a sign is taken for a sum."""
    kind, text = part
    return kind in _NUMBERS or text == "(" or (kind == "name" and text not in _KEYWORDS)


def _check_size(expression: str) -> None:
    """Raises UnknownError for an expression that would overflow Python's stack."""
    parts, depth = re.findall(r"\w+|[^\w\s]", expression), 0
    if len(parts) > MAX_PARTS:
        raise _too_large()
    for part in parts:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(part, 0)
        if depth > MAX_BRACKETS:
            raise _too_large()


def _too_large() -> UnknownError:
    limits = f"Write at most {MAX_PARTS} names, numbers, and signs, with brackets up to {MAX_BRACKETS} deep."
    return UnknownError("the expression is too large", limits)


@cache
def _compiled(tree: nodes.Expr) -> TemplateExpression:
    """The expression as code, compiled once, since the page and the PDF evaluate the same expressions."""
    body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store"), tree, lineno=1)]
    template = nodes.Template(body, lineno=1)
    template.set_environment(_environment)
    return TemplateExpression(_environment.from_string(template), undefined_to_none=False)


def parts_of(tree: nodes.Expr, kind: type[nodes.Node]) -> Iterator[Any]:
    """Every node of a kind in the expression, including the expression itself."""
    if isinstance(tree, kind):
        yield tree
    yield from tree.find_all(kind)


def _check_allowed(tree: nodes.Expr) -> None:
    for _ in parts_of(tree, nodes.Call):
        filters = ", ".join(sorted(_environment.filters))
        raise UnknownError("an expression cannot call functions", f"Use a filter, as in x | percent: {filters}.")
    for node in parts_of(tree, nodes.Test):
        raise UnknownError(f'there is no test "is {node.name}"', "Compare with ==, <, > or in.")
    for node in parts_of(tree, nodes.Filter):
        if node.name not in _environment.filters:
            known = _environment.filters
            raise UnknownError(f'there is no filter "{node.name}"', suggestion(node.name, known, len(known)))
        _check_arguments(node)


def _check_operands(tree: nodes.Expr) -> None:
    """Raises UnknownError for 1 - x | percent, which subtracts a text; a sum of two texts is one."""
    for node in parts_of(tree, nodes.BinExpr):
        for side in (node.left, node.right):
            if node.operator in _NUMERIC and isinstance(side, nodes.Filter) and side.name in WRITING_FILTERS:
                what = f"{node.operator} is for numbers, but {side.name} applies first and gives text"
                step = f"Put parentheses around the calculation, as in (a {node.operator} b) | {side.name}."
                raise UnknownError(what, step)


def _check_arguments(filter: nodes.Filter) -> None:
    """Raises UnknownError for a filter of this project with other arguments than it takes."""
    function = _environment.filters[filter.name]
    if function.__module__ != formatting.__name__:
        return
    signature = inspect.signature(function)
    try:
        signature.bind(None, *filter.args, **{str(argument.key): argument for argument in filter.kwargs})
    except TypeError as error:
        _, *names = signature.parameters
        step = f"Write {filter.name}({', '.join(names)})." if names else f"Write {filter.name} without parentheses."
        raise UnknownError(f"the filter {filter.name}: {error}", step) from None


def _check_names(tree: nodes.Expr, values: Values) -> None:
    """Follows every chain of names, even where it is not evaluated, as in the other branch of an if."""
    for difference in parts_of(tree, nodes.Sub):
        _check_hyphens(difference, values)
    for kind in (nodes.Name, nodes.Getattr, nodes.Getitem):
        for node in parts_of(tree, kind):
            _follow(node, values)


def _check_hyphens(difference: nodes.Sub, values: Values) -> None:
    """Raises UnknownError for names such as variants.no-pooling.loss, which would be read as a difference."""
    terms = _terms(difference)
    for place, term in enumerate(terms):
        if not isinstance(term, nodes.Getattr) or not isinstance(owner := _follow(term.node, values), Mapping):
            continue
        for name in accumulate(map(_first_name, terms[place + 1 :]), "{}-{}".format, initial=term.attr):
            if "-" in name and name in owner:
                chain = _chain(term.node)
                what = f'"{chain}.{name}" has a hyphen, which is read as a minus'
                raise UnknownError(what, f'Write {chain}["{name}"].')


def _terms(node: nodes.Node) -> list[Any]:
    return [*_terms(node.left), node.right] if isinstance(node, nodes.Sub) else [node]


def _first_name(node: nodes.Node | None) -> str:
    while isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Filter):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""


LATER = object()
"""A value that is not known yet, nor are its parts: the expression, or a run, will give it."""


@dataclass(frozen=True)
class Unusable:
    """What has a name but is nothing that an expression can use.

    Attributes:
        why: what it is, after its name.
        next: what to do instead.
    """

    why: str
    next: str


ARRAY = Unusable("is an array", "Arrays are for figures only: return a number as well.")
"""An array that a measure of the author's returns."""


def _follow(node: nodes.Node, values: Values) -> object:
    match node:
        case nodes.Name():
            return _known_part(values, node.name, "")
        case nodes.Getattr():
            return _known_part(_follow(node.node, values), node.attr, _chain(node.node))
        case nodes.Getitem(arg=nodes.Const() as key):
            return _known_part(_follow(node.node, values), key.value, _chain(node.node))
        case nodes.Getitem(arg=nodes.Neg(node=nodes.Const() as key)):
            return _known_part(_follow(node.node, values), -key.value, _chain(node.node))
        case _:
            return LATER


def _known_part(owner: object, name: object, chain: str) -> object:
    if owner is LATER:
        return owner
    with suppress(LookupError):
        if not isinstance(found := _part(owner, name), Unusable):
            return found
        raise UnknownError(f'"{chain}.{name}" {found.why}', found.next)
    if isinstance(owner, Mapping):
        what = f'"{chain}" has no "{name}"' if chain else f'"{name}" is not defined'
        marked = " A measure has @measure on the line before its def." if chain == "analysis" else ""
        usable = (str(key) for key, value in owner.items() if not isinstance(value, Unusable))
        near = suggestion(str(name), usable) + marked
        raise UnknownError(what, _written_otherwise(owner, name, chain) or near)
    if isinstance(owner, Sequence) and not isinstance(owner, str):
        raise UnknownError(f'"{chain}" has no item {name}', f"It has {len(owner)} items, counted from 0.")
    raise UnknownError(f'"{chain}" is {described(owner)} and has no "{name}"', f"Write {chain} alone.")


def _written_otherwise(owner: Mapping[object, object], name: object, chain: str) -> str:
    """How to write a constant of the code, or a key that differs only in its type: classes.0, not classes["0"].

    Empty if there is none.
    """
    if not chain and isinstance(constants := owner.get("code"), Mapping) and name in constants:
        return f"It is in the code: write code.{name}."
    key = next((key for key in owner if str(key) == str(name)), None)
    if isinstance(key, int):
        return f"It is a number: write {chain}.{key}."
    return f'It is text: write {chain}["{key}"].' if key is not None else ""


def _part(owner: object, name: object) -> object:
    """The part of a mapping by its key, or of a sequence by its position; other values have no parts."""
    if isinstance(owner, Mapping) and isinstance(name, str | int):
        return owner[name]
    if isinstance(owner, Sequence) and not isinstance(owner, str) and isinstance(name, int):
        return owner[name]
    raise LookupError(name)


def value_at(values: object, path: Path) -> object:
    """The value at a path of names, or None."""
    for part in path:
        try:
            values = _part(values, part)
        except LookupError:
            return None
    return values


def _chain(node: nodes.Node) -> str:
    match node:
        case nodes.Name():
            return str(node.name)
        case nodes.Getattr():
            return f"{_chain(node.node)}.{node.attr}"
        case nodes.Getitem(arg=nodes.Const() as key):
            return f"{_chain(node.node)}[{key.value!r}]"
        case _:
            return "the value"


def _failed(shown: str, why: str, place: Place) -> ReportError:
    what = f"{shown} cannot be computed: {why.rstrip('.')}."
    binds = " Filters apply first: write (a + b) | percent." if "|" in shown else ""
    return ReportError(what, place, f"Correct the expression, or the values it uses.{binds}")
