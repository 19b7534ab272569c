"""One message's life: called, settled with NATS, reported."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import nats.errors
from aiohttp import ClientError
from nats.aio.msg import Msg

from faasd.base.errors import InvalidInput, Unavailable
from faasd.queue.call import AsyncCall, read_call
from faasd.queue.death import Death
from faasd.queue.names import function_key
from faasd.queue_worker.callback import Callbacks, Report, take_report
from faasd.queue_worker.dead import DeadLetters
from faasd.queue_worker.decide import Again, Dead, Done, Try, decide, is_final, read_try
from faasd.queue_worker.function import Answer, Functions
from faasd.queue_worker.metrics import Metrics
from faasd.queue_worker.settings import WorkerSettings

log = logging.getLogger(__name__)

NO_ANSWER = 503
"""What a callback is told of a call that no function answered, as OpenFaaS does."""

DEAD_LATER = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Makes calls and settles their messages."""

    settings: WorkerSettings
    functions: Functions
    callbacks: Callbacks
    dead_letters: DeadLetters
    metrics: Metrics
    chance: Callable[[], float] = random.random

    async def deliver(self, message: Msg) -> None:
        """Make the call in a message, and settle the message.

        A message that is not settled when this ends early comes again.
        """
        try:
            call = read_call(message.headers, message.data)
        except InvalidInput as error:
            await self._bury(message, Try(), str(error))
            return
        self._note_wait(message, call)
        ended, report = await self._try(call)
        verdict = decide(ended, message.metadata.num_delivered, self.settings.retry, self.chance)
        await self._settle(message, call, verdict, ended, report)

    async def _settle(
        self,
        message: Msg,
        call: AsyncCall,
        verdict: Done | Again | Dead,
        ended: Try,
        report: Report | None,
    ) -> None:
        match verdict:
            case Done():
                self.metrics.completed(call.key, ended.status)
                await message.ack()
            case Again(wait=wait):
                self.metrics.again(call.key)
                log.info(
                    "call %s of %s again in %.1f s: %s",
                    call.call_id,
                    call.key,
                    wait,
                    ended.reason or ended.status,
                )
                await message.nak(wait)
            case Dead(reason=reason):
                if await self._bury(message, ended, reason):
                    await self._report(call, report or Report(status=NO_ANSWER, seconds=0.0))

    async def _try(self, call: AsyncCall) -> tuple[Try, Report | None]:
        """Call the function; report a final answer while it comes."""
        try:
            async with self.functions.call(call) as answer:
                return await self._take(call, answer)
        except Unavailable as error:
            return Try(reason=str(error)), None
        except TimeoutError:
            return Try(reason="the function was silent for too long"), None
        except (ClientError, OSError, ValueError) as error:
            return Try(reason=f"the call was cut off: {type(error).__name__} {error}"), None

    async def _take(self, call: AsyncCall, answer: Answer) -> tuple[Try, Report | None]:
        ended = read_try(answer.status, answer.response.headers, time.time())
        if not call.callback:
            await answer.skip_body()
            return ended, None
        report = await take_report(answer, self.settings.callback.memory)
        if is_final(ended.status):
            await self._report(call, report)
            return ended, None
        return ended, report if isinstance(report.body, bytes) else None

    async def _report(self, call: AsyncCall, report: Report) -> None:
        if call.callback:
            self.metrics.called_back(taken=await self.callbacks.post(call, report))

    async def _bury(self, message: Msg, ended: Try, reason: str) -> bool:
        """Make a message a dead letter, and only then take it from the queue.

        Return whether it is one now.
        """
        tries = message.metadata.num_delivered
        death = Death(reason=reason, status=ended.status, tries=tries, died=time.time())
        key = function_key(message.subject)
        try:
            await self.dead_letters.add(message, death)
        except (nats.errors.Error, OSError) as error:
            log.warning("a dead letter of %s could not be written down: %s", key, error)
            await message.nak(DEAD_LATER)
            return False
        log.warning("a call of %s is a dead letter: %s", key, reason)
        self.metrics.died(key)
        await message.ack()
        return True

    def _note_wait(self, message: Msg, call: AsyncCall) -> None:
        if message.metadata.num_delivered == 1:
            waited = time.time() - message.metadata.timestamp.timestamp()
            self.metrics.waited(call.key, max(0.0, waited))
