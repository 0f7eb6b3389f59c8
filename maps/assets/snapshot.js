// Save the map as a picture with its title, date, legend, and source: vectors, then pixels.
"use strict";

// Pixels of the picture for one of the screen.
const SHARPNESS = 2;
const LEGEND_WIDTH = 280;
const HEAD_HEIGHT = 84;
const FOOT_HEIGHT = 84;

// Draw what is on the screen into one SVG that needs nothing else.
function drawSnapshot(app) {
  const { x: width, y: height } = app.map.getSize();
  const legend = drawLegend(width + 28, HEAD_HEIGHT + 4);
  const size = { width: width + LEGEND_WIDTH, height: HEAD_HEIGHT + Math.max(height, legend.height) + FOOT_HEIGHT };
  const corner = app.map.containerPointToLayerPoint([0, 0]);
  const marks = drawing("g", { transform: `translate(${-corner.x} ${-corner.y})` }, ...drawMarks(app.map));
  const frame = drawing("svg", { x: 12, y: HEAD_HEIGHT, width, height, overflow: "hidden" },
    drawing("rect", { width, height, fill: "#eef2f4" }), marks, ...drawDivide(app, height), ...drawNames(app.map), ...copySites(app.map));

  const write = (text, y, style) => drawing("text", { x: 12, y, fill: "#4a5a67", ...style }, text);
  const foot = [document.getElementById("tally").textContent, document.querySelector("#legend .fine").textContent].flatMap((text) => wrapText(text, size.width / 6.4));
  const picture = drawing("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${size.width} ${size.height}`, ...size, "font-family": "system-ui, sans-serif" },
    drawing("rect", { ...size, fill: "#fff" }), frame,
    write(shorten(document.querySelector("h1").textContent, size.width / 12), 34, { "font-size": 22, "font-weight": 650, fill: INK }),
    write(shorten(nameShown(app), size.width / 8), 62, { "font-size": 15 }), ...legend.parts,
    ...foot.slice(0, 4).map((line, at) => write(line, size.height - FOOT_HEIGHT + 22 + 16 * at, { "font-size": 12 })));
  return { picture, ...size };
}

// Say what is shown: the layer, its date, and the district that limits it.
function nameShown(app) {
  const parts = [app.layer.title];
  if (app.layer.dated) parts.push(writeDay(app.dateOf(app.layer)));
  if (app.district) parts.push(app.districts.of(app.district.kind).names[app.district.at]);
  return parts.join(" · ");
}

// The line between two dates, with both.
function drawDivide(app, height) {
  const rope = document.querySelector(".divide");
  if (!rope || rope.hidden) return [];
  const x = Number.parseFloat(rope.style.left);
  const [before, after] = [...rope.querySelectorAll("b")].map(({ textContent }) => textContent);
  const date = (text, at, anchor) => drawing("text", { x: at, y: 24, "text-anchor": anchor, "font-size": 14, "font-weight": 650, fill: INK, stroke: "#fff", "stroke-width": 4, "paint-order": "stroke" }, text);
  return [drawing("path", { d: `M${x} 0V${height}`, stroke: "#fff", "stroke-width": 5 }), drawing("path", { d: `M${x} 0V${height}`, stroke: INK, "stroke-width": 2 }), date(before, x - 10, "end"), date(after, x + 10, "start")];
}

const shorten = (text, length) => (text.length > length ? `${text.slice(0, Math.max(length - 1, 1))}…` : text);

function wrapText(text, length) {
  return text.split(" ").reduce((lines, word) => {
    if (lines.length && lines.at(-1).length + word.length < length) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
    return lines;
  }, []);
}

// Names on the map are elements of the page; copy their words to where they stand, as they look.
function drawNames(map) {
  const { left, top } = map.getContainer().getBoundingClientRect();
  const districts = [...map.getPanes().markerPane.querySelectorAll("span")];
  const others = [...map.getPanes().labels.querySelectorAll("bdi")];
  return [...others, ...districts].map((name) => {
    const box = name.getBoundingClientRect();
    const { fontSize, fontWeight, fontStyle, color } = getComputedStyle(name);
    return drawing("text", {
      x: box.left - left + box.width / 2, y: box.top - top + box.height / 2 + 4, "text-anchor": "middle",
      "font-size": fontSize, "font-weight": fontWeight, "font-style": fontStyle,
      fill: name.localName === "bdi" ? color : INK, stroke: "#fff", "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round",
    }, shorten(name.textContent, name.localName === "bdi" ? 40 : 24));
  });
}

