"use strict";
// Figures: panels drawn by Plotly once they come near the screen.

const FONT = { family: "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif", size: 12, color: "#1a2128" };
const STYLES = documentOf("palette");
const COARSE = window.matchMedia("(pointer: coarse)").matches;
const HOVERS = window.matchMedia("(hover: hover)").matches;
const MARKS = { line: lineTraces, points: pointTraces, bars: barTraces, strips: stripTraces, boxes: boxTraces, heat: heatTraces };
const waiting = new Map();
const timed = new Set();
let following = false;
let moment = null;

const observer = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => drawNow(entry.target)),
  { rootMargin: "400px" },
);

function drawNow(place) {
  const draw = waiting.get(place);
  if (!draw) return;
  waiting.delete(place);
  observer.unobserve(place);
  draw();
}

function drawEverything() {
  [...waiting.keys()].forEach(drawNow);
}

function forgetPlots() {
  timed.forEach((plot) => Plotly.purge(plot));
  timed.clear();
  moment = null;
  [...waiting.keys()].filter((place) => place.closest("#trial")).forEach((place) => {
    observer.unobserve(place);
    waiting.delete(place);
  });
}

function washed(role, share) {
  const whole = parseInt(STYLES[role][0].slice(1), 16);
  return `rgba(${whole >> 16},${(whole >> 8) & 255},${whole & 255},${share})`;
}

// Plotly reads every text as markup; names from files are to be read as they stand.
function plain(text) {
  return typeof text === "string" ? text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;") : text;
}

function lineTraces(mark, part) {
  const [color, dash] = STYLES[mark.role];
  const x = numbersOf(part, mark.x);
  const traces = [];
  if (mark.low !== undefined) {
    const bound = { x, type: "scatter", mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false };
    traces.push({ ...bound, y: numbersOf(part, mark.low) });
    traces.push({ ...bound, y: numbersOf(part, mark.high), fill: "tonexty", fillcolor: washed(mark.role, 0.2) });
  }
  traces.push({ x, y: numbersOf(part, mark.y), name: plain(mark.name), type: "scatter", mode: "lines", line: { color, dash, width: 1.6 }, hovertemplate: "%{y:.3g}" });
  return traces;
}

function pointTraces(mark) {
  const hover = mark.texts.length ? "%{text}<br>%{x}, %{y:.3g}<extra></extra>" : "%{x}, %{y:.3g}";
  return [{ x: mark.x.map(plain), y: mark.y, text: mark.texts.map(plain), name: plain(mark.name), type: "scatter", mode: "markers", marker: { color: STYLES[mark.role][0], size: 7, opacity: 0.75 }, hovertemplate: hover }];
}

function barTraces(mark) {
  return [{ x: mark.values, y: mark.names.map(plain), name: plain(mark.name), type: "bar", orientation: "h", marker: { color: STYLES[mark.role][0] }, hovertemplate: "%{y}: %{x:.3g}<extra></extra>" }];
}

function stripTraces(mark) {
  return mark.spans.length
    ? mark.spans.map(([row, start, end, role, text]) => ({ x: [start, end], y: [plain(row), plain(row)], text: [plain(text), plain(text)], type: "scatter", mode: "lines", line: { color: STYLES[role][0], width: 14 }, opacity: 0.75, hovertemplate: "%{text}<br>at %{x:.2f} s<extra></extra>" }))
    : [{ x: [], y: [], type: "scatter" }];
}

function boxTraces(mark) {
  const color = STYLES[mark.role][0];
  return [{ x: mark.groups.map(plain), y: mark.values, name: plain(mark.name), type: "box", boxpoints: "outliers", marker: { color, size: 3 }, line: { color, width: 1.3 }, fillcolor: washed(mark.role, 0.15) }];
}

function heatTraces(mark) {
  const texts = mark.values.map((row) => row.map((value) => (value === null ? "" : value.toPrecision(2))));
  return [{ x: mark.columns.map(plain), y: mark.rows.map(plain), z: mark.values, text: texts, texttemplate: mark.columns.length < 13 ? "%{text}" : "", type: "heatmap", colorscale: "Cividis", zmin: mark.low, zmax: mark.high, colorbar: { title: { text: mark.unit, side: "right" }, thickness: 12 }, hovertemplate: `%{y}<br>%{x}: %{z:.3g} ${mark.unit}<extra></extra>` }];
}

