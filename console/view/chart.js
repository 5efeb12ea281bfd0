// A chart over steps: lines with bands, stacked shares or bars. Colours come from the stylesheet,
// names and numbers reach the page as text nodes; nothing of the data is a format or HTML.
import { echarts } from "nicegui-echart";

const DRAG_PX = 6;
const NONE = "–";
const ROUNDS_UP = 0.9995;

function three(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size === 0) return "0";
  if (size < 0.001) return sign + size.toExponential(1).replace("e-", "e−");
  for (const [limit, scale, letter] of [[1e9, 1e9, "G"], [1e6, 1e6, "M"], [1e4, 1e3, "k"]])
    if (size >= limit * ROUNDS_UP) return sign + places(size / scale) + letter;
  return sign + places(size);
}
const places = (size) => size.toFixed(size < ROUNDS_UP ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
const alone = (ys, n) => (ys[n - 1] ?? null) === null && (ys[n + 1] ?? null) === null;
const has = ([, low, high]) => low !== null && high !== null;
const stretches = (points) =>
  points.reduce((all, point) => (has(point) ? all[all.length - 1].push(point) : all.push([]), all), [[]]).filter((one) => one.length);
const percent = (value) => (value === null || value === undefined ? NONE : `${three(value * 100)} %`);
const tick = (value) => (value === 0 ? "0" : String(Number(value.toPrecision(4))).replace("-", "−"));

export default {
  template: `
    <figure class="chart">
      <figcaption><span class="chart-title">{{ title }}</span><span class="faint">{{ note }}</span>
        <button class="quiet" title="save as PNG" @click="save">png</button></figcaption>
      <div v-if="legend" class="chart-legend"><template v-for="(one, i) in series" :key="i"
        ><span v-if="!one.dashed"><i :class="'tone' + ((one.tone ?? i) % 8)"></i>{{ one.legend }}</span></template></div>
      <div ref="plot" class="plot" :style="{ height: height + 'px' }" role="img" :aria-label="title"></div>
    </figure>`,
  props: {
    kind: { type: String, default: "lines" },
    series: Array,
    title: String,
    note: String,
    shares: Boolean,
    height: { type: Number, default: 150 },
    linked: { type: String, default: "" },
    legend: Boolean,
    file: { type: String, default: "chart" },
    looks: { default: () => [] },
    marks: { default: () => [] },
    least: { default: null },
    most: { default: null },
  },
  mounted() {
    this.chart = echarts.init(this.$refs.plot, null, { renderer: "canvas" });
    if (this.linked) {
      this.chart.group = this.linked;
      echarts.connect(this.linked);
    }
    this.draw();
    this.resized = new ResizeObserver(() => this.chart.resize());
    this.resized.observe(this.$refs.plot);
    this.repaint = () => this.draw();
    addEventListener("harmo-theme", this.repaint);
    this.listen();
  },
  beforeUnmount() {
    removeEventListener("harmo-theme", this.repaint);
    this.resized.disconnect();
    this.chart.dispose();
  },
  watch: {
    series: "draw",
    marks: "draw",
  },
  methods: {
    colour(name) {
      return getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
    },
    tone(one, i) {
      return this.colour(`s${(one.tone ?? i) % 8}`);
    },
    draw() {
      const [ink, faint, line] = ["ink", "faint", "line"].map(this.colour);
      const axis = { axisLine: { show: false }, axisTick: { show: false } };
      this.chart.setOption(
        {
          animation: false,
          textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
          grid: { left: 44, right: 12, top: 8, bottom: 20 },
          legend: { show: false },
          tooltip: {
            trigger: "axis", transitionDuration: 0, confine: true, className: "chart-tip",
            axisPointer: { type: "line", lineStyle: { color: faint, width: 1, type: "solid" }, snap: true },
            formatter: this.tip,
          },
          // One step alone stands in the middle.
          xAxis: { type: "value", min: (v) => v.min - (v.min === v.max), max: (v) => v.max + (v.min === v.max), ...axis,
            axisLabel: { color: faint, fontSize: 10, hideOverlap: true, formatter: this.stepped },
            splitLine: { show: false }, minInterval: 1 },
          yAxis: { type: "value", scale: this.kind === "lines" && this.least === null, ...this.ends(), ...axis, splitNumber: 3,
            axisLabel: { color: faint, fontSize: 10, formatter: this.shares ? (v) => `${tick(v * 100)} %` : tick },
            splitLine: { lineStyle: { color: line } } },
          series: this.series.flatMap((one, i) => this.drawn(one, i)),
        },
        { notMerge: true },
      );
    },
    stepped(value) {
      const steps = this.series[0]?.x ?? [];
      return steps.length === 1 && value !== steps[0] ? "" : tick(value);
    },
    ends() {
      if (this.kind === "stack") {
        // Shares that stand on each other, above and below 0: whole quarters, so that 100 % has a line.
        const sums = this.series[0]?.x.map((_, n) => {
          const values = this.series.map((one) => one.y[n] ?? 0);
          const sum = (keep) => values.filter(keep).reduce((a, b) => a + b, 0);
          return [sum((v) => v < 0), sum((v) => v > 0)];
        }) ?? [];
        const low = Math.min(0, ...sums.map((s) => s[0])), high = Math.max(1, ...sums.map((s) => s[1]));
        return { min: Math.floor(low * 4 + 0.2) / 4, max: Math.ceil(high * 4 - 0.2) / 4, interval: 0.25 };
      }
      // A share is at most all: no line above 100 %, and some height where there is none.
      if (this.shares && this.most === null) return { min: this.least, max: (v) => (v.max > 0.8 ? 1 : v.max > 0 ? null : 0.1) };
      const whole = this.least !== null && this.most !== null;
      return { min: this.least, max: this.most, ...(whole ? { interval: (this.most - this.least) / 4 } : {}) };
    },
    drawn(one, i) {
      const colour = this.tone(one, i);
      const pairs = (ys) => one.x.map((x, n) => [x, ys[n]]);
      const base = { name: one.name, showSymbol: one.x.length < 2 || (!one.low && one.x.length < 25), symbol: "circle", symbolSize: 4, color: colour, emphasis: { disabled: true } };
      if (!i) base.markLine = this.lines();
      if (this.kind === "bars") return [{ ...base, type: "bar", stack: "all", data: pairs(one.y), barMaxWidth: 18 }];
      if (this.kind === "stack")
        return [{ ...base, type: "line", stack: "all", data: pairs(one.y), lineStyle: { width: 0.5 }, showSymbol: false, areaStyle: { opacity: 0.6 } }];
      const own = { ...base, type: "line", data: pairs(one.y), z: 3, showSymbol: true,
        symbolSize: (_, p) => ((base.showSymbol && !one.dashed) || alone(one.y, p.dataIndex) ? 4 : 0),
        lineStyle: { width: 1.5, type: one.dashed ? [4, 3] : "solid" } };
      if (!one.low) return [own];
      // From low to high and back: a shape for each stretch without a gap.
      const every = one.x.map((x, n) => [x, one.low[n], one.high[n]]);
      const known = every.filter(has);
      const band = { type: "custom", silent: true, name: `${one.name} band`, z: 1, tooltip: { show: false },
        encode: { x: 0, y: [1, 2] }, data: known, clip: true, color: colour,
        renderItem: (params, api) => {
          if (params.dataIndex) return null;
          const children = stretches(every).map((of) => ({ type: "polygon",
            shape: { points: [...of.map(([x, low]) => api.coord([x, low])), ...of.map(([x, , high]) => api.coord([x, high])).reverse()] },
            style: { fill: colour, opacity: one.dashed ? 0.08 : 0.15 } }));
          return { type: "group", children };
        } };
      return [band, own];
    },
    lines() {
      // Values to look at, level; steps at which the recipe changed, upright.
      const data = [...this.looks.map((y) => ({ yAxis: y })), ...this.marks.map((x) => ({ xAxis: x }))];
      return { silent: true, symbol: "none", label: { show: false }, data, lineStyle: { color: this.colour("faint"), width: 1, type: [2, 3] } };
    },
    tip(points) {
      const box = document.createElement("div");
      const add = (tag, text, parent = box) => {
        const part = document.createElement(tag);
        part.textContent = text;
        return parent.appendChild(part);
      };
      const seen = points.filter((p) => p.seriesType !== "custom");
      if (!seen.length) return box;
      add("b", `step ${tick(seen[0].value[0])}`);
      for (const point of seen) {
        const row = box.appendChild(document.createElement("div"));
        add("i", "", row).style.background = point.color;
        add("span", point.seriesName, row);
        const one = this.series.find((s) => s.name === point.seriesName);
        const n = one ? one.x.indexOf(point.value[0]) : -1;
        const show = this.shares ? percent : three;
        const band = one?.low && n >= 0 && one.low[n] !== null ? ` [${show(one.low[n])}, ${show(one.high[n])}]` : "";
        add("em", show(point.value[1]) + band, row);
      }
      return box;
    },
    listen() {
      const pointer = this.chart.getZr();
      let from = null, mark = null;
      const at = (e) => this.chart.convertFromPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY])[0];
      const far = (e) => Math.abs(e.offsetX - from.offsetX) >= DRAG_PX;
      const end = () => {
        if (mark) pointer.remove(mark);
        from = mark = null;
      };
      pointer.on("mousedown", (e) => (from = this.chart.containPixel("grid", [e.offsetX, e.offsetY]) ? e : null));
      pointer.on("mousemove", (e) => {
        if (!from || !far(e)) return;
        const [x, width] = [Math.min(from.offsetX, e.offsetX), Math.abs(e.offsetX - from.offsetX)];
        const shape = { x, y: 0, width, height: this.height };
        if (mark) return mark.attr({ shape });
        mark = new echarts.graphic.Rect({ silent: true, shape, style: { fill: this.colour("faint"), opacity: 0.2 } });
        pointer.add(mark);
      });
      pointer.on("mouseup", (e) => {
        if (!from) return;
        const [first, last] = [at(from), at(e)].sort((x, y) => x - y);
        const dragged = far(e);
        end();
        if (dragged) this.$emit("range", { first: Math.ceil(first), last: Math.floor(last) });
        else this.$emit("step", { step: this.nearest(first) });
      });
      pointer.on("globalout", end);
    },
    nearest(x) {
      const steps = this.series.flatMap((one) => one.x);
      return steps.reduce((best, step) => (Math.abs(step - x) < Math.abs(best - x) ? step : best), steps[0] ?? null);
    },
    save() {
      const link = document.createElement("a");
      link.href = this.chart.getDataURL({ pixelRatio: 2, backgroundColor: this.colour("paper") });
      link.download = `${this.file}.png`;
      link.click();
    },
  },
};