// Marks of places are elements of the page, too; a group has its number.
function copySites(map) {
  const { left, top } = map.getContainer().getBoundingClientRect();
  return [...map.getPanes().sites.children].map((mark) => {
    const box = mark.getBoundingClientRect();
    const [x, y] = [box.left - left + box.width / 2, box.top - top + box.height / 2];
    const shape = mark.querySelector("svg");
    if (shape) return placeCopy(shape, x - 12, y - 12);
    return drawing("g", {}, drawing("circle", { cx: x, cy: y, r: 12, fill: INK, stroke: "#fff", "stroke-width": 2 }),
      drawing("text", { x, y: y + 4, "text-anchor": "middle", "font-size": 12, "font-weight": 650, fill: "#fff" }, mark.textContent));
  });
}

function placeCopy(shape, x, y) {
  const copy = shape.cloneNode(true);
  copy.setAttribute("x", x);
  copy.setAttribute("y", y);
  return copy;
}

function drawLegend(left, top) {
  const box = document.getElementById("legend");
  const parts = [];
  let y = top + 12;
  const write = (text, style) => { parts.push(drawing("text", { x: left, y, "font-size": 13, fill: INK, ...style }, text)); };
  for (const line of wrapText(box.querySelector("summary b").textContent, 32)) { write(line, { "font-weight": 650, "font-size": 15 }); y += 20; }
  for (const row of box.querySelectorAll("li")) {
    const square = row.querySelector(".square");
    if (square) {
      const copy = square.cloneNode(true);
      for (const [name, value] of Object.entries({ x: left, y: y - 4, width: 238, height: 142, color: INK })) copy.setAttribute(name, value);
      parts.push(copy);
      y += 150;
      continue;
    }
    y += 4;
    parts.push(drawSwatch(row.querySelector(".swatch"), left, y - 11));
    parts.push(drawing("text", { x: left + 32, y: y + 1, "font-size": 13, fill: INK }, shorten(row.querySelector("span").textContent, 26)));
    parts.push(drawing("text", { x: left + LEGEND_WIDTH - 44, y: y + 1, "font-size": 12, "text-anchor": "end", fill: "#4a5a67" }, row.querySelector("em")?.textContent ?? ""));
    y += 18;
  }
  return { parts, height: y - top };
}

function drawSwatch(mark, x, y) {
  if (mark.classList.contains("mark")) return placeCopy(mark.firstChild, x, y - 3);
  const style = getComputedStyle(mark);
  const edge = { stroke: mark.classList.contains("arm") ? style.borderColor : "#8b99a4", "stroke-width": mark.classList.contains("arm") ? 2 : 1 };
  if (mark.classList.contains("ring")) return drawing("circle", { cx: x + 11, cy: y + 7, r: Math.min(mark.offsetWidth / 2, 11), fill: style.backgroundColor, "fill-opacity": 0.6 });
  const fill = mark.classList.contains("hatch") ? "#e4e4e4" : style.backgroundColor;
  const box = drawing("rect", { x, y, width: 22, height: 15, rx: 3, fill, ...edge });
  if (!mark.classList.contains("hatch")) return box;
  return drawing("g", {}, box, drawing("path", { d: `M${x + 3} ${y + 14}l9 -13M${x + 10} ${y + 14}l9 -13`, stroke: "#9aa3ab" }));
}

// Turn the picture into pixels; only pictures inside the page may be read back from a canvas.
async function paintSnapshot(app) {
  const { picture, width, height } = drawSnapshot(app);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
  await image.decode();
  const canvas = element("canvas", { width: width * SHARPNESS, height: height * SHARPNESS });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

const nameSnapshot = (app) => `map-${app.layer.name}-${app.dateShown()}.png`;

function buildSnapshot(app) {
  const button = document.getElementById("save-image");
  button.addEventListener("click", async () => {
    button.disabled = true;
    saveBlob(await paintSnapshot(app), nameSnapshot(app));
    button.disabled = false;
  });
}
