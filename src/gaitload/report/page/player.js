"use strict";
// Play, scrub and orbit; tells everybody else which instant is shown.

class Player {
  constructor(place, part) {
    this.start = part.shown_s[0];
    this.end = part.shown_s[1];
    this.now = this.start;
    this.playing = false;
    this.canvas = element("canvas", { tabindex: 0, role: "img", "aria-label": "Moving skeleton with ground reaction and loads. Space plays, comma and full stop step, arrow keys turn the view." });
    this.button = element("button", { type: "button" }, "▶ Play");
    this.slider = element("input", { type: "range", min: this.start, max: this.end, step: 0.01, value: this.start, "aria-label": "time" });
    this.speed = element("select", { "aria-label": "speed" });
    [1, 0.5, 0.25, 0.1].forEach((speed) => this.speed.append(element("option", { value: speed }, `${speed} ×`)));
    this.speed.value = "0.25";
    this.output = element("output");
    const views = element("span");
    [["Side", 0], ["Front", -Math.PI / 2], ["Oblique", 0.6]].forEach(([name, yaw]) => {
      const view = element("button", { type: "button" }, name);
      view.addEventListener("click", () => this.turnTo(yaw, 0.12));
      views.append(view, " ");
    });
    place.append(this.canvas, element("div", { class: "controls" }, this.button, this.slider, this.output, this.speed, views));
    this.scene = new Scene(this.canvas, part);
    this.loads = new LoadBars(part);
    this.listen();
  }

  listen() {
    this.button.addEventListener("click", () => this.toggle());
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.resized = new ResizeObserver(() => this.scene.draw(this.now));
    this.resized.observe(this.canvas);
    this.asked = (event) => this.show(event.detail);
    document.addEventListener("moment", this.asked);
  }

  key(event) {
    const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };
    if (event.key === " ") this.toggle();
    else if (event.key === "," || event.key === ".") this.show(this.now + (event.key === "," ? -0.01 : 0.01));
    else if (turns[event.key]) this.turnTo(this.scene.yaw + turns[event.key][0], this.scene.pitch + turns[event.key][1]);
    else return;
    event.preventDefault();
  }

  grab(event) {
    let { clientX, clientY } = event;
    const move = (next) => {
      this.turnTo(this.scene.yaw + 0.01 * (next.clientX - clientX), this.scene.pitch + 0.006 * (next.clientY - clientY));
      ({ clientX, clientY } = next);
    };
    const release = () => {
      this.canvas.removeEventListener("pointermove", move);
      ["pointerup", "pointercancel"].forEach((name) => this.canvas.removeEventListener(name, release));
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", move);
    ["pointerup", "pointercancel"].forEach((name) => this.canvas.addEventListener(name, release));
  }

  turnTo(yaw, pitch) {
    this.scene.yaw = yaw;
    this.scene.pitch = Math.min(1.4, Math.max(-0.1, pitch));
    this.scene.draw(this.now);
  }

  toggle() {
    this.playing = !this.playing;
    this.button.textContent = this.playing ? "⏸ Pause" : "▶ Play";
    this.last = null;
    if (this.playing) requestAnimationFrame((stamp) => this.tick(stamp));
  }

  tick(stamp) {
    if (!this.playing || !this.canvas.isConnected) return;
    const passed = this.last === null ? 0 : Math.min(0.1, (stamp - this.last) / 1000);
    this.last = stamp;
    const next = this.now + passed * Number(this.speed.value);
    this.show(next > this.end ? this.start : next);
    requestAnimationFrame((later) => this.tick(later));
  }

  show(t) {
    this.now = Math.min(this.end, Math.max(this.start, t));
    this.slider.value = this.now;
    this.output.textContent = `${this.now.toFixed(2)} s`;
    this.scene.draw(this.now);
    this.loads.show(this.scene.row);
    showMoment(this.now);
  }

  stop() {
    this.playing = false;
    this.resized.disconnect();
    document.removeEventListener("moment", this.asked);
  }
}

class LoadBars {
  constructor(part) {
    this.rows = part.scene.loads.flatMap((load) => ["r", "l"].map((side) => ({ load, side, values: numbersOf(part, load[side]) })));
    this.top = Math.max(...this.rows.map(({ values }) => values.reduce((most, value) => (value > most ? value : most), 0)), 1);
    const body = element("tbody");
    this.rows.forEach((row) => this.add(body, row));
    this.table = element("table", { class: "bars" }, element("caption", {}, "Loads of the frame shown, and the peak of the part shown (BW)"), heads(), body);
  }

  add(body, row) {
    const peak = row.values.reduce((most, value) => (value > most ? value : most), 0);
    row.bar = element("div", { class: "bar", style: `background:${COLOURS[row.side]}` });
    row.number = element("td", { class: "number" });
    const line = element("tr", {});
    if (row.side === "r") line.append(element("th", { scope: "row", rowspan: 2 }, row.load.title));
    line.append(element("td", {}, row.side === "r" ? "right" : "left"), element("td", { style: "width:40%" }, element("div", { class: "track" }, row.bar)), row.number, element("td", { class: "number" }, peak.toFixed(1)));
    body.append(line);
  }

  show(frame) {
    for (const row of this.rows) {
      const value = row.values[frame];
      row.bar.style.width = Number.isFinite(value) ? `${(100 * Math.max(0, value)) / this.top}%` : "0";
      row.number.textContent = Number.isFinite(value) ? value.toFixed(1) : "–";
    }
  }
}

function heads() {
  const names = [["load", ""], ["", ""], ["", ""], ["now", "number"], ["peak", "number"]];
  return element("thead", {}, element("tr", {}, ...names.map(([name, kind]) => element("th", { class: kind, scope: "col" }, name))));
}
