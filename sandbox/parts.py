"""The parts of one sandbox, handed to its routes together."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.config import SandboxConfig
from sandbox.graph import Graph
from sandbox.inbound import Phones
from sandbox.ladder import Ladder
from sandbox.objects import Objects
from sandbox.pronto import Pronto
from sandbox.webhooks import Webhooks
from sandbox.world import World


@dataclass(frozen=True)
class Parts:
    """What one process holds."""

    world: World
    webhooks: Webhooks
    ladder: Ladder
    graph: Graph
    objects: Objects
    phones: Phones
    pronto: Pronto


def build_parts(config: SandboxConfig) -> Parts:
    """Puts a sandbox together; webhooks and pronto still have to be started."""
    world, webhooks = World(config), Webhooks(config)
    ladder = Ladder(world, webhooks)
    graph = Graph(world, ladder)
    return Parts(
        world=world,
        webhooks=webhooks,
        ladder=ladder,
        graph=graph,
        objects=Objects(world, graph, webhooks),
        phones=Phones(world, webhooks, ladder),
        pronto=Pronto(world),
    )