function shapesOf(panel) {
  const bars = panel.marks.some((mark) => mark.kind === "bars");
  const shades = (panel.shades || []).map(([x0, x1, role]) => ({ type: "rect", yref: "paper", y0: 0, y1: 1, x0, x1, fillcolor: washed(role, 0.09), line: { width: 0 }, layer: "below" }));
  const bands = (panel.bands || []).map(([y0, y1]) => ({ type: "rect", xref: "paper", x0: 0, x1: 1, y0, y1, fillcolor: washed("passed", 0.1), line: { width: 0 }, layer: "below" }));
  const line = { color: STYLES.reference[0], width: 1, dash: "dot" };
  const limits = (panel.limits || []).map(([value]) =>
    bars ? { type: "line", yref: "paper", y0: 0, y1: 1, x0: value, x1: value, line } : { type: "line", xref: "paper", x0: 0, x1: 1, y0: value, y1: value, line });
  return [...shades, ...bands, ...limits];
}

function notesOf(panel) {
  const bars = panel.marks.some((mark) => mark.kind === "bars");
  const small = { showarrow: false, font: { size: 10, color: "#5a6570" }, bgcolor: "rgba(255,255,255,.7)", borderpad: 1 };
  const limits = (panel.limits || []).filter(([, text]) => text).map(([value, told]) => [value, plain(told)]).map(([value, text]) =>
    bars ? { ...small, text, x: value, y: 1, yref: "paper", xanchor: "left", yanchor: "bottom" } : { ...small, text, x: 1, xref: "paper", y: value, xanchor: "right", yanchor: "bottom" });
  const bands = (panel.bands || []).map(([, high, text]) => ({ ...small, text: plain(text), x: 0, xref: "paper", y: high, xanchor: "left", yanchor: "top" }));
  return [...limits, ...bands];
}

// Names of rows stand above their strips, where they take no room from the axis of time.
function rowsAxis(rows) {
  return { type: "category", categoryorder: "array", categoryarray: rows, range: [rows.length - 0.5, -0.6], autorange: false, showticklabels: false, ticks: "", showgrid: false };
}

function namesOf(rows) {
  return rows.map((text) => ({ text, x: 0.01, xref: "paper", y: text, xanchor: "left", yanchor: "bottom", yshift: 8, showarrow: false, font: { size: 10, color: "#5a6570" }, bgcolor: "rgba(255,255,255,.7)" }));
}

function layoutOf(panel) {
  const kinds = new Set(panel.marks.map((mark) => mark.kind));
  const named = kinds.has("bars") || kinds.has("strips") || kinds.has("heat");
  const axis = { zeroline: false, gridcolor: "#e8ecef", linecolor: "#8a939b", ticks: "outside", tickcolor: "#8a939b", ticklen: 3 };
  const rows = kinds.has("strips") ? panel.marks.flatMap((mark) => mark.rows || []).map(plain) : null;
  return {
    font: FONT, paper_bgcolor: "#fff", plot_bgcolor: "#fff", modebar: { bgcolor: "rgba(255,255,255,.85)", color: "#8a939b", activecolor: "#0072b2" }, showlegend: false, autosize: true, barmode: "group", boxmode: "group",
    margin: { l: 12, r: 10, t: kinds.has("bars") ? 18 : 6, b: 40 }, hovermode: panel.window_s && !rows ? "x unified" : "closest", dragmode: COARSE ? false : "zoom",
    xaxis: { ...axis, title: { text: plain(panel.x_label), standoff: 6 }, automargin: kinds.has("boxes") || kinds.has("heat"), ...(panel.window_s ? { range: [...panel.window_s] } : {}) },
    yaxis: { ...axis, title: { text: plain(panel.y_label), standoff: 6 }, automargin: true, autorange: named ? "reversed" : true, ...(rows ? rowsAxis(rows) : {}) },
    shapes: shapesOf(panel), annotations: [...notesOf(panel), ...namesOf(rows || [])],
  };
}

