"""Nobody waits for a person, a client or a terminal within a transaction: it keeps all others out
for as long."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAITS = frozenset(
    {
        "confirm", "echo", "getpass", "input", "print", "print_json", "print_table", "prompt",
        "readline", "secho", "sleep", "sendall", "urlopen", "write_text",
    }
)  # fmt: skip


def transactions(tree: ast.AST) -> Iterator[ast.With]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(map(_is_transaction, node.items)):
            yield node


def _is_transaction(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "transaction"
    )


def waits(transaction: ast.With) -> Iterator[str]:
    for statement in transaction.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Await):
                yield "await"
            elif isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else ""
                name = called.id if isinstance(called, ast.Name) else name
                if name in WAITS:
                    yield name


def found(source: str) -> list[str]:
    """What they wait for, by the name of the call."""
    return [w for transaction in transactions(ast.parse(source)) for w in waits(transaction)]


def test_no_transaction_waits_for_anybody() -> None:
    rooms = [ROOT / room for room in ("monitor", "credits", "statuspage")]
    sources = {path: path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")}
    using = {path: source for path, source in sources.items() if ".transaction()" in source}
    assert len(using) > 20, "it looks at nothing"
    assert {path: waited for path, source in using.items() if (waited := found(source))} == {}


def test_it_would_find_one() -> None:
    asked = "with journal.transaction() as tx:\n    tx.save(typer.prompt('Name'))"
    served = "async def f():\n    with a, j.transaction() as tx:\n        await send(tx.all())"
    assert found(asked) == ["prompt"]
    assert found(served) == ["await"]
