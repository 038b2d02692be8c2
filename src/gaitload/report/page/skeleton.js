"use strict";
// A person who moves: bones along the kinematics, forces on the feet, and loads of the frame shown.

const CAMERA_M = 5.5;
const FORCE_M_PER_BW = 0.32;
const WIDTHS_M = { femur: 0, tibia: 0.125, talus: 0.09, calcn: 0.055, toes: 0.06, tip: 0.05, ulna: 0.075, radius: 0.065, hand: 0.055, fingers: 0.05 };
const COLOURS = { r: "#0072B2", l: "#D55E00", trunk: "#75808a", achilles: "#009E73", patellar: "#7A4B9A", contact: "#CC79A7", force: "#1a2128" };
const CONTACTS = [["acf", "talus"], ["kcf", "tibia"], ["hcf", "femur"]];

class Scene {
  constructor(canvas, part) {
    const scene = part.scene;
    this.canvas = canvas;
    this.points = new Map(scene.points.map((name, place) => [name, place]));
    this.bones = scene.bones.filter(([, child]) => !child.startsWith("patella"));
    this.poseTime = numbersOf(part, scene.pose_time);
    this.position = numbersOf(part, scene.position);
    this.time = numbersOf(part, scene.time);
    this.forces = ["r", "l"].filter((side) => scene.grf[side]).map((side) => ({ grf: scene.grf[side].map((place) => numbersOf(part, place)), cop: scene.cop[side].map((place) => numbersOf(part, place)) }));
    this.loads = Object.fromEntries(scene.loads.map((load) => [load.label, { r: numbersOf(part, load.r), l: numbersOf(part, load.l) }]));
    this.yaw = 0.6;
    this.pitch = 0.12;
  }

  // Instant of the largest force on either foot: a frame with something to see. Without forces, the middle.
  heaviest() {
    if (!this.forces.length) return this.time[this.time.length >> 1];
    let best = 0;
    let row = 0;
    this.forces.forEach(({ grf }) => grf[1].forEach((up, place) => {
      if (up > best) [best, row] = [up, place];
    }));
    return this.time[row];
  }

  // Place of a point (m) at the instant shown, between two poses.
  at(name) {
    const place = this.points.get(name);
    if (place === undefined) return null;
    const count = this.points.size;
    const next = Math.min(this.pose + 1, this.poseTime.length - 1);
    return [0, 1, 2].map((axis) => {
      const from = this.position[3 * (this.pose * count + place) + axis];
      const to = this.position[3 * (next * count + place) + axis];
      return from + this.between * (to - from);
    });
  }

  project([x, y, z]) {
    const dx = x - this.target[0];
    const dz = z - this.target[2];
    const across = dx * Math.cos(this.yaw) + dz * Math.sin(this.yaw);
    const away = -dx * Math.sin(this.yaw) + dz * Math.cos(this.yaw);
    const up = y - this.target[1];
    const depth = CAMERA_M - (away * Math.cos(this.pitch) + up * Math.sin(this.pitch));
    const raised = up * Math.cos(this.pitch) - away * Math.sin(this.pitch);
    const zoom = (this.scale * CAMERA_M) / depth;
    return { x: this.width / 2 + across * zoom, y: this.height / 2 - raised * zoom, depth, zoom };
  }

  draw(t) {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    if (this.canvas.width !== Math.round(this.width * ratio)) {
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = Math.round(this.height * ratio);
    }
    this.pen = this.canvas.getContext("2d");
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.clearRect(0, 0, this.width, this.height);
    this.pen.lineCap = "round";
    this.pen.lineJoin = "round";
    this.scale = this.height / 2.15;
    this.row = rowAt(this.time, t);
    this.pose = rowAt(this.poseTime, t);
    const span = this.poseTime[Math.min(this.pose + 1, this.poseTime.length - 1)] - this.poseTime[this.pose];
    this.between = span > 0 ? Math.min(1, Math.max(0, (t - this.poseTime[this.pose]) / span)) : 0;
    const pelvis = this.at("pelvis") || [0, 0.95, 0];
    this.target = [pelvis[0], 0.93, pelvis[2]];
    this.drawFloor();
    this.drawBody();
    this.forces.forEach((force) => this.drawForce(force));
  }

  stroke(from, to, color, width) {
    this.pen.strokeStyle = color;
    this.pen.lineWidth = width;
    this.pen.beginPath();
    this.pen.moveTo(from.x, from.y);
    this.pen.lineTo(to.x, to.y);
    this.pen.stroke();
  }

  drawFloor() {
    const step = 0.5;
    const reach = 2;
    const x0 = Math.round(this.target[0] / step) * step;
    const z0 = Math.round(this.target[2] / step) * step;
    for (let offset = -reach; offset <= reach + 1e-9; offset += step) {
      this.stroke(this.project([x0 + offset, 0, z0 - reach]), this.project([x0 + offset, 0, z0 + reach]), "#d3dae0", 1);
      this.stroke(this.project([x0 - reach, 0, z0 + offset]), this.project([x0 + reach, 0, z0 + offset]), "#d3dae0", 1);
    }
  }

