// The header's search suggests what its words may mean while somebody types: the combobox pattern of the ARIA
// Authoring Practices, with options that are links. Nothing is chosen until an arrow key chooses it, so that Enter
// searches as it does without this script.
const PAUSE = 120;
const LEAST = 2;

const field = document.querySelector("input[data-suggest]");
const list = document.createElement("div");
const count = document.createElement("p");
let timer = 0;
let request = null;
let active = null;

function chooseOption(option) {
  active?.setAttribute("aria-selected", "false");
  active = option;
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function show(html) {
  chooseOption(null);
  list.innerHTML = html;
  const { length } = list.querySelectorAll("[role=option]");
  list.hidden = length === 0;
  field.setAttribute("aria-expanded", `${length > 0}`);
  count.textContent = length ? `${length} suggestion${length > 1 ? "s" : ""}` : "No suggestions";
}

function close() {
  clearTimeout(timer);
  request?.abort();
  chooseOption(null);
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  count.textContent = "";
}

// On the list of models, filters are suggested beside those that are set.
function asked(q) {
  const isList = document.querySelector("#results[data-q][data-provider]");
  const query = new URLSearchParams(isList ? location.search : "");
  for (const name of ["from", "page", "columns"]) query.delete(name);
  query.set("q", q);
  return query;
}

async function suggest() {
  clearTimeout(timer);
  request?.abort();
  const q = field.value.trim();
  if (q.length < LEAST) {
    close();
    return;
  }
  const own = new AbortController();
  request = own;
  try {
    const answer = await fetch(`${field.dataset.suggest}?${asked(q)}`, { signal: own.signal });
    const html = await answer.text();
    if (own.signal.aborted) return;
    if (answer.ok) show(html);
    else close();
  } catch {
    if (!own.signal.aborted) close();
  }
}

function move(step) {
  const options = [...list.querySelectorAll("[role=option]")];
  const places = options.length + 1; // the last one is the field itself
  const from = active ? options.indexOf(active) : options.length;
  chooseOption(options[(from + step + places) % places] ?? null);
}

function press(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const { key, altKey } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    event.preventDefault();
    if (altKey && key === "ArrowUp") close();
    else if (list.hidden) suggest();
    else if (!altKey) move(key === "ArrowDown" ? 1 : -1);
  } else if (key === "Escape" && !list.hidden) {
    event.preventDefault(); // a second one empties the field
    close();
  } else if (key === "Enter") {
    if (active) {
      event.preventDefault();
      active.click();
    }
    close();
  } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) {
    chooseOption(null);
  }
}

if (field) {
  Object.assign(list, { id: "suggestions", className: "suggest", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  Object.assign(count, { className: "visually-hidden" });
  count.setAttribute("role", "status");
  field.form.append(list, count);
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    request?.abort();
    timer = setTimeout(suggest, PAUSE);
  });
  field.addEventListener("keydown", press);
  field.form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!field.form.contains(relatedTarget)) close();
  });
  addEventListener("pagehide", close);
}
