// The form beside the table of costs: sliders that are logarithmic, and fields that say what was not understood.
const STEPS = 1000;
const QUIET = 700; // ms without an answer, after which the newest one is read out
const PAUSE = 100; // ms after which the address follows: browsers take only so many changes of it

// A slider's place of a number, and the other way round in two significant figures: 0, then 1 to the most.
const place = (number, most) => (number < 1 ? 0 : Math.round(1 + (STEPS - 1) * Math.log(number) / Math.log(most)));
const numberAt = (at, most) => (at < 1 ? 0 : rounded(most ** ((at - 1) / (STEPS - 1))));

function rounded(number) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1);
  return Math.round(number / unit) * unit;
}

const UNITS = { k: 1e3, m: 1e6 };
function numberIn(field) {
  const unit = UNITS[field.value.trim().slice(-1).toLowerCase()] ?? 1;
  return Number(field.value.replaceAll(/[^\d.]/g, "")) * unit || 0;
}

const fieldOf = (slider) => document.getElementById(slider.dataset.for);

function follow(slider) {
  const most = Number(slider.dataset.most);
  slider.value = place(Math.min(numberIn(fieldOf(slider)), most), most);
  slider.setAttribute("aria-valuetext", fieldOf(slider).value || "0");
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("#workload .slide")) {
    fieldOf(target).value = numberAt(Number(target.value), Number(target.dataset.most)).toLocaleString("en");
    target.setAttribute("aria-valuetext", fieldOf(target).value);
  } else {
    const slider = document.querySelector(`#workload .slide[data-for="${target.id}"]`);
    if (slider) follow(slider);
  }
});

// Whether a field is understood is known with the answer.
function mark() {
  for (const why of document.querySelectorAll("#workload .why")) {
    const field = document.querySelector(`#workload [aria-describedby="${why.id}"]`);
    why.textContent = document.querySelector(`#results [data-why="${field.name}"]`)?.textContent ?? "";
    if (why.textContent) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

let telling;
function tell() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    const news = document.querySelector("#count, #results > .empty");
    document.getElementById("said").textContent = news?.textContent ?? "";
  }, QUIET);
}

// Whoever types does not want each letter of it back: the address is replaced, as htmx would, once it is at rest.
let following;
function followAddress({ requestConfig }) {
  clearTimeout(following);
  if (requestConfig?.elt.id !== "workload") return;
  following = setTimeout(() => {
    history.replaceState({ htmx: true }, "", `?${document.getElementById("results").dataset.query}`);
  }, PAUSE);
}

function dress() {
  for (const slider of document.querySelectorAll("#workload .slide")) {
    slider.hidden = false;
    follow(slider);
  }
}
dress();
document.addEventListener("htmx:historyRestore", dress);
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  mark();
  tell();
  followAddress(detail);
});

// htmx takes leave of every single element that goes; there is nothing of its own on thousands of them.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { shouldSwap, target } = detail;
  if (shouldSwap && target.id === "results" && !target.contains(document.activeElement)) target.replaceChildren();
});

// An answer that is still on its way when somebody goes back is no longer wanted.
addEventListener("popstate", () => htmx.trigger("#workload", "htmx:abort"));
