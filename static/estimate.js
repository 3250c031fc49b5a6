// The form beside the table of costs: sliders that are logarithmic, and a form that follows the address.
const form = document.getElementById("workload");
const STEPS = 1000;

// A slider's place of a number, and the other way round in two significant figures: 0, then 1 to the most.
const place = (number, most) => (number < 1 ? 0 : Math.round(1 + (STEPS - 1) * Math.log(number) / Math.log(most)));
const numberAt = (at, most) => (at < 1 ? 0 : rounded(most ** ((at - 1) / (STEPS - 1))));

function rounded(number) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1);
  return Math.round(number / unit) * unit;
}

const numberIn = (field) => Number(field.value.replaceAll(/[^\d.]/g, "")) || 0;

function follow(slider) {
  const field = document.getElementById(slider.dataset.for);
  const most = Number(slider.dataset.most);
  slider.value = place(Math.min(numberIn(field), most), most);
  slider.setAttribute("aria-valuetext", field.value || "0");
}

const sliders = [...form.querySelectorAll(".slide")];
for (const slider of sliders) {
  slider.hidden = false;
  follow(slider);
  slider.addEventListener("input", () => {
    const field = document.getElementById(slider.dataset.for);
    field.value = numberAt(Number(slider.value), Number(slider.dataset.most)).toLocaleString("en");
    slider.setAttribute("aria-valuetext", field.value);
  });
}
form.addEventListener("input", ({ target }) => {
  const slider = sliders.find((each) => each.dataset.for === target.id);
  if (slider) follow(slider);
});

// Whether a field is understood is known with the answer.
function mark() {
  for (const why of form.querySelectorAll(".why")) {
    const field = form.querySelector(`[aria-describedby="${why.id}"]`);
    if (why.textContent.trim()) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

// Links in the results change what the form must keep: the pins, how rows are counted, the filters.
function keepStep() {
  const query = new URLSearchParams(location.search);
  for (const pin of form.querySelectorAll('[name="pin"]')) pin.remove();
  for (const model of query.getAll("pin")) {
    const pin = Object.assign(document.createElement("input"), { type: "hidden", name: "pin", value: model });
    form.prepend(pin);
  }
  form.elements.per.value = query.get("per") ?? "model";
}
document.addEventListener("htmx:afterSettle", () => { mark(); keepStep(); });
