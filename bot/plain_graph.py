"""Runs Rasa's graph of components one after the other. Dask plans the same few nodes anew at every step of every turn,
which took two fifths of a turn; here the order is worked out once.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner


class PlainGraphRunner:
    """Stands in for DaskGraphRunner once the model is loaded; same inputs, same outputs."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._nodes = loaded._instantiated_nodes
        self._schema = loaded._graph_schema
        self._orders: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the target nodes."""
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = self._order_nodes(wanted)
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._orders[wanted]:
            done[name] = self._nodes[name](*(done.get(need, need) for need in needs))
        return {name: done[name][1] for name in wanted}

    def _order_nodes(self, targets: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """(node, what it needs), each after what it needs."""
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: list(node.needs.values()) for name, node in nodes.items()}
        return [(name, needs[name]) for name in TopologicalSorter(needs).static_order() if name in needs]


def simplify_graph(processor: MessageProcessor) -> None:
    """From now on the processor's components run plainly."""
    if isinstance(processor.graph_runner, DaskGraphRunner):
        processor.graph_runner = PlainGraphRunner(processor.graph_runner)
