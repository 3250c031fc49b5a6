// A field for a model suggests models while somebody types. Its options are those of the header's search.
const PAUSE = 150;
const LEAST = 2;
let timer = 0;
let request = null;

document.addEventListener("input", ({ target }) => {
  if (!target.matches("input[data-models]")) return;
  clearTimeout(timer);
  request?.abort();
  const q = target.value.trim();
  if (q.length >= LEAST) timer = setTimeout(() => suggest(target, q), PAUSE);
});

async function suggest(field, q) {
  const own = new AbortController();
  request = own;
  try {
    const answer = await fetch(`${field.dataset.models}?${new URLSearchParams({ q })}`, { signal: own.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const options = [...page.querySelectorAll("[data-model]")].map((model) => optionOf(model, q));
    if (options.length) field.list.replaceChildren(...options);
  } catch {} // then the field is one without suggestions
}

// Browsers show the options whose value or label has what is typed: "gpt 5" is in neither of openai/gpt-5.
function optionOf(model, q) {
  const option = document.createElement("option");
  const name = model.querySelector("b")?.textContent.trim() ?? "";
  const { model: slug } = model.dataset;
  const has = [slug, name].some((text) => text.toLowerCase().includes(q.toLowerCase()));
  option.value = slug;
  option.label = has ? name : `${name} (${q})`;
  return option;
}
