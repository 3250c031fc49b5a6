// One Tab stop for many controls: the arrows, Home and End move among them, as in a toolbar.
const CONTROLS = "a[href], button, select, summary";
const stops = new Map();

// What an open panel holds is reached by Tab, as usual.
const controlsOf = (bar) => [...bar.querySelectorAll(CONTROLS)]
  .filter((control) => !control.closest(".sheet") && control.getClientRects().length);

function keepOneStop(bar, current) {
  const { toolbar } = bar.dataset;
  const controls = controlsOf(bar);
  const stop = current ?? controls.find(({ id }) => id && id === stops.get(toolbar)) ?? controls[0];
  for (const control of controls) control.tabIndex = control === stop ? 0 : -1;
  if (current) stops.set(toolbar, current.id);
  if (toolbar && !bar.role) {
    bar.role = "toolbar";
    bar.setAttribute("aria-label", toolbar);
  }
}

function keepAll() {
  document.querySelectorAll("[data-toolbar]").forEach((bar) => keepOneStop(bar));
}

document.addEventListener("focusin", ({ target }) => {
  const bar = target.closest("[data-toolbar]");
  if (bar && target.matches(CONTROLS) && !target.closest(".sheet")) keepOneStop(bar, target);
});

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest("[data-toolbar]");
  if (!bar || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const controls = controlsOf(bar);
  const at = controls.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: controls.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  controls.at(to % controls.length).focus();
});

document.addEventListener("toggle", keepAll, true);
document.addEventListener("htmx:afterSettle", keepAll);
document.addEventListener("htmx:historyRestore", keepAll);
addEventListener("resize", keepAll);
keepAll();
