// The drawing of models: what hover, touch and arrow keys tell of a point, and the drawing as a PNG.
const NEAR = 18; // px from a point within which it is meant
const SCALE = 2; // of the PNG against the SVG

// A style attribute would be one that the Content-Security-Policy forbids as soon as htmx copies it.
const placed = new CSSStyleSheet();
document.adoptedStyleSheets.push(placed);

const tip = () => document.getElementById("tip");
const drawing = () => [...document.querySelectorAll(".drawing > svg")].find((svg) => svg.getClientRects().length);
const links = () => [...(drawing()?.querySelectorAll("a") ?? [])];

// The middle of a point on the screen.
function middle(link) {
  const { left, top, width, height } = link.querySelector(".point").getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

// A title would show a second time beside the tip; and one tab stop is enough for some hundred points.
function prepare() {
  for (const link of document.querySelectorAll(".drawing a:has(title)")) {
    const title = link.querySelector("title");
    link.dataset.lines = title.textContent;
    link.setAttribute("aria-label", title.textContent.replaceAll("\n", ", "));
    title.remove();
  }
  for (const svg of document.querySelectorAll(".drawing > svg")) {
    const last = [...svg.querySelectorAll("a")].at(-1);
    if (!svg.querySelector('a[tabindex="0"]')) last?.setAttribute("tabindex", "0");
  }
}

let lit = null;
function light(link) {
  if (link === lit) return;
  for (const part of document.querySelectorAll(".lit")) part.classList.remove("lit");
  lit = link;
  tip().hidden = !link;
  if (!link) return;
  link.classList.add("lit");
  const [name, ...lines] = link.dataset.lines.split("\n");
  const parts = [document.createElement("b"), ...lines.map(() => document.createElement("span"))];
  [name, ...lines].forEach((text, n) => { parts[n].textContent = text; });
  tip().replaceChildren(...parts);
  rowOf(link)?.classList.add("lit");
  place(link);
}

function place(link) {
  const { x, y } = middle(link);
  const frame = tip().offsetParent.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip();
  const left = Math.max(0, Math.min(x - frame.left - width / 2, frame.width - width));
  const above = y - frame.top - height - 14;
  const top = above < 0 ? y - frame.top + 14 : above;
  placed.replaceSync(`#tip { translate: ${left}px ${top}px; }`);
}

const slugOf = (link) => decodeURI(new URL(link.href.baseVal, location).pathname).replace(/^\/models\/|\/$/g, "");
const rowOf = (link) => document.querySelector(`#explored tr[data-model="${CSS.escape(slugOf(link))}"]`);
const pointOf = (row) => links().find((link) => slugOf(link) === row.dataset.model) ?? null;

function nearest({ clientX, clientY }) {
  const apart = (link) => Math.hypot(middle(link).x - clientX, middle(link).y - clientY);
  const among = links().map((link) => [apart(link), link]).filter(([distance]) => distance <= NEAR);
  return among.sort(([one], [other]) => one - other)[0]?.[1] ?? null;
}

let frame = 0;
document.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  const over = event.target.closest?.(".drawing");
  const row = event.target.closest?.("#explored tr[data-model]");
  if (!over && !row && !lit) return;
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    if (!tip()) return;
    const onText = event.target.closest?.(".drawing a");
    light(over ? onText ?? nearest(event) : row ? pointOf(row) : focused());
    drawing()?.classList.toggle("near", Boolean(over && lit));
  });
});

function focused() {
  const on = document.activeElement;
  return on?.matches?.(".drawing a:focus-visible") ? on : null;
}

// A first touch tells of a point, a second one leads to its page; a click near a point means the point.
document.addEventListener("click", (event) => {
  const over = event.target.closest?.(".drawing > svg");
  if (!over) {
    if (tip() && event.pointerType === "touch") light(null);
    return;
  }
  const link = event.target.closest("a");
  const meant = link ?? nearest(event);
  if (!meant) return light(null);
  if (event.pointerType === "touch" && meant !== lit) {
    event.preventDefault();
    light(meant);
  } else if (!link) {
    location.assign(meant.href.baseVal);
  }
});

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("#explored tr[data-model]");
  if (target.matches?.(".drawing a")) light(target);
  else if (row) light(pointOf(row));
  else if (lit) light(null);
});

// Left and right go by price, up and down by the other axis.
const STEPS = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", -1], ArrowDown: ["y", 1] };
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && lit) return light(null);
  const on = event.target.closest?.(".drawing a");
  if (!on || event.altKey || event.ctrlKey || event.metaKey) return;
  const ends = { Home: 0, End: -1 };
  if (!(event.key in STEPS) && !(event.key in ends)) return;
  event.preventDefault();
  const [axis, step] = STEPS[event.key] ?? ["x", 0];
  const order = links().map((link) => [middle(link)[axis], link]).sort(([one], [other]) => one - other);
  const at = order.findIndex(([, link]) => link === on) + step;
  const next = event.key in ends ? order.at(ends[event.key]) : order[Math.max(0, Math.min(at, order.length - 1))];
  on.setAttribute("tabindex", "-1");
  next[1].setAttribute("tabindex", "0");
  next[1].focus({ preventScroll: true });
});

addEventListener("resize", () => { if (tip()) light(null); });

// The files are in the theme that the page shows.
const isDark = () => document.getElementById("theme").getAttribute("aria-pressed") === "true";
function fileAddress() {
  const address = new URL(document.getElementById("svg").href);
  if (isDark()) address.searchParams.set("theme", "dark");
  else address.searchParams.delete("theme");
  return address.href;
}

async function savePng(button) {
  const image = new Image();
  image.src = fileAddress();
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(png);
  link.download = button.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

document.addEventListener("click", async ({ target }) => {
  const svg = target.closest?.("#svg");
  if (svg) svg.href = fileAddress();
  const button = target.closest?.("#png");
  if (!button) return;
  button.disabled = true;
  try {
    await savePng(button);
    document.getElementById("said").textContent = "The PNG is saved.";
  } catch {
    document.getElementById("said").textContent = "There is no PNG: the drawing did not load.";
  } finally {
    button.disabled = false;
  }
});

prepare();
document.addEventListener("htmx:afterSwap", () => {
  lit = null;
  prepare();
  document.getElementById("said").textContent = document.getElementById("count").textContent;
});
document.addEventListener("htmx:historyRestore", () => {
  lit = null;
  prepare();
});
// An answer that is still on its way when somebody goes back is no longer wanted.
addEventListener("popstate", () => htmx.trigger("#explore", "htmx:abort"));
