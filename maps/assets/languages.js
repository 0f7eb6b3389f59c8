// Choose the language of the page by its address, and let the reader change it.
"use strict";

// Take the language that the address names, or the first, and say its words from now on.
function chooseLanguage(data) {
  const code = new URLSearchParams(location.hash.slice(1)).get("lang");
  const language = data.languages.find((one) => one.code === code) ?? data.languages[0];
  openWords(language);
  for (const layer of data.layers) Object.assign(layer, language.layers[layer.name]);
  return language;
}

// Another language opens the page anew: the address keeps the view.
function buildLanguages(app) {
  const box = document.getElementById("languages");
  if (app.data.languages.length < 2) return;
  box.hidden = false;
  box.append(...app.data.languages.filter((one) => one !== app.language).map(({ code, name, direction }) =>
    element("button", { type: "button", lang: code, dir: direction, on: { click: () => change(code) } }, name)));

  function change(code) {
    app.language = app.data.languages.find((one) => one.code === code);
    app.keepView();
    location.reload();
  }
}

// The first language has the plain file names of a site.
const localizePage = (address, { suffix }) => address.replace(/\.html(?=$|#)/, `${suffix}.html`);
