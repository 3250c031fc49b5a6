// A search stands outside of the part that htmx swaps: words that are cleared in there leave its field too,
// unless others were typed since.
const results = () => document.getElementById("results");
const field = () => document.getElementById("within-q") ?? document.getElementById("q");
const follow = () => { field().value = results().dataset.q; };

let inStep = false;
let held = false;
document.addEventListener("htmx:beforeSwap", () => {
  inStep = field().value.trim().split(/\s+/).join(" ") === results().dataset.q;
  held = document.activeElement !== document.body;
});
document.addEventListener("htmx:afterSwap", () => {
  if (inStep) follow();
  // The keyboard stays near what it was on, where that has gone.
  if (held && document.activeElement === document.body) results().focus({ preventScroll: true });
});
document.addEventListener("htmx:historyRestore", follow);
