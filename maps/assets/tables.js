// Decode columns, season, and polygons from the page's data.
"use strict";

function openTables(data) {
  const count = data.topology.shapes.length;
  const numbers = new Map();
  const texts = new Map();
  for (const [name, column] of Object.entries(data.columns)) {
    if (column.levels) texts.set(name, openLevels(name, column));
    // A class is a word, and its place in the legend a figure.
    if (column.isClass) numbers.set(name, Float64Array.from(column.values, (value) => value ?? NaN));
    else if (!column.levels) numbers.set(name, Float64Array.from(column.values, (value) => (value === null ? NaN : value * column.scale)));
  }
  const season = data.history && openSeason(data.history, count);
  const band = data.band && openBand(data.band);
  const follows = new Map(data.layers.filter((layer) => layer.season).map((layer) => [layer.column, layer.season]));
  const last = season ? season.dates.length - 1 : 0;
  const blank = new Float64Array(count).fill(NaN);
  const held = new Map();

  // Return the figures of a column, one per tract, at a date of the season; missing is NaN.
  function figures(column, when = last) {
    const kind = season && when < last ? follows.get(column) : undefined;
    if (!kind) return numbers.get(column) ?? blank;
    const key = `${column}@${when}`;
    if (!held.has(key)) {
      if (held.size > 40) held.clear();
      held.set(key, season.compute(kind, when, numbers));
    }
    return held.get(key);
  }

  const text = (column, place) => texts.get(column)?.(place) ?? "";
  const reasons = (place) => data.columns.reasons?.levels[data.columns.reasons.values[place]] ?? [];
  const has = (column) => numbers.has(column) || texts.has(column);
  return { count, season, band, last, figures, text, reasons, has };
}

// Return the words of a tract. Each level is said once, when a reader first needs it: saying the
// reasons of a whole county at first would delay its map.
function openLevels(name, { levels, values }) {
  const said = [];
  return (place) => {
    const code = values[place] ?? null;
    return code === null ? "" : (said[code] ??= sayLevel(name, levels[code]));
  };
}

// Add up rates from their differences, row by row; missing is NaN.
function openSteps(steps, width, scale) {
  const rates = new Float64Array(steps.length);
  for (let at = 0, sum = 0; at < steps.length; at += 1) {
    if (at % width === 0) sum = 0;
    if (steps[at] !== null) sum += steps[at];
    rates[at] = steps[at] === null ? NaN : sum * scale;
  }
  return rates;
}

// Return the own-start band of a tract: days with low and high ends, without missing ones.
function openBand({ dates, scale, low, high }) {
  const width = dates.length;
  const [lows, highs] = [low, high].map((steps) => openSteps(steps, width, scale));
  const days = dates.map((iso) => readDay(iso) / 86400000);
  return (place) => days.map((day, when) => ({ day, low: lows[place * width + when], top: highs[place * width + when] }))
    .filter(({ low: bottom, top }) => !Number.isNaN(bottom) && !Number.isNaN(top));
}

function openSeason(history, count) {
  const dates = history.dates;
  const width = dates.length;
  const days = dates.map((iso) => readDay(iso) / 86400000);
  const rates = openSteps(history.values, width, history.scale);
  const rate = (place, when) => rates[place * width + when];

  // As outreach.rates.measure_change: compare with the last date at least this many days earlier, and
  // scale by the days between.
  function change(when, length) {
    let before = when;
    while (before >= 0 && days[before] > days[when] - length) before -= 1;
    if (before < 0) return () => NaN;
    return (place) => ((rate(place, when) - rate(place, before)) * length) / (days[when] - days[before]);
  }

  function compute(kind, when, numbers) {
    const rule = {
      rate: (place) => rate(place, when),
      missing: missingAt(when, numbers),
      change_7: change(when, 7),
      change_28: change(when, 28),
    }[kind];
    return Float64Array.from({ length: count }, (_, place) => rule(place));
  }

  // Homes missing on a date: those missing at the data date, in proportion to the share that had not
  // answered.
  function missingAt(when, numbers) {
    const missing = numbers.get("missing_households_count");
    const now = numbers.get("cumulative_share");
    const homes = numbers.get("households_count");
    return (place) => {
      const all = now[place] < 1 ? missing[place] / (1 - now[place]) : homes?.[place];
      return all * (1 - rate(place, when));
    };
  }

  return { dates, days, rate, compute };
}

// Build polygons from shared arcs, as rings of places in parts; ~i is arc i reversed. Neighbors share
// the places of their border.
function openShapes(topology) {
  const { scale, origin, lengths, points } = topology;
  const place = (x, y) => new L.LatLng(origin[1] + y * scale[1], origin[0] + x * scale[0]);
  let at = 0;
  const arcs = lengths.map((length) => {
    const arc = Array.from({ length });
    for (let step = 0, x = 0, y = 0; step < length; step += 1, at += 2) {
      arc[step] = place((x += points[at]), (y += points[at + 1]));
    }
    return arc;
  });
  const joinRing = (ring) => ring.flatMap((arc) => {
    const line = arc < 0 ? arcs[~arc].slice().reverse() : arcs[arc];
    return line.slice(0, -1);
  });
  const shapes = topology.shapes.map((parts) => parts.map((rings) => rings.map(joinRing)));
  const centers = topology.centers.map((center) => center && place(...center));
  return { shapes, centers, arcs };
}

// A number becomes a name in the page's language; other names stay as they are.
const nameTract = (name) => name.replace(/^(?:(?:Census )?Tract )?([\d.]+)$/, (_, code) => say("table.name", { code }));

// Say what a text column holds as codes: next steps, reasons, and languages with their shares.
function sayLevel(column, level) {
  if (column === "next_step") return say(`step.${level}`);
  if (column === "reasons") return level.map(sayClause).join("; ");
  if (column !== "languages") return level;
  return level.split(" ").filter(Boolean).map((part) => {
    const [language, share] = part.split(":");
    return say("fact.language", { language: say(`language.${language}`), share: writeWhole(Number(share)) });
  }).join(", ");
}
