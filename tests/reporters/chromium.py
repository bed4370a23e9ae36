"""Chromium without a window, driven by its DevTools protocol over two pipes: no further package."""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)


class Chromium:
    """One tab that has no network; `messages` is what its console said since it opened a file."""

    def __init__(self, program: str, folder: Path) -> None:
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        command = [program, *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=_pipes(reads, writes),
        )
        os.close(reads)
        os.close(writes)
        self._rest, self._number, self._session = b"", 0, ""
        self.messages: list[str] = []
        (page,) = (
            each for each in self.send("Target.getTargets")["targetInfos"] if each["type"] == "page"
        )
        attached = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        off = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        self.send("Network.emulateNetworkConditions", offline=True, **off)

    def send(self, method: str, **values: Any) -> Any:
        """Return what a command of the protocol gives."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda each: each.get("id") == self._number)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def open(self, file: Path) -> None:
        """Load a file, and wait until it is there."""
        self.messages.clear()
        self.send("Page.navigate", url=file.as_uri())
        self._until(lambda each: each.get("method") == "Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return the value of an expression, or what it promises."""
        found = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            values = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.send("Input.dispatchKeyEvent", **values, **(text if kind == "keyDown" else {}))

    def close(self) -> None:
        """End the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._in, 1 << 16)
                assert read, "the browser ended"
                self._rest += read
            text, _, self._rest = self._rest.partition(b"\0")
            message: dict[str, Any] = json.loads(text)
            self._note(message)
            if wanted(message):
                return message

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
            self.messages.append(json.dumps(message["params"]))
        if message.get("method") == "Runtime.consoleAPICalled":
            self.messages.append(json.dumps(message["params"]))


def _pipes(reads: int, writes: int) -> Callable[[], None]:
    """Return what gives the browser its two ends as 3 and 4, where it looks for them."""

    def dup() -> None:
        ends = [fcntl.fcntl(each, fcntl.F_DUPFD, 50) for each in (reads, writes)]
        for number, end in enumerate(ends, start=3):
            os.dup2(end, number)

    return dup
