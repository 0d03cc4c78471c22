"""Plugs the runner into MiniStack's CodeBuild."""

import contextvars
import threading
from collections.abc import Mapping
from typing import Any

from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from local.emulator import gateway
from local.emulator.codebuild import registry
from local.emulator.codebuild.runner import Order, run
from local.emulator.hooks import wrap
from local.paths import workplace

PROJECT = "AWS::CodeBuild::Project"
_REQUEST: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("start_build")
_LEFT_OUT = {
    # what MiniStack's own provider does not keep, and a build needs
    "ConcurrentBuildLimit": "concurrentBuildLimit",
    "LogsConfig": "logsConfig",
    "SecondarySources": "secondarySources",
}


class Builds:
    """Builds as processes; each project runs no more at once than it allows."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str, int], threading.Semaphore] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Take the place of MiniStack's Docker runner."""
        codebuild.EXECUTE_BUILDS = True
        registry.install(workplace())
        wrap("ministack.services.codebuild", "_start_build", _remembering_request)
        wrap("ministack.services.codebuild", "_execute_build", lambda _original: self._execute)
        # StopBuild looks for a container; our runner watches `_stop_requested` instead.
        wrap("ministack.services.codebuild", "_container_for_build", lambda _: lambda _id: None)
        handlers = provisioners._RESOURCE_HANDLERS[PROJECT]
        provisioners._RESOURCE_HANDLERS[PROJECT] = {
            **handlers,
            "create": _complete(handlers["create"], 1),
            "update": _complete(handlers["update"], 2),
        }

    async def start(self) -> None:
        """Do nothing: builds start with a request."""

    async def stop(self) -> None:
        """Do nothing: the ledger ends whatever still runs."""

    def _execute(self, build_id: str, project: dict[str, Any]) -> None:
        build = codebuild._builds.get(build_id)
        if build is None:
            return
        _name_logs(build, project)
        order = Order(
            build=build,
            project=project,
            request=_REQUEST.get({}),
            stop_requested=lambda: bool(codebuild._stop_requested(build_id)),
        )
        with self._slot(project):
            run(order, workplace(), codebuild._log_sink(build))

    def _slot(self, project: Mapping[str, Any]) -> threading.Semaphore:
        limit = int(project.get("concurrentBuildLimit") or 60)
        key = (gateway.account(), str(project["name"]), limit)
        with self._lock:
            return self._slots.setdefault(key, threading.Semaphore(limit))


def _remembering_request(original: Any) -> Any:
    def start_build(data: Mapping[str, Any]) -> Any:
        _REQUEST.set(data)  # the worker thread runs in a copy of this context
        return original(data)

    return start_build


def _complete(original: Any, position: int) -> Any:
    """Keep the properties of a project that MiniStack's provider leaves out."""

    def provide(*arguments: Any) -> Any:
        name, attributes = original(*arguments)
        project = codebuild._projects[name]
        for prop, key in _LEFT_OUT.items():
            value = arguments[position].get(prop)
            project[key] = provisioners._codebuild_cfn_to_api(value)
        return name, attributes

    return provide


def _name_logs(build: dict[str, Any], project: Mapping[str, Any]) -> None:
    logs = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    group = logs.get("groupName") or f"/aws/codebuild/{project['name']}"
    stream = "/".join(part for part in (logs.get("streamName"), build["id"].split(":")[1]) if part)
    build["logs"] = {"groupName": group, "streamName": stream}
