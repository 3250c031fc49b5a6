// A long select holds its chosen option alone until it is about to be opened.
const loading = new Map();

async function load(select) {
  const answer = await fetch(select.dataset.options, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(answer.status);
  const options = await answer.text();
  const chosen = select.value;
  while (select.options.length > 1) select.remove(1);
  select.insertAdjacentHTML("beforeend", options);
  select.value = chosen;
  delete select.dataset.options;
}

// What fails is tried again by the next attempt to open it.
function loaded(select) {
  if (!loading.has(select)) loading.set(select, load(select).finally(() => loading.delete(select)));
  return loading.get(select);
}

const unloaded = ({ target }) => (target.matches?.("select[data-options]") ? target : null);

async function open(event) {
  const select = unloaded(event);
  if (!select) return;
  event.preventDefault();
  select.focus();
  try {
    await loaded(select);
    select.showPicker?.();
  } catch {} // the browser opens it on the next press
}

for (const approach of ["focusin", "pointerover"]) {
  document.addEventListener(approach, (event) => {
    const select = unloaded(event);
    if (select) loaded(select).catch(() => {});
  });
}
document.addEventListener("mousedown", (event) => { if (event.button === 0) open(event); });
document.addEventListener("keydown", (event) => {
  if ([" ", "Enter", "ArrowDown", "ArrowUp"].includes(event.key)) open(event);
});
