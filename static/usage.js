// An upload that is too large is told before it is sent, and one that is on its way shows how far it is.
const form = document.getElementById("upload");
const field = document.getElementById("log");
const why = document.getElementById("why-log");
const sending = document.getElementById("sending");
const sent = document.getElementById("sent");
const soFar = document.getElementById("sent-so-far");
const stop = document.getElementById("stop");
const send = form.querySelector(".primary");
const most = Number(form.dataset.most);
const megabytes = (bytes) => Math.round(bytes / 1048576).toLocaleString("en");

const tooLarge = () => field.files[0]?.size > most;

function tell(said) {
  why.textContent = said;
  if (said) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

field.addEventListener("change", () => {
  tell(tooLarge() ? `The file is larger than the ${megabytes(most)} MB that are taken here.` : "");
});

form.addEventListener("submit", (event) => {
  if (!field.files.length) return;
  event.preventDefault();
  if (!tooLarge()) start();
});

function start() {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", progressed);
  request.addEventListener("load", () => answered(request));
  request.addEventListener("error", () => stopped("The upload was interrupted: please try again."));
  request.addEventListener("abort", () => stopped(""));
  stop.onclick = () => request.abort();
  tell("");
  busy(true);
  request.send(new FormData(form));
}

function progressed({ loaded, total }) {
  sent.value = loaded / total;
  // A whole tenth at a time: what changes is read aloud.
  const said = loaded < total ? `Sent ${Math.floor(10 * loaded / total) * 10} % of ${megabytes(total)} MB` : "Sent. Looking what it is…";
  if (soFar.textContent !== said) soFar.textContent = said;
}

function answered(request) {
  if (request.responseURL !== form.action) {
    location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  stopped(page.getElementById("why-log")?.textContent || "The file was not taken: please reload the page and try again.");
}

function stopped(said) {
  busy(false);
  tell(said);
  field.focus();
}

function busy(is) {
  send.disabled = is;
  sending.hidden = stop.hidden = !is;
  sent.value = 0;
  soFar.textContent = is ? "Sending…" : "";
}
