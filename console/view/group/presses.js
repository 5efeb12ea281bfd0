// A key clicks the element that names it: <a data-press="ArrowRight">.
export default {
  template: `<span hidden></span>`,
  mounted() {
    addEventListener("keydown", this.press);
  },
  unmounted() {
    removeEventListener("keydown", this.press);
  },
  methods: {
    press(event) {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      const sending = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (typing && !sending) return;
      if (!sending && (event.ctrlKey || event.metaKey || event.altKey)) return;
      const name = sending ? "Send" : event.key;
      const named = document.querySelector(`[data-press="${CSS.escape(name)}"]`);
      if (!named) return;
      event.preventDefault();
      named.click();
    },
  },
};
