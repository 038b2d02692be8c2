"""A browser without a window, driven through its own debugging pipe: no package, no port, no download."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--force-prefers-reduced-motion",
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
)
"""The last gives the browser a mouse: without one, the page shows no buttons on its plots."""

TIMEOUT_S = 120.0
_GIVES_WAY = "Inspected target navigated or closed"
_LAUNCH = "import os, sys; r, w, *c = sys.argv[1:]; os.dup2(int(r), 3); os.dup2(int(w), 4); os.execv(c[0], c)"
"""The browser reads requests from descriptor 3 and writes answers to 4."""


def find_chromium() -> str | None:
    """Path of a Chromium on this machine, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    """Both ends of a pipe, to read and to write, above the descriptors that the browser uses."""
    low = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low]
    for end in low:
        os.close(end)
    return os.fdopen(high[0], "rb", buffering=0), os.fdopen(high[1], "wb", buffering=0)


class Browser:
    """A browser with one page; use it as a context, which ends the browser.

    Attributes
    ----------
    complaints : list of str
        Errors that the console or a script told.
    requests : list of str
        Addresses that were asked for, but for the page itself and what it holds inside.
    departures : list of str
        Addresses of new windows, and those that the page itself went to or was sent to; not places within the page.
    """

    def __init__(self, executable: str) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        (reads, self._requests), (self._answers, writes) = _pipe(), _pipe()
        command = [executable, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        ends = (reads.fileno(), writes.fileno())
        launch = [sys.executable, "-c", _LAUNCH, *map(str, ends)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with reads, writes:
            self._process = subprocess.Popen([*launch, *command], pass_fds=ends, **quiet)
        self._number, self._session, self._heard = 0, None, b""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.departures: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Target.setDiscoverTargets", discover=True)
        self.departures.clear()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()
        self._profile.cleanup()

    def open(self, path: Path, *, width: int, height: int = 900, fragment: str = "") -> None:
        """Open a file at a width (CSS pixels), and wait until it has drawn; what was said before is forgotten."""
        self.resize(width, height)
        self._call("Page.navigate", url="about:blank")
        self.complaints.clear()
        self.requests.clear()
        self.departures.clear()
        self._call("Page.navigate", url=path.resolve().as_uri() + fragment)
        self.wait_for("document.readyState === 'complete'")
        self.settle()

    def resize(self, width: int, height: int) -> None:
        """Width and height of the view (CSS pixels)."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def ask(self, expression: str, *, by_user: bool = False):
        """Value of a JavaScript expression; promises are waited for. `by_user`: with the rights of a person's click."""
        how = {"returnByValue": True, "awaitPromise": True, "userGesture": by_user}
        answer = self._call("Runtime.evaluate", expression=expression, **how)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until an expression is true; while one page gives way to another, nothing is."""
        end = time.monotonic() + timeout_s
        while not self._is_true(expression):
            if time.monotonic() > end:
                raise AssertionError(f"still not true after {timeout_s:g} s: {expression}")
            time.sleep(0.02)

    def _is_true(self, expression: str) -> bool:
        try:
            return bool(self.ask(expression))
        except AssertionError as error:
            if _GIVES_WAY not in str(error):
                raise
            return False

    def settle(self) -> None:
        """Wait for two frames, after which everything begun has been drawn."""
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def press(self, key: str, *, code: str = "", text: str = "") -> None:
        """Press and release a key where the focus is."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39, "ArrowDown": 40}
        stroke = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, 0)}
        self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **stroke)
        self._call("Input.dispatchKeyEvent", type="keyUp", **stroke)

    def click(self, selector: str) -> None:
        """Click the middle of the first element that a selector finds, as a mouse does."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.ask(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.ask(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({found}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            place = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", type=kind, **place)

    def picture(self, *, whole: bool = False) -> bytes:
        """The view, or the whole page, as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"])

    def printed(self) -> bytes:
        """The page on paper, as PDF."""
        return base64.b64decode(self._call("Page.printToPDF", printBackground=True)["data"])

    def _call(self, method: str, **parameters: object) -> dict:
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        session = {"sessionId": self._session} if self._session else {}
        self._requests.write(json.dumps(request | session).encode() + b"\0")
        while True:
            message = self._next_message()
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self._note(message)

    def _next_message(self) -> dict:
        while b"\0" not in self._heard:
            if not select.select([self._answers], [], [], TIMEOUT_S)[0]:
                raise AssertionError(f"the browser has said nothing for {TIMEOUT_S:g} s")
            letters = os.read(self._answers.fileno(), 1 << 20)
            if not letters:
                raise AssertionError("the browser has died")
            self._heard += letters
        message, _, self._heard = self._heard.partition(b"\0")
        return json.loads(message)

    def _note(self, message: dict) -> None:
        # An answer to a question that was given up comes late, and has no method.
        about, method = message.get("params", {}), message.get("method", "")
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(about["exceptionDetails"]))
        elif method == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.complaints.append(about["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([each.get("value", each.get("description")) for each in about["args"]]))
        elif method == "Network.requestWillBeSent":
            address = about["request"]["url"]
            if not address.startswith(("file:", "data:", "blob:", "about:")):
                self.requests.append(address)
        elif method == "Page.windowOpen" or (
            method == "Page.frameRequestedNavigation" and about["disposition"] != "download"
        ):
            self.departures.append(about["url"])
        elif method == "Target.targetCreated" and about["targetInfo"]["type"] == "page":
            self.departures.append(about["targetInfo"]["url"])
