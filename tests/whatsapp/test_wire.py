from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.settings import Settings
from whatsapp.client import GraphClient
from whatsapp.errors import Action, SendError

PEM = str(Path(__file__).parent.parent / "data" / "loopback.pem")
ANSWER = b'{"messages":[{"id":"wamid.1"}]}'
BODY = {"to": "+390200000001", "type": "text", "text": {"body": "Ciao"}}


class Server:
    """A bare HTTP server; hang_up: it closes each connection after one answer."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.connections = 0
        self.hang_up = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.lines.append(head.split(b"\r\n")[0])
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))
                if self.hang_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


async def listen(server: Server, tls: ssl.SSLContext | None) -> asyncio.Server:
    return await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls)


def point_at(settings: Settings, listener: asyncio.Server, scheme: str = "http") -> GraphClient:
    port = listener.sockets[0].getsockname()[1]
    return GraphClient(settings.model_copy(update={"graph_url": f"{scheme}://127.0.0.1:{port}"}))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest_asyncio.fixture
async def plain(server: Server) -> AsyncIterator[asyncio.Server]:
    listener = await listen(server, None)
    yield listener
    listener.close()


@pytest_asyncio.fixture
async def secure(server: Server) -> AsyncIterator[asyncio.Server]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(PEM)
    listener = await listen(server, tls)
    yield listener
    listener.close()


async def test_a_connection_serves_one_message_after_the_other(settings: Settings, plain, server: Server) -> None:
    client = point_at(settings, plain)
    for _ in range(3):
        await client.send("900", BODY)
    await client.aclose()
    assert (len(server.lines), server.connections) == (3, 1)


async def test_messages_at_the_same_time_have_connections_of_their_own(settings: Settings, plain, server) -> None:
    client = point_at(settings, plain)
    await asyncio.gather(*(client.send("900", BODY) for _ in range(5)))
    await client.aclose()
    assert (len(server.lines), server.connections) == (5, 5)


async def test_a_connection_the_server_closed_is_opened_anew(settings: Settings, plain, server: Server) -> None:
    server.hang_up = True
    client = point_at(settings, plain)
    for _ in range(3):
        await client.send("900", BODY)
        await asyncio.sleep(0.05)
    await client.aclose()
    assert (len(server.lines), server.connections) == (3, 3)


async def test_it_speaks_tls(settings: Settings, secure, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", PEM)
    client = point_at(settings, secure, "https")
    for _ in range(2):
        assert (await client.send("900", BODY)).wamid == "wamid.1"
    await client.aclose()
    assert (server.lines[0], server.connections) == (b"POST /v25.0/900/messages HTTP/1.1", 1)


async def test_it_trusts_no_stranger(settings: Settings, secure, server: Server) -> None:
    client = point_at(settings, secure, "https")
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    await client.aclose()
    assert (caught.value.action, server.lines) == (Action.SLOW, [])


async def test_a_proxy_of_the_environment_is_used(
    settings: Settings, plain, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{plain.sockets[0].getsockname()[1]}")
    client = GraphClient(settings.model_copy(update={"graph_url": "http://graph.example.org"}))
    await client.send("900", BODY)
    await client.aclose()
    assert server.lines == [b"POST http://graph.example.org/v25.0/900/messages HTTP/1.1"]
