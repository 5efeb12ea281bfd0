// Sets dark or light once. NiceGUI's own element does it again whenever anything on the page moves,
// and undoes what the visitor has chosen since.
export default {
  template: "<span hidden></span>",
  props: { dark: { default: null } },
  mounted() {
    setDark(this.dark);
  },
};
