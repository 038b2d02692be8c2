"use strict";
// One trial at a time: found by its address, so that links, the back button and the keyboard all reach it.

const TRIALS = documentOf("trials");
const MARKS_OF = { passed: "✓", warned: "!", failed: "✕", refused: "⊘", not_judged: "?", not_measured: "–" };
const VERDICTS = { passed: "passed", warned: "warned", failed: "failed", refused: "refused", not_judged: "not judged", not_measured: "not measured" };
let player = null;

function badge(verdict) {
  return element("span", { class: `verdict ${verdict}`, "data-mark": MARKS_OF[verdict] }, VERDICTS[verdict]);
}

function addressed() {
  const wanted = decodeURIComponent(location.hash.replace(/^#trial=/, ""));
  return TRIALS.find((trial) => trial.id === wanted);
}

function showTrial(trial) {
  if (player) player.stop();
  player = null;
  forgetPlots();
  const part = documentOf(trial.element);
  const place = document.getElementById("trial");
  place.replaceChildren(headOf(part));
  if (part.refusal) place.append(refusalOf(part.refusal));
  const stage = element("div", { class: "stage" });
  const left = element("div", { class: "player" });
  const right = element("div");
  stage.append(left, right);
  place.append(stage);
  if (part.scene) {
    player = new Player(left, part);
    left.append(keyOf(part.scene.loads.length > 0), element("p", { class: "hint" }, "Drag to turn. With the picture in focus: space plays, comma and full stop step a frame, arrow keys turn. Click a plot to go to its time."));
    if (part.scene.loads.length) right.append(player.loads.table);
  }
  (part.scene ? right : left).append(...gatesOf(part));
  part.figures.forEach((figure) => showFigure(place, figure, part));
  part.missing.forEach((sentence) => place.append(element("p", { class: "note" }, sentence)));
  if (player) player.show(player.scene.heaviest());
  markCurrent(trial);
}

function headOf(part) {
  const speed = part.speed_m_per_s ? `, ${part.speed_m_per_s} m/s` : "";
  const head = element("div", {}, element("h3", { id: "trial-title", tabindex: -1 }, `${part.cohort} / ${part.participant} / ${part.trial} `, badge(part.verdict)));
  let text = `${part.activity}${speed}.${part.summary ? ` ${part.summary}.` : ""}`;
  if (part.shown_s) {
    const [start, end] = part.shown_s.map((value) => value.toFixed(2));
    const whole = part.shown_s[1] - part.shown_s[0] > part.length_s - 0.005;
    text += whole ? ` Shown whole: ${start} to ${end} s.` : ` Shown: ${start} to ${end} s of ${part.length_s.toFixed(1)} s labelled.`;
    text += part.labelled ? ` All columns: labels/${part.id}.parquet.` : ` All coordinates: imu_kinematics/${part.id}.mot.`;
  }
  head.append(element("p", { class: "lead" }, text));
  return head;
}

function refusalOf(refusal) {
  return element("p", { class: "note failed" }, `Refused. Expected ${refusal.expected}; found ${refusal.found} (${refusal.where}). ${refusal.do}`);
}

function keyOf(withLoads) {
  const key = element("p", { class: "hint" });
  const legs = [["right leg", COLOURS.r], ["left leg", COLOURS.l]];
  const loads = [["joint contact (disc)", COLOURS.contact], ["Achilles tendon", COLOURS.achilles], ["patellar tendon", COLOURS.patellar], ["ground reaction", COLOURS.force]];
  [...legs, ...(withLoads ? loads : [])].forEach(([name, color]) =>
    key.append(element("span", { class: "key" }, element("span", { class: "swatch", style: `background:${color}` }), name), " "));
  return key;
}

function gatesOf(part) {
  const doubts = part.gates.filter((gate) => gate.verdict !== "passed");
  const passed = part.gates.filter((gate) => gate.verdict === "passed");
  const title = element("h4", { style: "margin-top:1rem" }, doubts.length ? "What speaks against it" : "No gate speaks against it");
  const parts = [title];
  if (doubts.length) parts.push(gateTable(doubts));
  if (passed.length) parts.push(element("details", {}, element("summary", {}, `${passed.length} gates passed`), gateTable(passed)));
  return parts;
}

function gateTable(gates) {
  const body = element("tbody");
  for (const gate of gates) {
    const value = gate.value === null ? "" : `${format(gate.value)}${gate.limit === null ? "" : ` (limit ${format(gate.limit)})`} ${gate.unit}`.trim() + ".";
    const speaks = gate.concerns.length ? ` Concerns ${gate.concerns.join(", ")}.` : "";
    body.append(element("tr", {}, element("td", {}, badge(gate.verdict)), element("td", {}, element("code", {}, gate.code), element("br"), `${gate.reason}. `, element("span", { class: "hint" }, `${value}${speaks}`))));
  }
  return element("div", { class: "scroll" }, element("table", {}, body));
}

function format(value) {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function markCurrent(trial) {
  document.getElementById("chosen").value = trial.id;
  document.querySelectorAll("a.chip").forEach((chip) => chip.setAttribute("aria-current", chip.dataset.trial === trial.id));
}

function step(by) {
  const place = TRIALS.findIndex((trial) => trial.id === document.getElementById("chosen").value);
  location.hash = `trial=${TRIALS[(place + by + TRIALS.length) % TRIALS.length].id}`;
}

function followAddress() {
  const trial = addressed();
  if (!trial) return;
  showTrial(trial);
  document.getElementById("trials-section").scrollIntoView();
  document.getElementById("trial-title").focus({ preventScroll: true });
}

function begin() {
  const chosen = document.getElementById("chosen");
  TRIALS.forEach((trial) => chosen.append(element("option", { value: trial.id }, `${MARKS_OF[trial.verdict]} ${trial.id}`)));
  chosen.addEventListener("change", () => { location.hash = `trial=${chosen.value}`; });
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("next").addEventListener("click", () => step(1));
  window.addEventListener("hashchange", followAddress);
  window.addEventListener("beforeprint", () => { document.querySelectorAll("details").forEach((details) => { details.open = true; }); drawEverything(); });
  document.querySelectorAll("[data-figures]").forEach((place) => {
    const part = documentOf(place.dataset.figures);
    part.figures.forEach((figure) => showFigure(place, figure, part));
  });
  const first = addressed() || TRIALS.find((trial) => trial.role === "motion") || TRIALS[0];
  if (first) showTrial(first);
  if (addressed()) followAddress();
}

begin();
