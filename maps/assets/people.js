// Say who lives in a tract or a district: shares with margins, beside those of the middle tract.
"use strict";

const peopleIn = (app, place) => peopleLines(app, ({ column, margin }) => [app.figures(column)[place], margin ? app.figures(margin)[place] : NaN]);

// Figures of a district are those of its tracts, averaged by the homes in it.
const peopleOf = (app, weights) => {
  const lines = peopleLines(app, ({ column, margin }) => averageShares(app, weights, app.figures(column), margin ? app.figures(margin) : null));
  return lines.length ? [...lines, element("p", { class: "fine" }, say("people.note_average"))] : [];
};

// Average shares by homes. Errors of tracts are independent, so the squares of theirs add up.
function averageShares(app, weights, shares, errors) {
  const homes = homesOf(app);
  const sums = { homes: 0, share: 0, square: 0 };
  for (const [place, weight] of weights) {
    const part = weight * homes[place];
    if (!(part > 0) || Number.isNaN(shares[place])) continue;
    sums.homes += part;
    sums.share += part * shares[place];
    sums.square += (part * (errors ? errors[place] : NaN)) ** 2;
  }
  return sums.homes ? [sums.share / sums.homes, Math.sqrt(sums.square) / sums.homes] : [NaN, NaN];
}

function peopleLines(app, figuresOf) {
  const rows = app.data.people.flatMap((line) => {
    const [value, error] = figuresOf(line);
    if (Number.isNaN(value)) return [];
    return [element("tr", {}, element("th", { scope: "row" }, say(`people.${line.column}`)),
      element("td", {}, writePercent(value), Number.isNaN(error) ? null : element("small", {}, ` ±${writeCount(error * 100)}`)),
      element("td", {}, writePercent(line.typical)))];
  });
  if (!rows.length) return [];
  const heads = ["head", "here", "typical"].map((key) => element("th", { scope: "col" }, say(`people.${key}`)));
  const withMargins = app.data.people.some(({ margin }) => margin);
  return [
    element("table", { class: "people" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)),
    element("p", { class: "fine" }, say(withMargins ? "people.note" : "people.note_bare")),
  ];
}

const writePercent = (share) => writeWhole(Math.round(share * 100) / 100);
