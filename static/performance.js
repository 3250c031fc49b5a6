// Charts of lines over time: the values at the step under the pointer, or that arrow keys choose.
const FINE = 10_000; // height of a plot in units of its paths

const placed = new CSSStyleSheet(); // the Content-Security-Policy forbids style attributes
document.adoptedStyleSheets.push(placed);
let shown = null; // the drawing with a tip, and the step that it is of

// The height of a line by step, out of its paths: moves from step to step after a beginning.
function heights(line) {
  const found = new Map();
  for (const path of line.children) {
    for (const [, x, y, moves] of path.getAttribute("d").matchAll(/M(\d+) (\d+)[lh]([^M]*)/g)) {
      let [step, height] = [Number(x), Number(y)];
      found.set(step, height);
      moves.match(/-?\d+/g).forEach((move, n) => { if (n % 2) found.set(++step, height += Number(move)); });
    }
  }
  return found;
}

function amount({ metric, low, high, log }, height) {
  const place = high - (height / FINE) * (high - low), value = log === undefined ? place : 10 ** place;
  if (metric === "uptime") return `${(value * 100).toFixed(2)} %`;
  return metric === "latency" ? `${value.toFixed(value < 10 ? 2 : 1)} s` : `${value.toFixed(value < 10 ? 1 : 0)} tps`;
}

function hide() {
  shown?.svg.nextElementSibling.replaceChildren();
  shown?.svg.querySelector(".cursor").setAttribute("d", "");
  shown = null;
}

function show(svg, wanted) {
  hide();
  const [plot, tip, { dataset }] = [svg.querySelector(".plot"), svg.nextElementSibling, svg];
  const last = plot.viewBox.baseVal.width, step = Math.round(Math.max(0, Math.min(last, wanted)));
  const lines = [...plot.children].map((line) => [heights(line).get(step), line.dataset.name]);
  const there = lines.filter(([height]) => height !== undefined).sort(([one], [other]) => one - other);
  const at = new Date((Number(dataset.first) + step * dataset.step) * 1000).toISOString();
  const texts = [`${at.slice(0, 10)} ${at.slice(11, 16)} UTC`, ...there.map(([y, name]) => `${name} ${amount(dataset, y)}`)];
  tip.replaceChildren(...texts.map((text, n) => Object.assign(document.createElement(n ? "span" : "b"), { textContent: text })));
  const across = plot.x.baseVal.value + (step / last) * plot.width.baseVal.value;
  svg.querySelector(".cursor").setAttribute("d", `M${across} ${plot.y.baseVal.value}v${plot.height.baseVal.value}`);
  const left = (across / svg.viewBox.baseVal.width) * svg.clientWidth;
  placed.replaceSync(`.performance .tip { translate: ${left < svg.clientWidth / 2 ? left + 12 : left - 12 - tip.offsetWidth}px 30px; }`);
  shown = { svg, step };
}

document.addEventListener("pointermove", ({ target, clientX }) => {
  const svg = target.closest?.("svg.lines"), plot = svg?.querySelector(".plot");
  if (!svg) return shown?.svg !== document.activeElement && hide();
  const { left, width } = svg.getBoundingClientRect(), across = ((clientX - left) / width) * svg.viewBox.baseVal.width - plot.x.baseVal.value;
  show(svg, (across / plot.width.baseVal.value) * plot.viewBox.baseVal.width);
});
document.addEventListener("focusout", hide);
document.addEventListener("keydown", ({ key, target }) => {
  const at = shown?.step ?? Infinity, step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: Infinity }[key];
  if (step !== undefined && target.matches?.("svg.lines")) show(target, step);
  else if (key === "Escape") hide();
});

// The table and the charts are swapped apart: links of the one keep what the other shows by now.
const OF_CHARTS = ["window", "percentile"];
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const [path, stated] = detail.path.split("?");
  if (!detail.elt.matches("a[href]") || (path && path !== location.pathname)) return;
  const [here, there] = [location.search, stated].map((query) => new URLSearchParams(query));
  const isOfCharts = detail.elt.closest("#performance") !== null;
  const isOwn = ([name]) => OF_CHARTS.includes(name) === isOfCharts;
  const wanted = new URLSearchParams([...[...here].filter((pair) => !isOwn(pair)), ...[...there].filter(isOwn)]);
  if (isOfCharts && there.has("live")) wanted.set("live", there.get("live"));
  detail.path = `${path}?${wanted}`;
});
