// Draw the season of one tract, with its own-start band, the goal, and the events.
"use strict";

// Draw the season of a tract.
function drawTrend(app, place) {
  const { season, band } = app.tables;
  if (!season) return null;
  const [middle, low, top] = ["final_share", "final_low80_share", "final_high80_share"].map((name) => app.tables.figures(name)[place]);
  return drawSeason(app, { rateAt: (when) => season.rate(place, when), band: band?.(place) ?? [], forecast: { middle, low, top } });
}

// Draw the rates of a season: `rateAt` returns the one of a date, NaN if it is missing.
function drawSeason(app, { rateAt, band: wholeBand = [], forecast = null }) {
  const { data, tables } = app;
  const season = tables.season;
  if (season.dates.length < 3) return null;
  const path = season.dates.flatMap((iso, when) => {
    const rate = rateAt(when);
    return Number.isNaN(rate) ? [] : [{ iso, day: season.days[when], rate }];
  });
  if (path.length < 3) return null;
  const wide = 316;
  const high = 132;
  const edge = { left: 36, right: 8, top: 14, bottom: 20 };
  const first = path[0].day;
  const dayOf = (iso) => readDay(iso) / 86400000;
  const end = Math.max(path.at(-1).day, data.deadline ? dayOf(data.deadline) : 0);
  const x = (day) => edge.left + ((day - first) / (end - first || 1)) * (wide - edge.left - edge.right);
  const y = (rate) => high - edge.bottom - rate * (high - edge.top - edge.bottom);
  const line = (points) => points.map(([day, rate], step) => `${step ? "L" : "M"}${x(day).toFixed(1)} ${y(rate).toFixed(1)}`).join("");
  const words = say("trend.words", {
    first: writeFigure(path[0].rate, "share"), start: writeShortDay(path[0].iso),
    last: writeFigure(path.at(-1).rate, "share"), end: writeShortDay(path.at(-1).iso), goal: writeFigure(data.goal, "share"),
  });
  const picture = drawing("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": words, class: "trend" });

  for (const level of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(drawing("line", { x1: edge.left, x2: wide - edge.right, y1: y(level), y2: y(level), class: "grid" }));
    picture.append(drawing("text", { x: edge.left - 5, y: y(level) + 3.5, "text-anchor": "end" }, level === 1 ? writeWhole(1) : writeCount(level * 100)));
  }
  const band = wholeBand.filter(({ day }) => day >= first && day <= end);
  if (band.length > 1) {
    const ring = [...band.map(({ day, top }) => [day, top]), ...band.map(({ day, low }) => [day, low]).reverse()];
    picture.append(drawing("path", { d: `${line(ring)}Z`, class: "band" }));
  }
  picture.append(...forecastFan(app, forecast, path.at(-1), end, line));
  picture.append(drawing("line", { x1: edge.left, x2: wide - edge.right, y1: y(data.goal), y2: y(data.goal), class: "goal" }));
  const events = app.language.events.filter(({ date }) => dayOf(date) >= first && dayOf(date) <= end);
  events.forEach(({ date, label }, step) => {
    const at = x(dayOf(date));
    picture.append(drawing("line", { x1: at, x2: at, y1: edge.top, y2: high - edge.bottom, class: "event" }));
    picture.append(drawing("text", { x: at, y: edge.top - 4, "text-anchor": "middle" }, String(step + 1), drawing("title", {}, label)));
  });
  picture.append(drawing("path", { d: line(path.map(({ day, rate }) => [day, rate])), class: "rate" }));
  const shown = path.findLast(({ iso }) => iso <= app.dateShown()) ?? path[0];
  picture.append(drawing("circle", { cx: x(shown.day), cy: y(shown.rate), r: 3.5, class: "now" }));
  const foot = high - 6;
  picture.append(drawing("text", { x: edge.left, y: foot }, writeShortDay(path[0].iso)));
  const lastDay = new Date(end * 86400000).toISOString().slice(0, 10);
  picture.append(drawing("text", { x: wide - edge.right, y: foot, "text-anchor": "end" }, writeShortDay(lastDay)));

  const keys = [say("trend.key")];
  if (band.length > 1) keys.push(say("trend.band"));
  if (picture.querySelector(".fan")) keys.push(say("trend.fan"));
  const caption = element("figcaption", { class: "fine" }, keys.join(" "));
  if (events.length) {
    caption.append(element("details", {}, element("summary", {}, say("trend.events", { count: events.length })),
      element("ol", {}, ...events.map(({ date, label }) => element("li", {}, isolate(label), `, ${writeShortDay(date)}`)))));
  }
  return element("figure", {}, picture, caption);
}

function forecastFan(app, forecast, last, end, line) {
  const { middle, low, top } = forecast ?? { middle: NaN };
  if (!app.data.deadline || Number.isNaN(middle) || end <= last.day) return [];
  const fan = Number.isNaN(low) || Number.isNaN(top) ? [] : [
    drawing("path", { d: `${line([[last.day, last.rate], [end, top], [end, low]])}Z`, class: "fan" })];
  return [...fan, drawing("path", { d: line([[last.day, last.rate], [end, middle]]), class: "ahead" })];
}
