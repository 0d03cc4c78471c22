"""One execution in a stage at a time: the rest wait in order, or give way to newer ones."""

import threading
from collections.abc import Callable


class Superseded(Exception):
    """A newer execution has taken this one's place before the stage."""


class Stopped(Exception):
    """Somebody stopped the execution while it waited."""


class Gates:
    """The stages of all pipelines, with who is inside and who waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: dict[str, str] = {}
        self._waiting: dict[str, list[str]] = {}

    def enter(
        self,
        stage: str,
        execution: str,
        mode: str,
        stopped: Callable[[], bool],
        *,
        ahead: bool = False,
        shut: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait until the execution may enter.

        Args:
            stage: A name that is unique over all pipelines.
            execution: The execution.
            mode: QUEUED waits in order; SUPERSEDED sends older waiters away; PARALLEL never waits.
            stopped: Says whether the execution was stopped meanwhile.
            ahead: Whether it goes before all who wait and sends none away, as a rollback does; it
                enters a shut stage too.
            shut: Says whether the stage's inbound transition is disabled now.

        Raises:
            Superseded: If a newer execution came to wait here.
            Stopped: If it was stopped.
        """
        if mode == "PARALLEL":
            return
        with self._changed:
            line = self._waiting.setdefault(stage, [])
            if mode == "SUPERSEDED" and not ahead:
                line.clear()
                self._changed.notify_all()
            line.insert(0 if ahead else len(line), execution)
            while (
                self._inside.get(stage) is not None
                or line[:1] != [execution]
                or (shut() and not ahead)
            ):
                if execution not in line:
                    raise Superseded
                if stopped():
                    line.remove(execution)
                    raise Stopped
                self._changed.wait(0.2)
            line.remove(execution)
            self._inside[stage] = execution

    def leave(self, stage: str, execution: str) -> None:
        """Let the next one in."""
        with self._changed:
            if self._inside.get(stage) == execution:
                del self._inside[stage]
                self._changed.notify_all()
