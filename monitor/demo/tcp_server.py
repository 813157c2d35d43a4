"""A TCP server that can refuse, hang, and change its certificate while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import ClassVar

from monitor.demo.faults import Diary, Fault


class TcpServer:
    """Base of the demonstration's servers; a protocol is one `talk` coroutine.

    `certificates` is (good, expired) where the server speaks TLS. Refusing closes the listening
    socket, so that a connection meets the kernel's own answer.
    """

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG)

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        diary: Diary,
        certificates: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self.fault: Fault | None = None
        self._diary = diary
        self._certificates = certificates
        self._listener: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._accept, self.host, self.port, ssl=self._certificate(), reuse_address=True
            )

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def break_(self, fault: Fault) -> None:
        if fault not in self.faults:
            able = ", ".join(self.faults)
            raise ValueError(f"{self.name} cannot {fault}; it can: {able}")
        await self.stop()
        self.fault = fault
        if fault is not Fault.REFUSE:
            await self.start()
        self._diary.note(self.name, fault)

    async def mend(self) -> None:
        if self.fault is None:
            return
        await self.stop()
        self.fault = None
        await self.start()
        self._diary.note(self.name, None)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak the protocol once; the connection is closed on return."""
        raise NotImplementedError

    def _certificate(self) -> ssl.SSLContext | None:
        if self._certificates is None:
            return None
        return self._certificates[1 if self.fault is Fault.EXPIRED else 0]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
        try:
            if self.fault is Fault.HANG:
                await asyncio.sleep(3600)
            await self.talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
