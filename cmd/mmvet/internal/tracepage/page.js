"use strict";
const doc = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const view = { scenario: 0, step: 1, all: false };
let trail = [], tasks = [], hovered = 0;

// el makes an element; children are elements or text, so no text of a scenario is ever read as markup.
function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick") e.onclick = value; else e.setAttribute(key, value);
  }
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}
const base = file => file.split("/").pop();
const color = task => `var(--task${tasks.indexOf(task) % 5})`;

function load(index, step) {
  view.scenario = index;
  const s = doc.scenarios[index];
  trail = s.trail || [];
  tasks = [];
  for (const t of trail) if (!tasks.includes(t.task)) tasks.push(t.task);
  $("scenario").value = index;
  document.title = `mmvet: ${s.name}`;
  const failing = trail.length ? s.trace.split("\n")[0] : "";
  $("verdict").replaceChildren(el("span", { class: failing ? "bad" : "" }, failing || s.error || s.verdict), ` — ${s.summary}. `,
    ...(s.replay ? ["Replay: ", el("code", {}, `mmvet sim -replay ${s.replay} ${s.package}`)] : []));
  const weak = trail.filter(t => t.reads && t.reads.weak).length;
  $("legend").textContent = !trail.length ? "No failing execution to show." :
    "Time runs down; “= v” is what a step read, the right column is what it changed. " + (weak ?
    "The kernel memory model allows this execution, though no order of its rows lets every read see the newest store above it." :
    "Every read sees the newest store above it.");
  table();
  go(step || (trail.findIndex(t => t.telling) + 1) || 1);
}

function table() {
  $("lanes").tHead.replaceChildren(el("tr", {}, el("th", {}, "#"), el("th", {}, "line"),
    ...tasks.map(t => el("th", { style: `color: ${color(t)}` }, t)), el("th", {}, "")));
  $("lanes").tBodies[0].replaceChildren(...trail.map((t, i) => {
    const row = el("tr", { id: `step${i + 1}`, onclick: () => go(i + 1) }, el("td", { class: "n" }, `${i + 1}`),
      el("td", { class: "at" }, `${base(t.file)}:${t.line}`),
      ...tasks.map(name => name === t.task ? el("td", { class: "what", style: `--lane: ${color(name)}` }, t.what) : el("td", {})),
      el("td", { class: "changed" }, t.changed || "", t.note ? el("span", { class: "weak" }, (t.changed ? "; " : "") + t.note) : null));
    if (t.fails) row.classList.add("fails");
    row.hidden = !view.all && !t.telling;
    row.onmouseenter = () => hover(i + 1);
    row.onmouseleave = () => hover(0);
    return row;
  }));
}

function go(step) {
  if (!trail.length) { for (const id of ["detail", "source", "file"]) $(id).replaceChildren(); $("state").tBodies[0].replaceChildren(); return; }
  view.step = Math.min(Math.max(step, 1), trail.length);
  history.replaceState(null, "", `#scenario=${view.scenario}&step=${view.step}${view.all ? "&all" : ""}`);
  const row = $(`step${view.step}`);
  row.hidden = false;
  for (const r of $("lanes").tBodies[0].rows) {
    const n = Number(r.id.slice(4));
    r.classList.toggle("now", n === view.step);
    r.classList.toggle("later", n > view.step);
    if (n === view.step) r.setAttribute("aria-current", "step"); else r.removeAttribute("aria-current");
  }
  row.scrollIntoView({ block: "nearest" });
  memory();
  source();
  hover(0);
}

// hover shows what a step read, and the arrow from the store; without a hovered step, of the current one.
function hover(step) {
  hovered = step;
  const n = step || view.step, t = trail[n - 1], reads = t.reads;
  for (const r of $("lanes").tBodies[0].rows) r.classList.toggle("saw", !!reads && r.id === `step${reads.saw}`);
  const jump = k => k === 0 ? "the initial value" : el("button", { onclick: () => go(k) }, `step ${k}, ${trail[k - 1].what} by ${trail[k - 1].task}`);
  const parts = [el("h2", {}, `Step ${n}, ${t.task}: `, el("code", {}, t.what))];
  if (t.calls && t.calls.length) parts.push(el("p", {}, "in ", el("code", {}, t.calls.join(" → "))));
  if (t.changed) parts.push(el("p", {}, t.changed));
  if (reads) {
    parts.push(el("p", {}, reads.weak ? el("span", { class: "weak" }, "Weak read. ") : "", "Sees ", jump(reads.saw), "."));
    if (reads.unseen && reads.unseen.length) {
      parts.push(el("ul", {}, ...reads.unseen.map(u => el("li", {}, "not ", jump(u.step), ": ", u.why))));
    }
  }
  $("detail").replaceChildren(...parts);
  arrow(reads && reads.saw ? $(`step${reads.saw}`) : null, $(`step${n}`));
}

