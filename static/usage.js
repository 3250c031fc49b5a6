// An upload that is too large is told before it is sent, and one that is on its way shows how far it is.
const form = document.getElementById("upload");
const field = document.getElementById("log");
const why = document.getElementById("why-log");
const sent = document.getElementById("sent");
const most = Number(form.dataset.most);

const tooLarge = () => field.files[0]?.size > most;

function tell(said) {
  why.textContent = said;
  field.toggleAttribute("aria-invalid", said !== "");
}

field.addEventListener("change", () => {
  tell(tooLarge() ? `The file is larger than the ${Math.floor(most / 1048576).toLocaleString("en")} MB that are taken here.` : "");
});

form.addEventListener("submit", (event) => {
  if (!field.files.length) return;
  event.preventDefault();
  if (tooLarge()) return;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", ({ loaded, total }) => { sent.value = loaded / total; });
  request.addEventListener("load", () => answered(request));
  request.addEventListener("error", () => { stopped("The upload was interrupted: please try again."); });
  form.querySelector("button").disabled = true;
  sent.hidden = false;
  request.send(new FormData(form));
});

function answered(request) {
  if (request.responseURL !== form.action) {
    location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  stopped(page.getElementById("why-log")?.textContent || "The file was not taken: please try again.");
}

function stopped(said) {
  form.querySelector("button").disabled = false;
  sent.hidden = true;
  tell(said);
}
