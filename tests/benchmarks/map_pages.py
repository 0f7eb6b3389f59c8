"""Open a map in a browser and measure its time, heap, play rate, and frames."""

import math
import time
from pathlib import Path
from typing import Any

#: When the page has run its scripts and drawn: the second frame after loading, and for our map the
#: first one with names, which come last.
READY = """() => new Promise((ready) => {
  const frame = requestAnimationFrame;
  const isWhole = () => !document.getElementById("map-data") || document.querySelector(".label");
  const wait = () => (isWhole() ? ready(performance.now()) : frame(wait));
  const draw = () => frame(() => frame(wait));
  if (document.readyState === "complete") draw(); else addEventListener("load", draw);
})"""

#: Dates of the season that are drawn in a second of playing.
PLAY = """() => new Promise((done) => {
  const shown = document.querySelector("#season output");
  let [count, start] = [0, 0];
  new MutationObserver(() => {
    start ||= performance.now();
    const seconds = (performance.now() - start) / 1000;
    if (seconds > 4) requestAnimationFrame(() => done(count / seconds));
    count += 1;
  }).observe(shown, { childList: true, characterData: true, subtree: true });
  document.querySelector("#season button").click();
})"""

#: Counts frames, and the longest time between two.
FRAMES = """() => {
  window.frames_seen = { count: 0, first: 0, last: 0, longest: 0 };
  const seen = window.frames_seen;
  const step = (time) => {
    if (seen.first) seen.longest = Math.max(seen.longest, time - seen.last);
    seen.first ||= time;
    seen.last = time;
    seen.count += 1;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""

#: How much slower a phone's processor is, and seconds that a map is dragged.
PHONE, _DRAG_SECONDS = 4, 2.5


def open_page(browser: Any, file: Path, slowdown: int) -> tuple[Any, Any]:
    """Open a page without a network; return it and its tools."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    context.set_default_timeout(600_000)
    context.set_offline(True)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"file://{file}", wait_until="commit")
    return page, tools


def measure_page(browser: Any, file: Path) -> dict[str, float]:
    """Return seconds until a page is drawn, here and on a phone, its heap, and its play rate."""
    found = {}
    for name, slowdown in (("", 1), (" phone", PHONE)):
        page, tools = open_page(browser, file, slowdown)
        found[f"ready{name} s"] = page.evaluate(READY) / 1000
        if slowdown == 1:
            clocks = tools.send("Performance.getMetrics")["metrics"]
            found["work s"] = next(one["value"] for one in clocks if one["name"] == "TaskDuration")
            tools.send("HeapProfiler.collectGarbage")
            found["heap MB"] = tools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        if page.locator("#season:not([hidden])").count():
            found[f"dates/s{name}"] = page.evaluate(PLAY)
        page.context.close()
    return found


def drag_map(page: Any) -> dict[str, float]:
    """Drag a map in circles; return frames a second and the longest wait for one, in ms."""
    size = page.viewport_size
    across, down = size["width"] * 0.4, size["height"] * 0.45
    page.mouse.move(across, down)
    page.mouse.down()
    page.evaluate(FRAMES)
    start, step = time.perf_counter(), 0
    while time.perf_counter() - start < _DRAG_SECONDS:
        step += 1
        page.mouse.move(across + 90 * math.sin(step / 8), down + 60 * math.cos(step / 8))
    seen = page.evaluate("() => window.frames_seen")
    page.mouse.up()
    seconds = (seen["last"] - seen["first"]) / 1000
    return {"frames/s": (seen["count"] - 1) / seconds, "longest ms": seen["longest"]}
