"use strict";
// A proxy may serve this under a path that the service does not know; the browser does.
const base = new URL(".", location.href).href;
for (const command of document.querySelectorAll("pre[data-base]")) {
  command.textContent = command.textContent.replace(command.dataset.base, base);
}
const form = document.querySelector("form");
if (form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [key, shown] = [form.querySelector("input"), form.querySelector("pre")];
    const headers = { "Content-Type": "application/json" };
    if (key && key.value) headers.Authorization = `Bearer ${key.value}`;
    shown.hidden = false;
    shown.textContent = "…";
    try {
      const body = form.querySelector("textarea").value;
      const answer = await fetch(base + form.dataset.path, { method: "POST", headers, body });
      const text = JSON.stringify(await answer.json(), null, 2);
      shown.textContent = `${answer.status}\n${text}`;
    } catch (error) {
      shown.textContent = String(error);
    }
  });
}
