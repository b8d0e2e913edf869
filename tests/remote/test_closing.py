"""When the network is let go of, no connection stays open: not one that is being made, nor one that is made later."""

import asyncio
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from tests.remote.fault_server import FaultServer, reply, using


class Connecting:
    """What is connected to, once it may be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may = asyncio.Event(), asyncio.Event()
        self._made: list[SocketStream] = []
        connects = anyio.connect_tcp

        async def connect(*where: Any, **how: Any) -> SocketStream:
            self.begun.set()
            await self.may.wait()
            made: SocketStream = await connects(*where, **how)
            self._made.append(made)
            return made

        monkeypatch.setattr(anyio, "connect_tcp", connect)

    async def none_is_open(self) -> bool:
        await asyncio.sleep(0)
        return all(each.extra(SocketAttribute.raw_socket).fileno() == -1 for each in self._made)


@pytest.fixture
def connecting(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Connecting:
    server.script("/meta", reply({"verifiable_password_authentication": False}))
    return Connecting(monkeypatch)


async def test_a_connection_that_is_being_made_when_all_are_closed_is_open_nowhere(
    server: FaultServer, connecting: Connecting
) -> None:
    async with using(server) as api:
        asking = asyncio.create_task(api.meta())
        await connecting.begun.wait()
        await api.close()
        connecting.may.set()
        await asyncio.gather(asking, return_exceptions=True)
        assert await connecting.none_is_open()


async def test_what_is_asked_after_all_were_closed_leaves_no_connection(
    server: FaultServer, connecting: Connecting
) -> None:
    connecting.may.set()
    async with using(server) as api:
        await api.meta()
        assert not await connecting.none_is_open()
        await api.close()
        assert (await api.meta()).version is None
        assert await connecting.none_is_open()
