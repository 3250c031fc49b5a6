// "/" goes to the search, j and k move by rows, "?" shows the keys. Every other key stays the browser's.
const KEYS = [
  [["/"], "Search"],
  [["j"], "Next row"],
  [["k"], "Previous row"],
  [["←", "→"], "Next or previous filter, or column heading"],
  [["Enter"], "Open the model or provider of a row"],
  [["Esc"], "Close a panel or this list"],
  [["?"], "Show this list"],
];
const ROWS = "main tr:is([data-model], [data-provider])";
const WRITES = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
// Below the top bar and a table's headings.
const IN_SIGHT = 110;

const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};

function areOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true;
  }
}

function keep(on) {
  try {
    if (on) localStorage.removeItem("keys");
    else localStorage.setItem("keys", "off");
  } catch {} // then they stay on
}

let dialog = null;
function makeDialog() {
  const rows = KEYS.map(([keys, meaning]) => {
    const term = make("dt", {}, ...keys.map((key) => make("kbd", { textContent: key })));
    return make("div", {}, term, make("dd", { textContent: meaning }));
  });
  const box = make("input", { type: "checkbox", checked: areOn() });
  box.addEventListener("change", () => keep(box.checked));
  const close = make("button", { className: "button", textContent: "Close" });
  const form = make("form", { method: "dialog" }, close);
  const title = make("h2", { id: "keys-title", textContent: "Keys" });
  const tick = make("label", { className: "tick" }, box, "Single keys are shortcuts");
  dialog = make("dialog", { id: "keys", className: "keys" }, title, make("dl", {}, ...rows), tick, form);
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
  document.body.append(dialog);
}

function showKeys() {
  if (!dialog) makeDialog();
  if (!dialog.open) dialog.showModal();
}

function search() {
  const field = document.getElementById("q");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function moveBy(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.getClientRects().length);
  const at = rows.indexOf(document.activeElement.closest(ROWS));
  const inSight = rows.findIndex((row) => row.getBoundingClientRect().bottom > IN_SIGHT);
  const row = at < 0 ? rows[inSight] : rows[at + step];
  row?.querySelector("th :is(a[href], button)")?.focus();
  return rows.length > 0;
}

const ACTIONS = { "/": search, j: () => moveBy(1), k: () => moveBy(-1), "?": showKeys };

document.addEventListener("keydown", (event) => {
  const action = ACTIONS[event.key];
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (!action || held || dialog?.open || event.target.closest(WRITES) || !areOn()) return;
  if (action() !== false) event.preventDefault();
});

// The same list for a mouse, and to turn the keys on again.
const opener = make("button", { type: "button", className: "link", id: "show-keys", textContent: "Keys" });
opener.addEventListener("click", showKeys);
document.querySelector(".foot p")?.append(" ", opener);