// Every button is named here: a list of what to leave out would let in what a later Plotly adds. Its own list has one that
// uploads the numbers of a plot to a server of its makers.
function configOf(panel) {
  return {
    displaylogo: false, responsive: true, showSendToCloud: false, plotlyServerURL: "",
    displayModeBar: HOVERS ? "hover" : false, modeBarButtons: [["toImage"], ["zoom2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]],
    toImageButtonOptions: { format: "svg", filename: panel.title },
  };
}

function plotPanel(place, panel, part) {
  const traces = panel.marks.flatMap((mark) => MARKS[mark.kind](mark, part));
  Plotly.newPlot(place, traces, layoutOf(panel), configOf(panel));
  if (!panel.window_s) return;
  place.append(element("div", { class: "cursor" }));
  timed.add(place);
  place.on("plotly_click", (event) => document.dispatchEvent(new CustomEvent("moment", { detail: event.points[0].x })));
  place.on("plotly_relayout", (change) => followZoom(place, change));
  place.on("plotly_afterplot", () => placeCursor(place));
  placeCursor(place);
}

// The same span of time in all plots of the trial.
function followZoom(source, change) {
  if (following || !Object.keys(change).some((key) => key.startsWith("xaxis"))) return;
  following = true;
  const range = [...source._fullLayout.xaxis.range];
  const others = [...timed].filter((plot) => plot !== source).map((plot) => Plotly.relayout(plot, { "xaxis.range": range }));
  Promise.all(others).finally(() => { following = false; });
}

function showMoment(t) {
  moment = t;
  timed.forEach(placeCursor);
}

function placeCursor(plot) {
  const axis = plot._fullLayout.xaxis;
  const cursor = plot.querySelector(".cursor");
  const offset = moment === null ? -1 : axis.l2p(moment);
  cursor.style.display = offset >= 0 && offset <= axis._length ? "block" : "none";
  cursor.style.left = `${axis._offset + offset}px`;
  cursor.style.top = `${plot._fullLayout.yaxis._offset}px`;
  cursor.style.height = `${plot._fullLayout.yaxis._length}px`;
}

function legendOf(figure) {
  const roles = new Map();
  figure.panels.forEach((panel) => panel.marks.forEach((mark) => mark.name && !roles.has(mark.name) && roles.set(mark.name, mark)));
  const legend = element("div", { class: "legend" });
  for (const [name, mark] of roles.size > 1 ? roles : []) {
    const [color, dash] = STYLES[mark.role];
    const dashes = { solid: "", dash: "6 3", dot: "2 2" }[dash];
    const item = element("span");
    item.innerHTML = mark.kind === "line"
      ? `<svg width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dashes}"/></svg>`
      : `<svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${color}"/></svg>`;
    item.append(name);
    legend.append(item);
  }
  return legend;
}

function showFigure(container, figure, part) {
  const box = element("section", { class: "figure", "data-figure": figure.key }, element("h3", {}, figure.title), element("p", { class: "caption" }, figure.caption), legendOf(figure));
  const panels = element("div", { class: "panels" });
  for (const panel of figure.panels) {
    const kinds = panel.marks.map((mark) => mark.kind);
    const place = element("div", { class: "plot", role: "img", "aria-label": `${figure.title}: ${panel.title}. ${figure.caption}` });
    const many = panel.marks.some((mark) => (mark.names || mark.rows || []).length > 14);
    const wide = panel.marks.some((mark) => (mark.columns || []).length > 4) || (kinds.includes("boxes") && new Set(panel.marks.flatMap((mark) => mark.groups || [])).size > 8);
    panels.append(element("div", { class: `panel${many ? " tall" : ""}${wide ? " wide" : ""}` }, element("h4", {}, panel.title), place));
    waiting.set(place, () => plotPanel(place, panel, part));
  }
  box.append(panels, filesOf(figure));
  container.append(box);
  panels.querySelectorAll(".plot").forEach((place) => observer.observe(place));
}

function filesOf(figure) {
  const line = element("p", { class: "files" }, "Beside this page: ");
  [["figures", "svg"], ["figures", "png"], ["data", "csv"]].forEach(([folder, suffix], place) => {
    line.append(place ? " · " : "", element("a", { href: `${folder}/${figure.files}.${suffix}` }, suffix.toUpperCase()));
  });
  return line;
}
