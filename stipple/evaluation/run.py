"""Playing cases through the running stack and matching what came back."""

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles
from typing import Any

import httpx

from stipple.evaluation.cases import Case, CaseAt, CaseRecord

# Messages under way at once: enough to keep engine, action server and gateway all at work.
PARALLEL = 6
REQUEST_SECONDS = 30
# May stand beside what was asked: talk, and a question back.
BESIDE = ("smalltalk", "ask_back")


class StackUnavailableError(Exception):
    """The stack under test cannot be reached or is not a test stack."""


@dataclass
class Result:
    """Outcome of one case; ``ms`` is the time of the last turn."""

    id: str
    passed: bool = False
    answers: list[dict[str, Any]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    ms: float = 0.0
    error: str | None = None

    def as_line(self) -> dict[str, Any]:
        """The result as the line of the results file."""
        return asdict(self)


def matches(expected: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a trace item has every expected value; a list means any of its values."""
    return all(item.get(k) in v if isinstance(v, list) else item.get(k) == v for k, v in expected.items())


def passes(case: Case, answers: list[dict[str, Any]], replies: list[str]) -> bool:
    """Whether the reply to the last turn is what the case asks for."""
    if not any(r.strip() for r in replies):
        return False
    wanted = all(any(matches(e, a) for a in answers) for e in case.expect)
    asked_for = not case.only or all(
        any(matches(e, a) for e in case.expect) for a in answers if a["kind"] not in BESIDE
    )
    return wanted and asked_for and not any(matches(f, a) for f in case.forbid for a in answers)


async def evaluate(cases: list[CaseAt], url: str, on_done: Callable[[int], None]) -> list[Result]:
    """Play every case against the test stack at ``url``; the results in the order of the cases.

    Raises:
        StackUnavailableError: when the stack cannot be reached or is no test stack.
    """
    results = [Result(c.case.id) for c in cases]
    waiting = iter(range(len(cases)))
    done = 0

    async def worker() -> None:
        nonlocal done
        for index in waiting:
            await _play(cases[index], url, results[index])
            done += 1
            on_done(done)

    await _require_test_stack(url)
    await asyncio.gather(*(worker() for _ in range(PARALLEL)))
    return results


async def _require_test_stack(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS, trust_env=False) as client:
        try:
            reply = await _begin(client, None)
        except httpx.HTTPError as error:
            raise StackUnavailableError(f"{url} cannot be reached ({type(error).__name__})") from None
        if reply.status_code != 200:
            raise StackUnavailableError(f"{url} is no test stack; start it with STIPPLE_ENVIRONMENT=test")


async def _begin(client: httpx.AsyncClient, record: CaseRecord | None) -> httpx.Response:
    """Start a conversation on the test stack, for a patient with ``record`` or for a visitor."""
    body = record.model_dump_json(exclude_unset=True) if record else "null"
    return await client.post("/test/conversations", content=body, headers={"content-type": "application/json"})


async def _play(case_at: CaseAt, url: str, result: Result) -> None:
    case = case_at.case
    headers = {"x-stipple-now": case_at.now.isoformat()}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_SECONDS, trust_env=False) as client:
            (await _begin(client, case.record)).raise_for_status()
            for text in case.messages:
                started = time.perf_counter()
                body = {"text": text, "client_id": secrets.token_hex(8)}
                response = await client.post("/api/messages", json=body)
                result.ms = round((time.perf_counter() - started) * 1000, 1)
                response.raise_for_status()
                said = [m for m in response.json()["messages"] if m["author"] == "assistant"]
                result.answers = [t for m in said for t in m["answers"]]
                result.replies = [m["text"] for m in said]
        result.passed = passes(case, result.answers, result.replies)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        result.error = f"{type(error).__name__}: {error}"


def summary(cases: list[CaseAt], results: list[Result], seconds: float) -> str:
    """Passed and total by group, every failed case, and the latencies, as text."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for case_at, result in zip(cases, results, strict=True):
        groups[case_at.case.group].append(result.passed)
    lines = [
        f"FAILED {c.case.id} {c.case.messages!r}\n  expected {c.case.expect} forbidden {c.case.forbid}\n  "
        + (f"error {r.error}" if r.error else f"actual {r.answers}")
        for c, r in zip(cases, results, strict=True)
        if not r.passed
    ]
    for group, passed in sorted(groups.items()):
        lines.append(f"{group:<16} {sum(passed):>4} / {len(passed):<4} {100 * sum(passed) / len(passed):5.1f} %")
    total = sum(r.passed for r in results)
    lines.append(f"{'all':<16} {total:>4} / {len(results):<4} {100 * total / max(1, len(results)):5.1f} %")
    times = [r.ms for r in results if not r.error]
    if len(times) > 1:
        lines.append(f"latency median {median(times):.0f} ms, p95 {quantiles(times, n=20)[-1]:.0f} ms")
    lines.append(f"{len(results)} cases in {seconds:.1f} s, {len(results) / max(seconds, 0.001):.1f} cases/s")
    return "\n".join(lines)
