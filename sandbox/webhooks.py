"""The way of webhooks to the application: signed, retried until it answers 200, repeated or shuffled on demand."""

from __future__ import annotations

import asyncio
import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from sandbox.config import SandboxConfig
from sandbox.payloads import encode, envelope, sign

GIVE_UP_SECONDS = 7 * 24 * 3600


@dataclass(slots=True)
class Update:
    """One change on its way. when_taken: called once the application answered 200."""

    change: dict[str, Any]
    at: float
    when_taken: Callable[[], None] | None = None


@dataclass(slots=True)
class Post:
    """One body with the same bytes at every try. signature: None for the right one, "" for none at all."""

    body: bytes
    updates: list[Update] = field(default_factory=list)
    signature: str | None = None
    first_at: float = 0
    tries: int = 0


@dataclass
class Counts:
    """What happened so far, in updates (posts and failed tries in requests)."""

    queued: int = 0
    retrying: int = 0
    taken: int = 0
    dropped: int = 0
    posts: int = 0
    repeated: int = 0
    failed_tries: int = 0
    last_problem: str = ""


class Webhooks:
    """Lanes by customer: within a lane the next POST leaves after the answer to the one before, so order holds.

    A POST that failed is tried again later and does not hold back its lane, as with Meta.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.counts = Counts()
        self.flying = 0  # POSTs a lane is busy with
        self.random = random.Random(config.seed)
        self.lanes: list[asyncio.Queue[Update | Post]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.timers: set[asyncio.TimerHandle] = set()
        self.open = asyncio.Event()
        self.open.set()

    async def start(self) -> None:
        limits = httpx.Limits(max_connections=self.config.webhook_connections)
        self.client = httpx.AsyncClient(timeout=self.config.webhook_timeout, limits=limits, trust_env=False)
        self.lanes = [asyncio.Queue() for _ in range(self.config.webhook_connections)]
        self.tasks = [asyncio.create_task(self.work(lane)) for lane in self.lanes]

    async def stop(self) -> None:
        self.forget()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.client.aclose()

    def forget(self) -> None:
        """Drops everything that waits, and starts counting anew."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        for lane in self.lanes:
            while not lane.empty():
                lane.get_nowait()
        self.counts = Counts()

    def pause(self, paused: bool) -> None:
        """Keeps everything back, or lets it go again."""
        if paused:
            self.open.clear()
        else:
            self.open.set()

    def add(self, update: Update, lane: str) -> None:
        """Queues an update; beyond the limit the newest is dropped and counted."""
        if self.counts.queued >= self.config.webhook_limit:
            self.counts.dropped += 1
            return
        self.counts.queued += 1
        queue = self.find_lane(lane)
        if self.config.shuffle_ms:
            queue = self.random.choice(self.lanes)
            self.later(self.random.uniform(0, self.config.shuffle_ms / 1000), lambda: queue.put_nowait(update))
        else:
            queue.put_nowait(update)

    def add_post(self, post: Post, lane: str) -> None:
        """Queues a body as it is."""
        post.first_at = time.time()
        self.find_lane(lane).put_nowait(post)

    def find_lane(self, key: str) -> asyncio.Queue[Update | Post]:
        return self.lanes[zlib.crc32(key.encode()) % len(self.lanes)]

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Runs an action after a while, unless everything is forgotten before."""

        def run() -> None:
            self.timers.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self.timers.add(timer)

    async def work(self, lane: asyncio.Queue[Update | Post]) -> None:
        """Takes one POST after another from a lane."""
        left: list[Update | Post] = []
        while True:
            item = left.pop() if left else await lane.get()
            counts = self.counts
            self.flying += 1
            try:
                await self.open.wait()
                if counts is not self.counts:  # forgotten meanwhile
                    continue
                await self.try_post(item if isinstance(item, Post) else self.pack(item, lane, left), lane)
            finally:
                self.flying -= 1

    def pack(self, item: Update, lane: asyncio.Queue[Update | Post], left: list[Update | Post]) -> Post:
        """One body of this update and those that wait behind it; what does not fit in is left for the next round."""
        batch = [item]
        while is_message(item) and len(batch) < self.config.webhook_batch and not lane.empty():
            following = lane.get_nowait()
            if isinstance(following, Post) or not is_message(following):
                left.append(following)
                break
            batch.append(following)
        self.counts.queued = max(0, self.counts.queued - len(batch))
        at = None if is_message(item) else item.at
        body = encode(envelope(self.config.waba_id, [update.change for update in batch], at))
        return Post(body, batch, first_at=time.time())

    async def try_post(self, post: Post, lane: asyncio.Queue[Update | Post]) -> None:
        post.tries += 1
        counts = self.counts
        problem = await self.post(post)
        counts.posts += 1
        if problem is None:
            counts.taken += len(post.updates)
            for update in post.updates:
                if update.when_taken:
                    update.when_taken()
            self.repeat(post, lane)
            return
        counts.failed_tries += 1
        counts.last_problem = problem
        if time.time() - post.first_at < GIVE_UP_SECONDS and counts is self.counts:
            waits = self.config.retry_seconds
            counts.retrying += 1
            self.later(waits[min(post.tries - 1, len(waits) - 1)], lambda: self.retry(post, lane))

    def retry(self, post: Post, lane: asyncio.Queue[Update | Post]) -> None:
        self.counts.retrying -= 1
        lane.put_nowait(post)

    def repeat(self, post: Post, lane: asyncio.Queue[Update | Post]) -> None:
        """Sends the same bytes once more if it is this one's turn."""
        every = self.config.duplicate_every
        if every and post.updates and self.counts.posts % every == 0:
            self.counts.repeated += 1
            copy = Post(post.body, first_at=time.time())
            self.later(self.random.uniform(0.02, 0.4), lambda: lane.put_nowait(copy))

    async def post(self, post: Post) -> str | None:
        """One try; returns what went wrong, None for a 200."""
        try:
            answer = await self.request(post)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return None if answer.status_code == 200 else f"HTTP {answer.status_code}"

    async def request(self, post: Post) -> httpx.Response:
        """The request itself."""
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        signature = sign(self.config.app_secret, post.body) if post.signature is None else post.signature
        if signature:
            headers["X-Hub-Signature-256"] = signature
        return await self.client.post(self.config.webhook_url, content=post.body, headers=headers)

    async def settle(self, seconds: float) -> bool:
        """Waits until nothing is queued, on its way, or to be tried again; False if that takes longer."""
        end = time.monotonic() + seconds
        while self.counts.queued or self.flying or self.timers or any(lane.qsize() for lane in self.lanes):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.01)
        return True

    async def shake_hands(self) -> bool:
        """Whether the application answers the verification request with our challenge."""
        challenge = str(self.random.getrandbits(40))
        query = {"hub.mode": "subscribe", "hub.verify_token": self.config.verify_token, "hub.challenge": challenge}
        try:
            answer = await self.client.get(self.config.webhook_url, params=query)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.text == challenge


def is_message(item: Update) -> bool:
    return bool(item.change["field"] == "messages")
