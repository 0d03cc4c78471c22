"""Endpoints: created, moved to another configuration, weighted and deleted."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from local.endpoints.control.crud import CONFIG, ENDPOINT, MODEL, Crud
from local.endpoints.control.records import Records
from local.endpoints.control.rollout import rollout_of
from local.endpoints.control.shapes import Json
from local.endpoints.errors import HostFailed, validation
from local.endpoints.fleet import Fleet, Servers, stop_all
from local.endpoints.hosts.images import container_of
from local.endpoints.settings import Scope

log = logging.getLogger(__name__)
WEIGH_SECONDS = 30.0  # about what new weights and counts take
AtRest = Callable[[Scope, Json], None]
"""Hears of an endpoint that has come to rest; it may block."""
LIVE = "_Live"  # of an endpoint's record: the configuration and models it serves, whole


class Endpoints:
    """The life of endpoints; what takes long happens in tasks, as it does in AWS."""

    def __init__(self, records: Records, fleet: Fleet, at_rest: AtRest) -> None:
        self.crud = Crud(ENDPOINT, records)
        self._configs = Crud(CONFIG, records)
        self._models = Crud(MODEL, records)
        self._records = records
        self._fleet = fleet
        self._at_rest = at_rest
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing: dict[tuple[Scope, str], asyncio.Task[None]] = {}

    def create(self, request: Json) -> Json:
        """Begin to bring an endpoint up; it is `Creating` until its hosts answer pings."""
        live = self._snapshot(request["EndpointConfigName"])
        record = self.crud.add(
            request, EndpointStatus="Creating", ProductionVariants=[], **{LIVE: live}
        )
        self._begin(record, self._bring_up(self._records.scope(), record))
        return {"EndpointArn": record["EndpointArn"]}

    def update(self, request: Json) -> Json:
        """Begin to move an endpoint to another configuration: new hosts come, then old ones go."""
        record = self._settled(request["EndpointName"])
        live = self._snapshot(request["EndpointConfigName"])
        if live != record[LIVE] or record["EndpointStatus"] == "Failed":
            record |= {"EndpointStatus": "Updating", "LastModifiedTime": time.time()}
            record.pop("FailureReason", None)
            retained = request.get("RetainDeploymentConfig", False)
            deployment = record.get("LastDeploymentConfig", {}) if retained else {}
            record["LastDeploymentConfig"] = request.get("DeploymentConfig", deployment)
            keep = request.get("RetainAllVariantProperties", False)
            self._begin(record, self._replace(self._records.scope(), record, live, keep))
        return {"EndpointArn": record["EndpointArn"]}

    def weigh(self, request: Json) -> Json:
        """Begin to change variants' weights and counts; the endpoint is `Updating` meanwhile."""
        record = self._settled(request["EndpointName"])
        variants = {variant["VariantName"]: variant for variant in record["ProductionVariants"]}
        wishes = request["DesiredWeightsAndCapacities"]
        for wish in wishes:
            if wish["VariantName"] not in variants:
                raise validation(
                    f'Variant name(s) "{wish["VariantName"]}" not found for endpoint '
                    f'"{record["EndpointArn"]}".'
                )
        for wish in wishes:
            variant = variants[wish["VariantName"]]
            for member in ("DesiredWeight", "DesiredInstanceCount"):
                variant[member] = wish.get(member, variant[member])
        record |= {"EndpointStatus": "Updating", "LastModifiedTime": time.time()}
        self._begin(record, self._take_up(record))
        return {"EndpointArn": record["EndpointArn"]}

    def delete(self, request: Json) -> Json:
        """Forget an endpoint; its hosts go in the background."""
        scope, record = self._records.scope(), self.crud.find(request["EndpointName"])
        change = self._changing.pop((scope, record["EndpointName"]), None)
        if change is not None:
            change.cancel()
        self.crud.delete(request)
        self._spawn(stop_all(self._fleet.retire(scope, record["EndpointName"])))
        return {}

    def restore(self) -> None:
        """Bring every endpoint up again that was in service when the records were saved."""
        for scope in self._records.scopes(ENDPOINT.noun):
            for record in self._records.of(ENDPOINT.noun, scope).values():
                if record["EndpointStatus"] in ("InService", "Updating", "RollingBack"):
                    record["EndpointStatus"] = "Updating"
                elif record["EndpointStatus"] != "Creating":
                    continue
                self._begin(record, self._bring_back(scope, record), scope)

    async def settle(self) -> None:
        """Give up every change and return when nothing is under way any more; for shutdown."""
        for change in self._changing.values():
            change.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take_up(self, record: Json) -> None:
        """Let variants have the weights and counts that are wanted."""
        await asyncio.sleep(WEIGH_SECONDS * self._fleet.settings.second)
        for variant in record["ProductionVariants"]:
            variant["CurrentWeight"] = variant["DesiredWeight"]
            variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
        record |= {"EndpointStatus": "InService", "LastModifiedTime": time.time()}

    async def _bring_back(self, scope: Scope, record: Json) -> None:
        """Build the servers that the emulator's predecessor had; weights stay as they were."""
        await self._fleet.reachable()
        await self._bring_up(scope, record, record["ProductionVariants"])

    async def _bring_up(
        self, scope: Scope, record: Json, variants: list[Json] | None = None
    ) -> None:
        """Build the endpoint's first servers."""
        name, live = record["EndpointName"], record[LIVE]
        try:
            servers = await self._fleet.build(scope, name, live["config"], live["models"])
        except HostFailed as error:
            record |= {"EndpointStatus": "Failed", "FailureReason": str(error)}
            log.warning("endpoint %s failed: %s", name, error)
        else:
            record["ProductionVariants"] = variants or summaries(live)
            record["EndpointStatus"] = "InService"
            self._fleet.serve(scope, name, servers)
        record["LastModifiedTime"] = time.time()

    async def _replace(self, scope: Scope, record: Json, live: Json, keep: bool) -> None:
        """Build new servers beside the old ones and move the traffic, or leave all as it was."""
        name = record["EndpointName"]
        try:
            servers = await self._fleet.build(scope, name, live["config"], live["models"])
            await self._move_traffic(scope, record, servers)
        except HostFailed as error:
            log.warning("endpoint %s keeps its configuration: %s", name, error)
            record |= {"EndpointStatus": "RollingBack", "FailureReason": str(error)}
            await asyncio.sleep(0)
            up = bool(self._fleet.servers(scope, name))
            record["EndpointStatus"] = "InService" if up else "Failed"
        else:
            record["ProductionVariants"] = summaries(live, record["ProductionVariants"], keep)
            record |= {LIVE: live, "EndpointConfigName": live["config"]["EndpointConfigName"]}
            before = self._fleet.serve(scope, name, servers)
            record["EndpointStatus"] = "InService"
            self._fleet.dismiss(before)
        record["LastModifiedTime"] = time.time()

    async def _move_traffic(self, scope: Scope, record: Json, servers: Servers) -> None:
        """Give the new servers their traffic step by step, for as long as no alarm rings.

        Raises:
            HostFailed: One rang; the new servers are gone.
        """
        name, since = record["EndpointName"], time.time()
        rollout = rollout_of(record["LastDeploymentConfig"], self._fleet.settings.second)
        try:
            for share, seconds in rollout.phases():
                self._fleet.try_out(scope, name, servers, share)
                ringing = await self._fleet.ringing(scope, rollout.alarms, since, seconds)
                if ringing:
                    raise HostFailed(
                        f"The rollout was turned back with {share:.0%} of the traffic moved: "
                        f"alarm {', '.join(ringing)} went into ALARM"
                    )
        except BaseException:
            self._fleet.end_trial(scope, name)
            self._fleet.dismiss(servers)
            raise

    def _begin(
        self, record: Json, work: Coroutine[Any, Any, None], scope: Scope | None = None
    ) -> None:
        """Start a change of an endpoint, which deleting the endpoint cancels."""
        key = (scope or self._records.scope(), record["EndpointName"])
        change = self._spawn(work)
        self._changing[key] = change

        def end(change: "asyncio.Task[None]") -> None:
            if self._changing.get(key) is change:
                del self._changing[key]
            fault = None if change.cancelled() else change.exception()
            if fault is not None:
                log.error("endpoint %s", key[1], exc_info=fault)
                record.update(EndpointStatus="Failed", FailureReason=repr(fault))
            if not change.cancelled():
                self._spawn(asyncio.to_thread(self._at_rest, key[0], dict(record)))

        change.add_done_callback(end)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _settled(self, name: str) -> Json:
        record = self.crud.find(name)
        if record["EndpointStatus"] not in ("InService", "Failed"):
            raise validation(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
        return record

    def _snapshot(self, config_name: str) -> Json:
        """Return a configuration with its models, as they are now: both may be deleted later."""
        config = self._configs.find(config_name)
        names = {variant["ModelName"] for variant in config["ProductionVariants"]}
        return {"config": config, "models": {name: self._models.find(name) for name in names}}


def summaries(live: Json, before: list[Json] | None = None, keep: bool = False) -> list[Json]:
    """Return the variants of a configuration as DescribeEndpoint shows them.

    Args:
        live: A configuration with its models.
        before: The variants until now.
        keep: Whether variants keep the weight and count they have now.
    """
    known = {variant["VariantName"]: variant for variant in before or []} if keep else {}
    shown = []
    for variant in live["config"]["ProductionVariants"]:
        image = container_of(live["models"][variant["ModelName"]])["Image"]
        old = known.get(variant["VariantName"], {})
        weight = old.get("CurrentWeight", variant.get("InitialVariantWeight", 1.0))
        count = old.get("CurrentInstanceCount", variant.get("InitialInstanceCount", 1))
        shown.append(
            {
                "VariantName": variant["VariantName"],
                "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}],
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                "CurrentInstanceCount": count,
                "DesiredInstanceCount": count,
            }
        )
    return shown