function arrow(from, to) {
  const path = $("arrow").firstElementChild;
  if (!from || !to || from.hidden || to.hidden) { path.removeAttribute("d"); return; }
  const frame = $("scroll").getBoundingClientRect();
  const place = row => {
    const r = row.querySelector(".what").getBoundingClientRect();
    return { x: r.left - frame.left, y: (r.top + r.bottom) / 2 - frame.top };
  };
  const a = place(from), b = place(to), bend = Math.max(0, Math.min(a.x, b.x) - 26);
  path.setAttribute("d", `M${a.x},${a.y} C${bend},${a.y} ${bend},${b.y} ${b.x},${b.y} m-6,-4 l6,4 l-6,4`);
}

// memory shows what every location holds after the current step.
function memory() {
  const cells = new Map();
  for (const t of trail) if (t.cell && !cells.has(t.cell)) cells.set(t.cell, { value: t.before, by: 0 });
  trail.slice(0, view.step).forEach((t, i) => {
    if (t.cell && t.before !== t.after) cells.set(t.cell, { value: t.after, by: i + 1 });
  });
  $("state").tBodies[0].replaceChildren(...[...cells].map(([name, c]) =>
    el("tr", c.by === view.step ? { class: "changed" } : {}, el("td", {}, name), el("td", {}, c.value),
      el("td", {}, c.by ? `step ${c.by}` : ""))));
}

// source shows the file of the current step, with every task at the line that it reached.
function source() {
  const now = trail[view.step - 1], file = doc.files[now.file];
  const at = new Map();
  trail.slice(0, view.step).forEach(t => at.set(t.task, t));
  $("file").textContent = file ? file.name : "";
  if (!file || !file.lines.length) { $("source").replaceChildren(el("li", {}, "(the file is not there any more)")); return; }
  $("source").replaceChildren(...file.lines.map((text, i) => {
    const here = tasks.filter(t => at.has(t) && at.get(t).file === now.file && at.get(t).line === i + 1);
    return el("li", i + 1 === now.line ? { class: "now" } : {},
      ...here.slice(0, 1).map(t => el("span", { class: "who", style: `color: ${color(t)}`, title: here.join(", ") }, "▸")),
      here.length ? null : el("span", { class: "who" }), el("span", { class: "no" }, `${i + 1}`), el("span", {}, text));
  }));
  const line = $("source").children[now.line - 1];
  if (line) line.scrollIntoView({ block: "center" });
}

// next goes to the next step that is shown, in a direction.
function next(by) {
  let n = view.step + by;
  while (n >= 1 && n <= trail.length && $(`step${n}`).hidden) n += by;
  if (n >= 1 && n <= trail.length) go(n);
}

function nextWeak() {
  for (let i = 1; i <= trail.length; i++) {
    const n = (view.step - 1 + i) % trail.length + 1, reads = trail[n - 1].reads;
    if (reads && reads.weak) return go(n);
  }
}

const keys = {
  ArrowRight: () => next(1), ArrowDown: () => next(1), j: () => next(1),
  ArrowLeft: () => next(-1), ArrowUp: () => next(-1), k: () => next(-1),
  Home: () => go(1), End: () => go(trail.length), w: nextWeak,
  f: () => go(trail.findIndex(t => t.fails) + 1 || trail.length),
  a: () => { view.all = !view.all; table(); go(view.step); },
};
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === "SELECT" || !keys[e.key]) return;
  e.preventDefault();
  keys[e.key]();
});
addEventListener("resize", () => trail.length && hover(hovered));

doc.scenarios.forEach((s, i) => $("scenario").append(el("option", { value: i }, `${base(s.package)} ${s.name}: ${s.verdict}${s.kind ? ", " + s.kind : ""}`)));
$("scenario").onchange = e => { load(Number(e.target.value)); e.target.blur(); };
const wanted = new URLSearchParams(location.hash.slice(1));
view.all = wanted.has("all");
const failing = doc.scenarios.findIndex(s => s.trail && s.trail.length);
load(wanted.has("scenario") ? Number(wanted.get("scenario")) : Math.max(failing, 0), Number(wanted.get("step")));
