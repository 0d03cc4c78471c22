"""Runs one model server in its own namespaces and forwards loopback ports to it.

Triton's SageMaker port listens on 0.0.0.0 and cannot be told otherwise, so the server gets a
network of its own in which only `lo` exists. The listening sockets are made *before* the namespace
is entered: a socket stays in the network it was born in, so one small process serves outside and
connects inside.

The server also gets its own PID namespace and /dev/shm: when it goes, everything it started and
every shared-memory segment goes with it. It goes when its launcher goes, and the launcher goes when
its standard input closes, which happens when the emulator dies, however it dies.

Standard library alone, and no import of ours: it runs isolated under the serving interpreter.
"""

import asyncio
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 16384, 1 << 18
PR_SET_PDEATHSIG = 1
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
REMEDY = (
    "run as root, or allow unprivileged user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces>0)"
)

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raises OSError naming what failed and the remedy."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}; {REMEDY}")


def enter_namespaces() -> None:
    """Leaves the machine's network for one with loopback alone, and gets a private /dev/shm."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS), "unshare -rn")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"0 {user} 1"),
            ("gid_map", f"0 {group} 1"),
        ):
            Path(f"/proc/self/{name}").write_text(text)
    with socket.socket() as control:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate /")
    check(libc.mount(b"shm", b"/dev/shm", b"tmpfs", 0, b"mode=1777"), "mount /dev/shm")


class Pipe(asyncio.Protocol):
    """One end of a forwarded connection: what it reads, its peer writes."""

    def __init__(self) -> None:
        self.peer: Pipe | None = None
        self.transport: asyncio.Transport | None = None
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, through which the peer writes."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand bytes over, or keep them until there is a peer."""
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)
        else:
            self.early.append(data)

    def pause_writing(self) -> None:
        """Read no more from the peer while this side is slow."""
        if self.peer and self.peer.transport:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read from the peer again."""
        if self.peer and self.peer.transport:
            self.peer.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the other side too."""
        if self.peer and self.peer.transport:
            self.peer.transport.close()


class Outside(Pipe):
    """A connection from outside, which opens the one inside."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the connection inside."""
        super().connection_made(transport)
        self.opening = asyncio.ensure_future(self.open())

    async def open(self) -> None:
        """Connect to the server and hand over what came early; drop the caller where it is away."""
        assert self.transport is not None
        try:
            _, inside = await asyncio.get_running_loop().create_connection(
                Pipe, "127.0.0.1", self.port
            )
        except OSError:
            self.transport.abort()
            return
        if self.transport.is_closing():
            assert inside.transport is not None
            inside.transport.close()
            return
        inside.peer, self.peer = self, inside
        early, self.early = self.early, []
        for data in early:
            self.data_received(data)


def spawn(
    command: list[str], environment: dict[str, str], folder: str
) -> "subprocess.Popen[bytes]":
    """Starts the server as process 1 of a PID namespace that dies with the launcher."""
    return subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *command],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - no threads
    )


async def serve(listeners: dict[int, socket.socket], server: "subprocess.Popen[bytes]") -> int:
    """Forwards until the server ends (its exit status) or standard input closes (0)."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def finish(status: int | None) -> None:
        if status is not None and not ended.done():
            ended.set_result(status)

    loop.add_signal_handler(signal.SIGCHLD, lambda: finish(server.poll()))
    loop.add_signal_handler(signal.SIGTERM, lambda: finish(0))
    loop.add_signal_handler(signal.SIGINT, lambda: finish(0))
    loop.add_reader(0, lambda: finish(None if os.read(0, 4096) else 0))
    finish(server.poll())
    for port, listener in listeners.items():
        await loop.create_server(lambda port=port: Outside(port), sock=listener)  # type: ignore[misc]
    return await ended


def read_line() -> bytes:
    """Return the first line of standard input, and leave what follows to be waited for."""
    line = b""
    while byte := os.read(0, 1):
        line += byte
        if byte == b"\n":
            break
    return line


def main() -> int:
    """Reads one JSON line (command, environment, folder, ports), answers with the ports outside."""
    order = json.loads(read_line())
    listeners = {port: socket.create_server(("127.0.0.1", 0)) for port in order["ports"]}
    enter_namespaces()
    server = spawn(order["command"], order["environment"], order["folder"])
    answer = {str(port): listener.getsockname()[1] for port, listener in listeners.items()}
    print(json.dumps(answer), flush=True)
    try:
        return asyncio.run(serve(listeners, server))
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
