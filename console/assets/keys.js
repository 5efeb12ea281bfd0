// Keys of every page. Nothing is heard while one types, or with Ctrl, Alt or Meta held.
(() => {
  const COOKIE = "harmo_theme";
  let before = "";

  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll(".table tbody tr")];

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest?.("tr"));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function theme() {
    const dark = !document.body.classList.contains("body--dark");
    document.cookie = `${COOKIE}=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`;
    setDark(dark);
    setTimeout(() => dispatchEvent(new Event("harmo-theme")));
  }

  function keys() {
    const box = document.querySelector("dialog.keys");
    if (box?.open) box.close();
    else box?.showModal();
  }

  function up() {
    const to = document.querySelector("dialog.keys")?.dataset.up;
    if (to) location.assign(to);
  }

  const does = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    "/": () => document.querySelector("input.filter")?.focus(),
    "?": keys, t: theme, u: up,
    Enter: () => document.activeElement.closest?.(".table tbody tr")?.click(),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "Enter" && event.target.closest("a, button, th")) return;
    if (before === "g") {
      before = "";
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) return void location.assign(link.href);
    }
    if (event.key === "g") return void (before = "g");
    const act = does[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  addEventListener("click", (event) => {
    const key = event.target.closest?.("[data-does]")?.dataset.does;
    if (key) does[key]();
    if (event.target.matches?.("dialog.keys")) event.target.close();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    setTimeout(() => dispatchEvent(new Event("harmo-theme"))));
})();
