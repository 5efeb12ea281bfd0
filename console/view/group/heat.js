// Completions against columns. Everything is text or a number; colours, order and kind of advantage
// are settled here and kept in the address.
const COLOURS = ["paid", "score", "confidence"];
const SHOWN = 128;
const MARKS = { right: "✓", wrong: "✗", unknown: "?" };

export default {
  template: `
    <div class="table heat dense">
      <div class="heat-bar" role="toolbar">
        <span class="faint">colour</span>
        <button v-for="each in colours" :key="each" class="pick" :aria-pressed="each === colour" @click="colour = each">{{ each }}</button>
        <span class="gap"></span>
        <span class="faint">advantage</span>
        <button class="pick" :aria-pressed="!divided" @click="divided = false">reward − mean</button>
        <button class="pick" :aria-pressed="divided" @click="divided = true">÷ deviation</button>
        <span class="faint keys-hint"><kbd>j</kbd><kbd>k</kbd> completion <kbd>c</kbd> colour <kbd>d</kbd> advantage</span>
      </div>
      <div class="table-scroll"><table>
        <thead><tr>
          <th class="sortable narrow" tabindex="0" @click="by('place')" @keydown.enter="by('place')" :aria-sort="sorted('place')">#<span class="arrow">{{ arrow('place') }}</span></th>
          <th class="narrow" title="right, wrong or not known"></th>
          <th>read as the answer</th>
          <th class="number sortable" tabindex="0" @click="by('tokens')" @keydown.enter="by('tokens')" :aria-sort="sorted('tokens')">tokens<span class="arrow">{{ arrow('tokens') }}</span></th>
          <th v-for="(column, k) in columns" :key="k" class="number sortable cell" :class="{ shadow: column.shadow }" :title="column.title" tabindex="0"
            @click="by(k)" @keydown.enter="by(k)" :aria-sort="sorted(k)">{{ column.name }}<span class="arrow">{{ arrow(k) }}</span><small>{{ column.under }}</small></th>
          <th class="number sortable total" tabindex="0" @click="by('reward')" @keydown.enter="by('reward')" :aria-sort="sorted('reward')">reward<span class="arrow">{{ arrow('reward') }}</span></th>
          <th class="number sortable total" tabindex="0" @click="by('advantage')" @keydown.enter="by('advantage')" :aria-sort="sorted('advantage')">advantage<span class="arrow">{{ arrow('advantage') }}</span></th>
        </tr></thead>
        <tbody>
          <tr v-for="row in ordered.slice(0, limit)" :key="row.place" class="link" :class="{ chosen: row.place === chosen }" tabindex="-1" :data-place="row.place"
            :aria-selected="row.place === chosen" @click="choose(row.place)" @focus="choose(row.place)">
            <td class="narrow faint">{{ row.id }}</td>
            <td class="narrow verdict" :class="row.verdict" :title="row.verdict">{{ marks[row.verdict] }}</td>
            <td class="answer"><span v-if="row.answer" class="said">{{ row.answer }}</span><span v-else class="faint">{{ row.unread }}</span><em v-if="row.truncated" class="tag">truncated</em><em v-if="row.twin !== null" class="tag">same as {{ row.twin }}</em></td>
            <td class="number faint">{{ row.tokens.text }}</td>
            <td v-for="(cell, k) in row.cells" :key="k" class="number cell" :class="[heat(cell), { shadow: columns[k].shadow }]" :style="heated(cell)" :title="cell.title">
              <span v-if="cell.why" class="why">{{ cell.why }}</span>
              <template v-else><span>{{ cell.text }}</span><small>{{ cell.paid }}</small>
                <i v-if="cell.sure !== null && cell.sure < 0.95" class="sure" :style="{ '--sure': cell.sure }"></i></template>
            </td>
            <td v-if="row.why" class="number total why" colspan="2">{{ row.why }}</td>
            <template v-else>
              <td class="number total along" :style="{ '--heat': row.reward.along * 0.8 }">{{ row.reward.text }}</td>
              <td class="number total" :class="side(advantage(row).around)" :style="{ '--heat': Math.abs(advantage(row).around) }">{{ advantage(row).text }}</td>
            </template>
          </tr>
        </tbody>
      </table></div>
      <button v-if="rows.length > limit" class="more" @click="limit = rows.length">show {{ rows.length - limit }} more completions</button>
    </div>`,
  props: { columns: Array, rows: Array, first: Number },
  data() {
    const asked = new URLSearchParams(location.search);
    const order = asked.get("sort") ?? "reward";
    const column = this.columns.findIndex((c) => c.title === order);
    return {
      colours: COLOURS,
      marks: MARKS,
      colour: COLOURS.includes(asked.get("colour")) ? asked.get("colour") : COLOURS[0],
      divided: asked.get("advantage") === "divided",
      order: ["place", "tokens", "reward", "advantage"].includes(order) ? order : column < 0 ? "reward" : column,
      chosen: this.first,
      limit: SHOWN,
    };
  },
  watch: {
    colour: (value) => keep("colour", value === COLOURS[0] ? "" : value),
    divided: (value) => keep("advantage", value ? "divided" : ""),
    order(value) {
      keep("sort", value === "reward" ? "" : typeof value === "number" ? this.columns[value].title : value);
    },
  },
  computed: {
    ordered() {
      if (this.order === "place") return this.rows;
      const value = (row) =>
        typeof this.order === "number" ? row.cells[this.order].value : row[this.order].value;
      return [...this.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
        return y - x || a.place - b.place;
      });
    },
  },
  mounted() {
    const rank = this.ordered.findIndex((row) => row.place === this.chosen);
    if (rank >= this.limit) this.limit = this.rows.length;
    addEventListener("keydown", this.press);
  },
  unmounted() {
    removeEventListener("keydown", this.press);
  },
  methods: {
    by(order) {
      this.order = order;
    },
    arrow(order) {
      return this.order === order ? (order === "place" ? "↑" : "↓") : "";
    },
    sorted(order) {
      return this.order === order ? (order === "place" ? "ascending" : "descending") : null;
    },
    advantage(row) {
      return this.divided ? row.scaled : row.advantage;
    },
    side(amount) {
      return amount < 0 ? "below" : amount > 0 ? "above" : "";
    },
    heat(cell) {
      if (cell.why) return "hatched";
      return this.colour === "paid" ? this.side(cell.around) : "along";
    },
    heated(cell) {
      if (cell.why) return null;
      const amount = { paid: Math.abs(cell.around), score: cell.along, confidence: cell.sure ?? 0 };
      return { "--heat": amount[this.colour] };
    },
    choose(place) {
      if (place === this.chosen) return;
      this.chosen = place;
      keep("sample", String(place));
      this.$emit("choose", { place });
    },
    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
      if (event.key === "c") this.colour = COLOURS[(COLOURS.indexOf(this.colour) + 1) % COLOURS.length];
      else if (event.key === "d") this.divided = !this.divided;
    },
  },
};

function keep(what, value) {
  const url = new URL(location);
  if (value) url.searchParams.set(what, value);
  else url.searchParams.delete(what);
  history.replaceState(history.state, "", url);
}
