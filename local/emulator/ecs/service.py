"""Plugs the process engine and the load balancers into MiniStack."""

import asyncio
from typing import Any

from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local.emulator import gateway
from local.emulator.ecs.balancer import Balancers
from local.emulator.ecs.engine import Engine
from local.emulator.ecs.targets import UnderWay
from local.emulator.hooks import wrap
from local.paths import workplace

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


class Tasks:
    """The life of everything that ECS and load balancers run."""

    def __init__(self) -> None:
        under_way = UnderWay()
        self._engine = Engine(workplace(), under_way)
        self._balancers = Balancers(under_way)
        self._loop: asyncio.AbstractEventLoop | None = None

    def install(self) -> None:
        """Take Docker's place, and give load balancers a port."""
        wrap("ministack.services.ecs", "_get_docker", lambda _original: lambda: self._engine)
        wrap("ministack.services.ecs", "_make_deployment", _in_progress_at_first)
        handlers = provisioners._RESOURCE_HANDLERS[LOAD_BALANCER]
        provisioners._RESOURCE_HANDLERS[LOAD_BALANCER] = {
            **handlers,
            "create": self._created(handlers["create"]),
            "delete": self._deleted(handlers["delete"]),
        }
        wrap(
            "ministack.services.cloudformation.stacks",
            "_runs_on_worker_thread",
            lambda original: lambda name: name == LOAD_BALANCER or original(name),
        )

    async def start(self) -> None:
        """Listen again for the load balancers of a restored state."""
        self._loop = asyncio.get_running_loop()
        await self._balancers.start()
        for (account, region, arn), record in list(alb._lbs._data.items()):
            port = _port(record)
            record["DNSName"] = _name(await self._balancers.open(account, region, arn, port))

    async def stop(self) -> None:
        """End every container and listener."""
        await self._balancers.close_all()
        await asyncio.to_thread(self._engine.containers.end_all)

    def _created(self, create: Any) -> Any:
        def create_and_open(logical_id: str, properties: Any, stack: str) -> Any:
            arn, attributes = create(logical_id, properties, stack)
            opening = self._balancers.open(gateway.account(), gateway.region(), arn)
            name = _name(self._run(opening))
            alb._lbs[arn]["DNSName"] = name
            return arn, {**attributes, "DNSName": name}

        return create_and_open

    def _deleted(self, delete: Any) -> Any:
        def close_and_delete(arn: str, properties: Any) -> None:
            self._run(self._balancers.close(arn))
            delete(arn, properties)

        return close_and_delete

    def _run(self, coroutine: Any) -> Any:
        if self._loop is None:
            raise RuntimeError("load balancers are made only once the emulator serves")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


def _in_progress_at_first(original: Any) -> Any:
    """Let a service's first deployment be judged too: MiniStack calls it complete at once."""

    def make(task_definition: str, desired_count: int, status: str = "PRIMARY") -> Any:
        deployment = original(task_definition, desired_count, status)
        if desired_count:
            deployment.update(rolloutState="IN_PROGRESS", rolloutStateReason="")
        return deployment

    return make


def _name(port: int) -> str:
    return f"127.0.0.1:{port}"


def _port(record: Any) -> int | None:
    _, separator, port = str(record.get("DNSName", "")).partition(":")
    return int(port) if separator and port.isdigit() else None
