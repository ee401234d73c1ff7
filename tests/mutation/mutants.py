"""Small mistakes in a module, one at a time: what a tired hand could have written instead."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.FloorDiv: ast.Mult,
}
Change = Callable[[], ast.AST | None]
# Of calls of these the one is written for the other.
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The choice among what can be done to one node of a module, by its number."""

    source: str
    line: int
    number: int
    choice: int

    def made(self) -> "Made":
        tree = ast.parse(self.source)
        node = next(node for at, node in enumerate(ast.walk(tree)) if at == self.number)
        before = ast.unparse(node)
        replacement = list(_changes(node))[self.choice]()
        whole = tree if replacement is None else _Replace(node, replacement).visit(tree)
        after = ast.unparse(node if replacement is None else replacement)
        return Made(before, after, ast.fix_missing_locations(whole))


@dataclass(frozen=True, slots=True)
class Made:
    """`tree` is the whole module with the mistake in it."""

    before: str
    after: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, from its top to its end."""
    tree = ast.parse(source)
    skipped = _not_run(tree)
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped:
            for choice, _ in enumerate(_changes(node)):
                yield Mutant(source, getattr(node, "lineno", 0), number, choice)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.new, node) if node is self.old else self.generic_visit(node)


def _not_run(tree: ast.Module) -> set[int]:
    """What says something to readers and to the type checker alone: annotations, asserts, the sides of decorators."""
    hidden: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign() | ast.arg():
                hidden += [] if node.annotation is None else [node.annotation]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                hidden += [*node.decorator_list, *([] if node.returns is None else [node.returns])]
            case ast.ClassDef():
                hidden += [*node.decorator_list, *node.bases]
            case ast.Assert() | ast.Import() | ast.ImportFrom():
                hidden.append(node)
    return {id(each) for root in hidden for each in ast.walk(root)}


def _changes(node: ast.AST) -> Iterator[Change]:
    """What can be done to one node: a function each, which changes it and gives None, or gives another for it."""
    yield from _changed_conditions(node)
    yield from _changed_values(node)


def _changed_conditions(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            yield from (_setter(node.ops, at, COMPARISONS[type(op)]()) for at, op in enumerate(node.ops))
        case ast.BoolOp():
            yield _attribute(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield lambda: node.operand
        case ast.IfExp():
            yield lambda: ast.IfExp(node.test, node.orelse, node.body)


def _changed_values(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.UnaryOp(op=ast.USub()):
            yield lambda: node.operand
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield _attribute(node, "op", ARITHMETIC[type(node.op)]())
        case ast.Return(value=ast.expr()) if not _is_none(node.value):
            yield _attribute(node, "value", ast.Constant(None))
        case ast.Constant(value=bool()):
            yield _attribute(node, "value", not node.value)
        case ast.Constant(value=int()):
            yield from (_attribute(node, "value", node.value + step) for step in (1, -1))
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]):
            yield _attribute(node, "args", [ast.Constant(_last_digit_moved(text))])
        case ast.Call(func=ast.Name(id=name)) if name in TWINS:
            yield _attribute(node.func, "id", TWINS[name])


def _setter(items: list[ast.cmpop], at: int, value: ast.cmpop) -> Change:
    return lambda: items.__setitem__(at, value)


def _attribute(node: ast.AST, name: str, value: object) -> Change:
    return lambda: setattr(node, name, value)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _last_digit_moved(text: str) -> str:
    last = next((at for at in range(len(text) - 1, -1, -1) if text[at].isdigit()), None)
    return "1" if last is None else text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]
