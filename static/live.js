// The live figures of an open page: renewed in place once a minute while it is in sight, and one Tab stop a table.
const PAUSE = 60_000;
const renewal = document.getElementById("renewal");
const cellsOf = (root) => [...root.querySelectorAll("td[data-endpoint][data-metric]")];
const keyOf = ({ dataset }) => `${dataset.endpoint} ${dataset.metric}`;
let etag = "";
let asked = "";
let renewed = Date.now();

// Where a source is chosen for a table, other tables of the page stay as they are.
const chosen = () => document.querySelector("[data-live-source]");
const renewable = () => cellsOf(chosen() ?? document);

// Which endpoints are in sight is known when they are asked for: rows come and go.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt !== renewal) return;
  const ids = new Set(renewable().map(({ dataset }) => dataset.endpoint));
  ids.delete("");
  if (document.hidden || !ids.size) {
    event.preventDefault();
    return;
  }
  event.detail.parameters.e = [...ids].join(",");
  const source = chosen()?.dataset.liveSource;
  if (source) event.detail.parameters.live = source;
  const wanted = `${source} ${event.detail.parameters.e}`;
  if (wanted !== asked) etag = "";
  asked = wanted;
  if (etag) event.detail.headers["If-None-Match"] = etag;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== renewal || !detail.successful) return;
  renewed = Date.now();
  if (detail.xhr.status !== 200) return;
  etag = detail.xhr.getResponseHeader("ETag") ?? "";
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const news = new Map(cellsOf(page).map((cell) => [keyOf(cell), cell]));
  for (const cell of renewable()) {
    const other = news.get(keyOf(cell));
    if (other) renew(cell, other.cloneNode(true));
  }
});

function renew(cell, other) {
  const [before, after] = [cell, other].map((each) => each.querySelector(".live-value"));
  if (before && after) after.tabIndex = before.tabIndex;
  if (cell.isEqualNode(other)) return;
  const focused = before && before === document.activeElement;
  cell.replaceWith(other);
  // A figure that is gone hands the focus on, not to the top of the page.
  if (focused) (after ?? figuresOf(other.closest("table"))[0])?.focus({ preventScroll: true });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - renewed >= PAUSE) {
    htmx.ajax("GET", renewal.getAttribute("hx-get"), { source: renewal, swap: "none" });
  }
});

// The whole of a figure shows below it, or above where the window ends: no box that scrolls cuts it off.
function place({ target }) {
  const cell = target.closest?.("td.live");
  const note = cell?.querySelector(".live-note");
  if (!note) return;
  const value = cell.querySelector(".live-value").getBoundingClientRect();
  const above = value.bottom + note.offsetHeight + 12 > innerHeight;
  const { offsetWidth: width, style } = document.documentElement;
  style.setProperty("--note-top", `${above ? value.top - note.offsetHeight - 6 : value.bottom + 6}px`);
  const end = Math.min(width - value.right, width - note.offsetWidth - 8);
  style.setProperty("--note-end", `${Math.max(end, 0)}px`);
}

document.addEventListener("pointerover", place);
document.addEventListener("focusin", place);

// The arrows move among the figures of a table: a stop for each would be hundreds.
const figuresOf = (table, metric) =>
  [...table.querySelectorAll(`.live${metric ? `[data-metric="${metric}"]` : ""} .live-value`)];

function keepOneStop(table, current) {
  const figures = figuresOf(table);
  const stop = current ?? figures[0];
  for (const figure of figures) figure.tabIndex = figure === stop ? 0 : -1;
}

const keepAll = () => document.querySelectorAll("table:has(.live .live-value)").forEach((table) => keepOneStop(table));

document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".live .live-value")) keepOneStop(target.closest("table"), target);
});

document.addEventListener("keydown", (event) => {
  const figure = event.target.closest(".live .live-value");
  if (!figure || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const table = figure.closest("table");
  const [all, same] = [figuresOf(table), figuresOf(table, figure.closest("td").dataset.metric)];
  const [at, among] = [all.indexOf(figure), same.indexOf(figure)];
  const steps = { ArrowRight: all[at + 1], ArrowLeft: all[at - 1], ArrowDown: same[among + 1], ArrowUp: same[among - 1] };
  const to = steps[event.key];
  if (!to) return;
  event.preventDefault();
  to.focus();
});

document.addEventListener("htmx:afterSettle", keepAll);
document.addEventListener("htmx:historyRestore", keepAll);
keepAll();
