"""Start-up time, memory of each process, CPU time per turn and latency of the whole stack.

Run with `make benchmark`. Prints one table; CPU time is the operating system's own account of each process.
"""

import os
import platform
import secrets
import time
from pathlib import Path
from statistics import median, quantiles

import httpx

from stipple.stack.database import prepare_database
from stipple.stack.model import ensure_model
from stipple.stack.supervise import running, scratch_settings

TURNS = 500
WARM_UP = 20
QUESTIONS = (
    "can i wash my hair tomorrow?",
    "when can i go back to the gym",
    "is a bit of redness normal",
    "how many sessions have i got left",
    "does it hurt",
)
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Processor time the process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_megabytes(pid: int) -> float:
    """Resident memory of the process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Start a test stack, take turns one after another in one conversation, and print what it cost."""
    model = ensure_model(print)
    with scratch_settings() as (settings, folder):
        prepare_database(settings)
        started = time.perf_counter()
        with running(settings, model, folder / "run", lambda line: None) as stack:
            ready = time.perf_counter() - started
            with httpx.Client(base_url=settings.base_url, timeout=15, trust_env=False) as client:
                client.post("/test/conversations", json={"day": 5, "done": 1, "planned": 3}).raise_for_status()
                times, before = [], {}
                pids = stack.process_ids()
                for number in range(WARM_UP + TURNS):
                    if number == WARM_UP:
                        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
                    began = time.perf_counter()
                    body = {"text": QUESTIONS[number % len(QUESTIONS)], "client_id": secrets.token_hex(8)}
                    client.post("/api/messages", json=body).raise_for_status()
                    times.append((time.perf_counter() - began) * 1000)
            print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
            print(f"ready after {ready:.1f} s")
            print(f"{'process':<10} {'memory MB':>10} {'CPU ms/turn':>12}")
            for name, pid in pids.items():
                used = (cpu_seconds(pid) - before[name]) / TURNS * 1000
                print(f"{name:<10} {memory_megabytes(pid):>10.0f} {used:>12.1f}")
            measured = times[WARM_UP:]
            print(
                f"latency median {median(measured):.0f} ms, p95 {quantiles(measured, n=20)[-1]:.0f} ms, {TURNS} turns"
            )
            first, last = median(measured[:50]), median(measured[-50:])
            print(f"turns {WARM_UP} to {WARM_UP + 50} {first:.0f} ms, last 50 turns {last:.0f} ms")


if __name__ == "__main__":
    main()
