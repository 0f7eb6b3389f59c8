// Show the chosen tract or district: where it is, why it matters, whether it is moving, and what to do next.
"use strict";

function buildPopup(app) {
  const box = document.getElementById("popup");
  let opener = null;
  let last = null;

  function render() {
    const place = app.chosen;
    box.hidden = place === null && app.site === null && !app.district;
    if (box.hidden) return;
    if (app.site !== null) {
      box.replaceChildren(headOf(app.sites.sites.names[app.site], () => app.choose(null)), ...siteCard(app, app.site));
      box.scrollTop = 0;
      return;
    }
    if (place === null) {
      const card = cardLines(app, app.district);
      box.replaceChildren(headOf(card.name, app.leave), ...card.lines);
      return;
    }
    const { tables, data } = app;
    const under = element("p", { class: "fine" }, data.geoids[place]);
    for (const { kind, names } of data.districts) {
      const name = tables.text(`district ${kind}`, place);
      if (name) under.append(" · ", element("button", { type: "button", on: { click: () => app.enter(kind, names.indexOf(name), { fromKeyboard: true }) } }, isolate(name)));
    }
    box.replaceChildren(headOf(app.nameOf(place), () => app.choose(null)), under, ...rateLines(app, place), ...nextStep(app, place), ...turfControls(app, place));
    const trend = drawTrend(app, place);
    if (trend) box.append(trend);
    box.append(...forecastLine(app, place), ...rankLines(app, place), ...peopleIn(app, place), ...alikeLine(app, place), factList(app, place), ...sitesOfTract(app, place), ...mapsLink(app.centers[place]),
      element("p", { class: "fine" }, ...phrase("popup.source", { source: isolate(closed(app.language.source)) })));
    box.scrollTop = 0;
  }

  function headOf(name, shut) {
    return element("div", { class: "popup-head" }, element("h2", { id: "popup-title", tabindex: "-1" }, isolate(name)),
      element("button", { type: "button", class: "close", "aria-label": say("popup.close"), on: { click: shut } }, "×"));
  }

  function open(fromKeyboard) {
    if (fromKeyboard) {
      if (!box.contains(document.activeElement)) opener = document.activeElement;
      last = app.site === null ? `[data-geoid="${app.data.geoids[app.chosen]}"]` : `[data-site="${app.site}"]`;
      box.querySelector("h2").focus();
    }
  }

  box.addEventListener("keydown", (event) => event.key === "Escape" && (app.chosen === null && app.site === null ? app.leave() : app.choose(null)));
  function close() {
    if (!opener) return;
    const row = document.querySelector(last);
    const back = [opener, row, document.getElementById("tab-table")].find((stop) => stop?.isConnected && stop.offsetParent);
    back?.focus();
    opener = null;
  }

  // Return the space that popup and legend cover, so that the tract can be shown next to them.
  function room() {
    const wide = box.offsetWidth < box.parentElement.offsetWidth * 0.8;
    const foot = document.querySelector(".float").offsetHeight + 36;
    return { paddingTopLeft: [20, 20], paddingBottomRight: wide ? [box.offsetWidth + 36, foot] : [20, box.offsetHeight + 20] };
  }
  return { render, open, close, room };
}

function rateLines(app, place) {
  const rate = app.figures("cumulative_share")[place];
  if (Number.isNaN(rate)) return [element("p", { class: "headline" }, app.missingWords(place))];
  return [element("p", { class: "headline" }, element("b", {}, writeFigure(rate, "share")), element("span", {},
    say("popup.answered", { date: writeDay(app.dateShown()) }), element("br"), goalWords(app, rate)))];
}

function goalWords(app, rate) {
  const gap = (rate - app.data.goal) * 100;
  const goal = writeWhole(app.data.goal);
  if (Math.abs(gap) < 0.05) return say("popup.at_goal", { goal });
  return say(gap < 0 ? "popup.below_goal" : "popup.above_goal", { goal, figure: SPEECH.tenths.format(Math.abs(gap)) });
}

function forecastLine(app, place) {
  const final = app.tables.figures("final_share")[place];
  if (Number.isNaN(final)) return [];
  const [low, top] = ["final_low80_share", "final_high80_share"].map((name) => app.tables.figures(name)[place]);
  const range = Number.isNaN(low) ? "" : element("span", { class: "whole" }, say("popup.range", { range: writeRange(low, top) }));
  return [element("p", {}, ...phrase(app.data.deadline ? "popup.forecast_for" : "popup.forecast", {
    date: app.data.deadline && writeShortDay(app.data.deadline), rate: element("b", {}, writeFigure(final, "share")) }), " ", range)];
}

function rankLines(app, place) {
  const { tables } = app;
  const rank = tables.figures("rank")[place];
  if (Number.isNaN(rank)) return [];
  const [low, high] = ["rank_low", "rank_high"].map((name) => tables.figures(name)[place]);
  const range = low === high || Number.isNaN(low) ? ""
    : element("span", { class: "whole" }, say("popup.range", { range: say("figure.range", { low, high }) }));
  // Without a priority a tract stands in the order of the rates.
  const order = Number.isNaN(tables.figures("priority")[place]) ? "popup.by_rate" : "popup.priority";
  const lines = [element("p", {}, ...phrase(order, { rank: element("b", {}, say("popup.rank", { rank })), count: app.ranked }), " ", range)];
  return [...lines, ...listReasons(tables.reasons(place))];
}

// After the deadline nothing is left to do.
function nextStep(app, place) {
  const { deadline, dataDate } = app.data;
  const words = deadline && dataDate > deadline ? "" : app.tables.text("next_step", place);
  return words ? [element("p", { class: "next" }, element("b", {}, say("popup.next")), words)] : [];
}

// List the tracts most similar to this one, anywhere on the map, to compare with.
function alikeLine(app, place) {
  const each = app.data.alike ? app.data.alike.length / app.data.geoids.length : 0;
  const others = each ? app.data.alike.slice(place * each, (place + 1) * each).filter((other) => other !== null) : [];
  if (!others.length) return [];
  const named = others.flatMap((other, number) => [number ? ", " : "",
    element("span", { class: "whole" }, isolate(app.nameOf(other)), ` (${writeFigure(app.figures("cumulative_share")[other], "share")})`)]);
  return [element("p", {}, ...phrase("popup.alike", { tracts: element("span", {}, ...named) }))];
}

function factList(app, place) {
  const list = element("dl");
  for (const { column, unit } of app.data.facts) {
    const words = unit ? writeOf(app, { column, unit }, place) : app.tables.text(column, place);
    if (words && words !== "–") list.append(element("dt", {}, say(`fact.${column}`)), element("dd", {}, isolate(words)));
  }
  return list;
}
