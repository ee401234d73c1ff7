"""Put a mutant into a module that is loaded already: whoever imported names from it has the mistake too."""

import ast
import functools
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType


def put_in_place(file: Path, original: ast.Module, tree: ast.Module) -> bool:
    """Give functions the mutant's code, and constants its values; False where neither is what differs."""
    parts = file.with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    at = next((at for at, pair in enumerate(zip(original.body, tree.body, strict=True)) if _differ(*pair)), None)
    if at is None:
        return False
    if isinstance(tree.body[at], ast.Assign | ast.AnnAssign):
        _assign_again(module, tree.body[at:])
        return True
    return _swap_code(module, _compiled(file, original), _compiled(file, tree))


def _differ(one: ast.stmt, other: ast.stmt) -> bool:
    return ast.dump(one) != ast.dump(other)


def _assign_again(module: ModuleType, statements: list[ast.stmt]) -> None:
    """The constants from the changed one on, since later ones may be made of it."""
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            before = dict(vars(module))
            code = compile(ast.Module([statement], []), str(module.__file__), "exec")
            exec(code, vars(module))  # noqa: S102
            for name, old in before.items():
                if vars(module)[name] is not old:
                    _hand_on(name, old, vars(module)[name])


def _hand_on(name: str, old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(name) is old:
            setattr(module, name, new)


def _compiled(file: Path, tree: ast.Module) -> dict[str, CodeType]:
    return dict(_code_within(compile(tree, str(file.resolve()), "exec")))


def _code_within(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant.co_qualname, constant
            yield from _code_within(constant)


def _swap_code(module: ModuleType, original: dict[str, CodeType], mutant: dict[str, CodeType]) -> bool:
    swapped = False
    for function in _functions(module):
        name = function.__code__.co_qualname
        if name in original and mutant[name] != original[name]:
            function.__code__ = mutant[name]
            swapped = True
    return swapped


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Of the module and of its classes, without what decorators put around them."""
    held = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
    for value in held:
        for member in vars(value).values() if isinstance(value, type) else (value,):
            yield from _undecorated(member)


def _undecorated(member: object) -> Iterator[FunctionType]:
    match member:
        case property():
            yield from (part for part in (member.fget, member.fset) if isinstance(part, FunctionType))
        case staticmethod() | classmethod():
            yield from _undecorated(member.__func__)
        case functools.cached_property():
            yield from _undecorated(member.func)
        case FunctionType():
            yield member
            yield from _undecorated(getattr(member, "__wrapped__", None))
        case _ if hasattr(member, "__wrapped__"):
            yield from _undecorated(member.__wrapped__)
