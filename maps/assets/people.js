// Say who lives in a tract: shares with their margins, beside those of the middle tract of the map.
"use strict";

function peopleLines(app, place) {
  const rows = app.data.people.flatMap(({ column, margin, typical }) => {
    const value = app.figures(column)[place];
    if (Number.isNaN(value)) return [];
    const error = margin ? app.figures(margin)[place] : NaN;
    return [element("tr", {}, element("th", { scope: "row" }, say(`people.${column}`)),
      element("td", {}, writePercent(value), Number.isNaN(error) ? null : element("small", {}, ` ±${writeCount(error * 100)}`)),
      element("td", {}, writePercent(typical)))];
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