  drawBody() {
    const pieces = this.bones.map(([parent, child]) => this.bonePiece(parent, child));
    for (const side of ["r", "l"]) {
      CONTACTS.forEach(([label, body]) => pieces.push(this.contactPiece(label, `${body}_${side}`, side)));
      pieces.push(this.tendonPiece("atf", side, `calcn_${side}`, this.mix(`talus_${side}`, `tibia_${side}`, 0.5), COLOURS.achilles));
      pieces.push(this.tendonPiece("ptf", side, `patella_${side}`, this.mix(`tibia_${side}`, `talus_${side}`, 0.14), COLOURS.patellar));
    }
    pieces.push(this.trunkPiece(), this.headPiece());
    pieces.filter(Boolean).sort((a, b) => b.depth - a.depth).forEach((piece) => piece.paint());
  }

  mix(from, to, share) {
    const a = this.at(from);
    const b = this.at(to);
    return a && b ? a.map((value, axis) => value + share * (b[axis] - value)) : null;
  }

  bonePiece(parent, child) {
    const width = WIDTHS_M[child.slice(0, -2)];
    const color = COLOURS[child.slice(-1)];
    if (!width || !color) return null;
    const from = this.project(this.at(parent));
    const to = this.project(this.at(child));
    const depth = (from.depth + to.depth) / 2;
    return { depth, paint: () => this.stroke(from, to, faded(color, depth), width * to.zoom) };
  }

  // Shoulders and hips with what lies between.
  trunkPiece() {
    const corners = ["humerus_r", "humerus_l", "femur_l", "femur_r"].map((name) => this.at(name));
    if (!corners.every(Boolean)) return null;
    const [a, b, c, d] = corners.map((place) => this.project(place));
    const depth = (a.depth + b.depth + c.depth + d.depth) / 4;
    const paint = () => {
      this.pen.fillStyle = faded(COLOURS.trunk, depth);
      this.pen.beginPath();
      [a, b, c, d].forEach(({ x, y }) => this.pen.lineTo(x, y));
      this.pen.fill();
      [[a, b, 0.1], [b, c, 0.1], [c, d, 0.15], [d, a, 0.1]].forEach(([from, to, width]) => this.stroke(from, to, faded(COLOURS.trunk, depth), width * from.zoom));
    };
    return { depth, paint };
  }

  headPiece() {
    const [head, shoulders] = [this.at("head"), this.mix("humerus_r", "humerus_l", 0.5)];
    if (!head || !shoulders) return null;
    const [top, base] = [this.project(head), this.project(shoulders)];
    const color = faded(COLOURS.trunk, top.depth);
    const paint = () => {
      this.stroke(base, top, color, 0.075 * top.zoom);
      this.disc(top.x, top.y, 0.1 * top.zoom, color);
    };
    return { depth: top.depth, paint };
  }

  disc(x, y, radius, color, edge) {
    this.pen.fillStyle = color;
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 2 * Math.PI);
    this.pen.fill();
    if (edge) {
      this.pen.strokeStyle = edge;
      this.pen.lineWidth = 1.5;
      this.pen.stroke();
    }
  }

  // Discs whose area grows with the force.
  contactPiece(label, body, side) {
    if (!this.loads[label]) return null;
    const place = this.at(body);
    const force = this.loads[label][side][this.row];
    if (!place || !(force > 0)) return null;
    const { x, y, depth, zoom } = this.project(place);
    return { depth: depth - 0.25, paint: () => this.disc(x, y, 0.026 * Math.sqrt(force) * zoom, "rgba(204,121,167,.55)", "#8c3f68") };
  }

  tendonPiece(label, side, from, end, color) {
    if (!this.loads[label]) return null;
    const begin = this.at(from);
    const force = this.loads[label][side][this.row];
    if (!begin || !end || !(force > 0)) return null;
    const a = this.project(begin);
    const b = this.project(end);
    return { depth: Math.min(a.depth, b.depth) - 0.2, paint: () => this.stroke(a, b, color, Math.max(1.5, 0.008 * force * a.zoom)) };
  }

  drawForce({ grf, cop }) {
    const foot = cop.map((axis) => axis[this.row]);
    const force = grf.map((axis) => axis[this.row]);
    const size = Math.hypot(...force);
    if (!foot.every(Number.isFinite) || !(size > 0.02)) return;
    const from = this.project(foot);
    const to = this.project(foot.map((value, axis) => value + FORCE_M_PER_BW * force[axis]));
    const angle = Math.atan2(to.y - from.y, to.x - from.x);
    const barb = Math.min(12, 0.4 * Math.hypot(to.x - from.x, to.y - from.y));
    const pen = this.pen;
    this.stroke(from, to, COLOURS.force, 3);
    pen.fillStyle = COLOURS.force;
    pen.beginPath();
    pen.moveTo(to.x + 2 * Math.cos(angle), to.y + 2 * Math.sin(angle));
    [0.42, -0.42].forEach((turn) => pen.lineTo(to.x - barb * Math.cos(angle + turn), to.y - barb * Math.sin(angle + turn)));
    pen.fill();
    pen.font = "600 13px system-ui, sans-serif";
    pen.strokeStyle = "rgba(255,255,255,.9)";
    pen.lineWidth = 4;
    pen.strokeText(`${size.toFixed(1)} BW`, to.x + 10, to.y + 4);
    pen.fillText(`${size.toFixed(1)} BW`, to.x + 10, to.y + 4);
  }
}

// What is further away is paler.
function faded(color, depth) {
  const share = Math.min(0.45, Math.max(0, (depth - CAMERA_M + 0.35) * 0.6));
  const whole = parseInt(color.slice(1), 16);
  const parts = [whole >> 16, (whole >> 8) & 255, whole & 255];
  return `rgb(${parts.map((value) => Math.round(value + share * (255 - value))).join(",")})`;
}
