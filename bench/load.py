"""Many clients at once, from one process that costs little: `python -m bench.load` < plan.

Each client has a connection of its own and sends its next picture when the last was answered. One
epoll loop serves them all: it writes requests made beforehand and reads no more of an answer than
its status and length. A client that is refused waits as long as Retry-After says. Nothing but the
standard library is imported, so what this process costs is what it needs; it measures that, too.
"""

import heapq
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.wire import LONGEST_WAIT_S, Reply, reply_in, upload

_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Load:
    """What came of it. Every request sent is answered or lost: closed upon, or silent a minute.

    `within_s` lists how long each answer 200 took, in seconds; `rate` counts those that came within
    the time asked for. `without_retry_after` are refusals that did not say when to come back.
    """

    clients: int
    seconds: float
    sent: int = 0
    lost: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    without_retry_after: int = 0
    within_s: Sequence[float] = ()
    rate: float = 0.0
    cpu_s: float = 0.0

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())


def loaded(port: int, pictures: Sequence[Path], *, clients: int, seconds: float) -> Load:
    """Searches with `clients` connections for `seconds`, then waits for what is still out."""
    plan = {
        "port": port,
        "pictures": [str(path.resolve()) for path in pictures],
        "clients": clients,
        "seconds": seconds,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Load(**json.loads(ended.stdout))


class _Client:
    """One connection and what is on its way over it."""

    def __init__(self, number: int) -> None:
        self.turn = number
        self.socket: socket.socket | None = None
        self.unsent = memoryview(b"")
        self.received = bytearray()
        self.sent_at = 0.0


class _Clients:
    def __init__(self, port: int, requests: Sequence[bytes], count: int) -> None:
        self._port = port
        self._requests = requests
        self._selector = selectors.DefaultSelector()
        self._clients = [_Client(number) for number in range(count)]
        self._out: set[_Client] = set()
        self._resting: list[tuple[float, int, _Client]] = []
        self.sent = self.lost = self.without_retry_after = 0
        self.statuses: Counter[str] = Counter()
        self.answers: list[tuple[float, float]] = []

    def run(self, seconds: float) -> float:
        """Returns when it began; `answers` then holds (arrived at, took) in seconds."""
        for client in self._clients:
            self._connect(client)
        began = time.perf_counter()
        until = began + seconds
        for client in self._clients:
            self._send(client)
        while self._out or self._resting:
            now = time.perf_counter()
            if now >= until:
                self._resting.clear()
            while self._resting and self._resting[0][0] <= now:
                self._send(heapq.heappop(self._resting)[2])
            self._give_up_on_silent(now)
            for key, ready in self._selector.select(timeout=0.05):
                self._serve(key.data, ready, until)
        for client in self._clients:
            self._hang_up(client)
        return began

    def _serve(self, client: _Client, ready: int, until: float) -> None:
        try:
            if ready & selectors.EVENT_WRITE:
                self._write(client)
            if ready & selectors.EVENT_READ:
                self._read(client, until)
        except OSError:
            self._lose(client)
            if time.perf_counter() < until:
                self._send(client)

    def _connect(self, client: _Client) -> None:
        client.socket = socket.create_connection(("127.0.0.1", self._port), LONGEST_WAIT_S)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.socket.setblocking(False)
        self._selector.register(client.socket, selectors.EVENT_READ, client)

    def _send(self, client: _Client) -> None:
        if client.socket is None:
            self._connect(client)
        client.unsent = memoryview(self._requests[client.turn % len(self._requests)])
        # Far apart, so that clients do not send the same pictures one after the other.
        client.turn += len(self._clients)
        client.received.clear()
        client.sent_at = time.perf_counter()
        self.sent += 1
        self._out.add(client)
        assert client.socket is not None
        self._selector.modify(client.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, client)

    def _write(self, client: _Client) -> None:
        assert client.socket is not None
        client.unsent = client.unsent[client.socket.send(client.unsent) :]
        if not client.unsent:
            self._selector.modify(client.socket, selectors.EVENT_READ, client)

    def _read(self, client: _Client, until: float) -> None:
        assert client.socket is not None
        more = client.socket.recv(_AT_ONCE)
        if not more:
            if client in self._out:
                raise ConnectionResetError("closed before it answered")
            self._hang_up(client)  # an idle connection the service has done with
            return
        client.received += more
        reply = reply_in(client.received)
        if reply is not None:
            self._answered(client, reply, until)

    def _answered(self, client: _Client, reply: Reply, until: float) -> None:
        now = time.perf_counter()
        self._out.discard(client)
        self.statuses[str(reply.status)] += 1
        if reply.status == 200:
            self.answers.append((now, now - client.sent_at))
        # Refused before all of it was sent: the rest would be taken for the next request.
        if reply.closes or client.unsent:
            self._hang_up(client)
        if reply.status == 503 and reply.retry_after is None:
            self.without_retry_after += 1
        if reply.status == 503:
            heapq.heappush(self._resting, (now + (reply.retry_after or 1.0), client.turn, client))
        elif now < until:
            self._send(client)

    def _give_up_on_silent(self, now: float) -> None:
        for client in [c for c in self._out if now - c.sent_at > LONGEST_WAIT_S]:
            self._lose(client)

    def _lose(self, client: _Client) -> None:
        self._out.discard(client)
        self.lost += 1
        self._hang_up(client)

    def _hang_up(self, client: _Client) -> None:
        if client.socket is not None:
            self._selector.unregister(client.socket)
            client.socket.close()
            client.socket = None


def _main() -> None:
    plan = json.load(sys.stdin)
    requests = [upload("/v1/search", image=Path(p).read_bytes()) for p in plan["pictures"]]
    clients = _Clients(plan["port"], requests, plan["clients"])
    spent = time.process_time()
    began = clients.run(plan["seconds"])
    spent = time.process_time() - spent
    in_time = sum(arrived - began <= plan["seconds"] for arrived, _ in clients.answers)
    report = Load(
        clients=plan["clients"],
        seconds=plan["seconds"],
        sent=clients.sent,
        lost=clients.lost,
        statuses=dict(clients.statuses),
        without_retry_after=clients.without_retry_after,
        within_s=[took for _, took in clients.answers],
        rate=in_time / plan["seconds"],
        cpu_s=spent,
    )
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    _main()
