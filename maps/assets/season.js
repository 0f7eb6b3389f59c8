// Build a slider over the published dates and a button that plays them.
"use strict";

function buildSeason(app) {
  const { season, last } = app.tables;
  const box = document.getElementById("season");
  if (!season || season.dates.length < 3) return { render() {} };
  box.hidden = false;
  const tally = document.getElementById("tally");
  let timer = null;
  const slider = element("input", { type: "range", min: 0, max: last, step: 1, "aria-label": say("season.date"),
    on: { input: () => { stop(); app.change({ when: Number(slider.value) }); } } });
  const shown = element("output");
  const play = element("button", { type: "button", "aria-label": say("season.play"), on: { click: () => (timer ? stop() : start()) } }, "▶");
  box.addEventListener("submit", (event) => event.preventDefault());
  const compare = element("button", { type: "button", id: "compare-toggle", hidden: true }, element("span", { "aria-hidden": "true" }, "⇔ "), element("span", {}, say("compare.toggle")));
  box.append(play, slider, shown, compare);
  L.DomEvent.disableClickPropagation(box);

  function start() {
    if (app.when === last) app.change({ when: 0 });
    tally.setAttribute("aria-live", "off");
    play.textContent = "❚❚";
    play.setAttribute("aria-label", say("season.pause"));
    timer = setInterval(() => (app.when < last ? app.change({ when: app.when + 1 }) : stop()), 90);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    tally.setAttribute("aria-live", "polite");
    play.textContent = "▶";
    play.setAttribute("aria-label", say("season.play"));
  }

  function render() {
    slider.value = String(app.when);
    slider.setAttribute("aria-valuetext", writeDay(app.dateShown()));
    shown.textContent = writeDay(app.dateShown());
  }
  return { render };
}
