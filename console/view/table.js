// A table of texts and numbers: heat cells, sparklines, sorting, filter, keys. Cells are text only.
const SPARK = { width: 96, height: 18, pad: 2 };

export default {
  template: `
    <div class="table" :class="{ dense }">
      <div v-if="filterable" class="table-bar">
        <input ref="filter" class="filter" type="search" placeholder="filter  /" aria-label="filter"
          v-model="needle" @keydown.esc.prevent="leave" @keydown.enter.prevent="leave" />
        <span class="faint">{{ ordered.length }} of {{ rows.length }}</span>
        <a v-if="sheet" class="quiet" :href="sheet">csv</a>
      </div>
      <div class="table-scroll">
        <table>
          <thead><tr>
            <th v-for="(column, i) in columns" :key="i" :class="classes(column)" :title="column.title"
              :aria-sort="sorted(i)" :tabindex="column.sortable ? 0 : null"
              @click="sortBy(i)" @keydown.enter="sortBy(i)">{{ column.label }}<span
                v-if="order && order.column === i" class="arrow">{{ order.down ? '↓' : '↑' }}</span></th>
          </tr></thead>
          <tbody>
            <tr v-for="row in shown" :key="row.key" :class="{ chosen: row.key === chosen, link: row.href || clickable, [row.mark]: row.mark }"
              :tabindex="-1" :data-key="row.key" @click="open($event, row)">
              <td v-for="(cell, i) in row.cells" :key="i" :class="[classes(columns[i]), cell.mark, heat(cell)]"
                :style="heated(cell)" :title="cell.title" @click="$emit('cell', { key: row.key, column: columns[i].key })">
                <svg v-if="cell.spark" class="spark" :viewBox="view" preserveAspectRatio="none" aria-hidden="true">
                  <path :d="path(cell.spark)" /></svg>
                <a v-else-if="cell.href" :href="cell.href">{{ cell.text }}</a>
                <template v-else>{{ cell.text ?? cell }}</template>
              </td>
            </tr>
          </tbody>
        </table>
      </div>
      <button v-if="ordered.length > shown.length" class="more" @click="limit += page">
        show {{ Math.min(page, ordered.length - shown.length) }} more of {{ ordered.length - shown.length }}</button>
    </div>`,
  props: {
    columns: Array,
    rows: Array,
    chosen: { default: null },
    filterable: Boolean,
    clickable: Boolean,
    dense: Boolean,
    sheet: String,
    page: { type: Number, default: 200 },
    name: { type: String, default: "" },
  },
  data() {
    const asked = new URLSearchParams(location.search);
    const [key, way] = (asked.get(this.name + "sort") ?? "").split("~");
    const column = this.columns.findIndex((c) => c.key === key);
    return {
      needle: this.filterable ? (asked.get(this.name + "filter") ?? "") : "",
      order: column < 0 ? null : { column, down: way === "down" },
      limit: this.page,
      view: `0 0 ${SPARK.width} ${SPARK.height}`,
    };
  },
  watch: {
    needle() {
      this.limit = this.page;
      this.keep("filter", this.needle);
    },
    order() {
      this.keep("sort", this.order ? this.columns[this.order.column].key + (this.order.down ? "~down" : "") : "");
    },
  },
  computed: {
    ordered() {
      const needle = this.needle.trim().toLowerCase();
      const text = (cell) => String(cell.text ?? (typeof cell === "object" ? "" : cell)).toLowerCase();
      let rows = needle ? this.rows.filter((row) => row.cells.some((cell) => text(cell).includes(needle))) : this.rows;
      if (!this.order) return rows;
      const { column, down } = this.order;
      const value = (row) => row.cells[column].value ?? row.cells[column].text ?? row.cells[column];
      const missing = (v) => v === null || v === undefined || v === "–" || Number.isNaN(v);
      return [...rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (missing(x) || missing(y)) return missing(x) - missing(y);
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
    },
    shown() {
      return this.ordered.slice(0, this.limit);
    },
  },
  methods: {
    classes(column) {
      return [column.align === "right" ? "number" : "", column.mark ?? "", column.sortable ? "sortable" : ""];
    },
    sorted(i) {
      return this.order?.column === i ? (this.order.down ? "descending" : "ascending") : null;
    },
    sortBy(i) {
      if (!this.columns[i].sortable) return;
      if (this.order?.column !== i) this.order = { column: i, down: this.columns[i].align === "right" };
      else this.order = { column: i, down: !this.order.down };
    },
    heat(cell) {
      return cell.around !== undefined ? (cell.around < 0 ? "below" : "above") : cell.along !== undefined ? "along" : "";
    },
    heated(cell) {
      const amount = cell.around ?? cell.along;
      return amount === undefined ? null : { "--heat": Math.min(1, Math.abs(amount)) };
    },
    path(values) {
      const known = values.filter((v) => v !== null);
      const [low, high] = [Math.min(...known), Math.max(...known)];
      const x = (i) => (values.length < 2 ? 0 : (i / (values.length - 1)) * SPARK.width);
      const y = (v) =>
        high === low ? SPARK.height / 2 : SPARK.height - SPARK.pad - ((v - low) / (high - low)) * (SPARK.height - 2 * SPARK.pad);
      let pen = "M";
      return values
        .map((v, i) => {
          if (v === null) return ((pen = "M"), "");
          const point = `${pen}${x(i).toFixed(1)},${y(v).toFixed(1)}`;
          pen = "L";
          return point;
        })
        .join("");
    },
    keep(what, value) {
      const url = new URL(location);
      if (value) url.searchParams.set(this.name + what, value);
      else url.searchParams.delete(this.name + what);
      history.replaceState(history.state, "", url);
    },
    open(event, row) {
      if (event.target.closest("a, button, input") || String(getSelection())) return;
      if (this.clickable) this.$emit("row", { key: row.key });
      else if (row.href) location.assign(row.href);
    },
    leave() {
      this.$refs.filter.blur();
    },
  },
};
