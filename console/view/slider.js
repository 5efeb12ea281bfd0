// A number that is moved: keys and pointer, the mark of where it stood, and a field to type it in.
const QUIET_MS = 40;

export default {
  template: `
    <div class="slider" :class="{ moved: moved }">
      <label :for="id" :title="note || label"><span>{{ label }}</span><span v-if="note" class="faint">{{ note }}</span></label>
      <div class="slider-track">
        <input type="range" :id="id" :min="0" :max="top" :step="step" v-model.number="at" :aria-label="label"
          @input="tell" @dblclick="back" />
        <i v-if="rest !== null" class="slider-rest" :style="{ left: 'calc(5px + (100% - 10px) * ' + rest / top + ')' }"></i>
      </div>
      <input class="slider-number" type="text" inputmode="decimal" :value="shown" :aria-label="label + ', as a number'"
        @change="typed" @keydown.esc="$event.target.value = shown" />
      <button class="quiet slider-back" :style="{ visibility: moved ? 'visible' : 'hidden' }" title="as it was" @click="back">↺</button>
    </div>`,
  props: { id: String, label: String, note: String, value: Number, rest: { default: null }, most: Number, step: Number, edited: Boolean },
  data() {
    return { at: this.value, later: null, moved: this.edited };
  },
  watch: {
    value(value) {
      if (this.later === null) this.at = value;
    },
    edited(edited) {
      this.moved = edited;
    },
  },
  computed: {
    top() {
      return Math.max(this.most, this.at);
    },
    shown() {
      return this.at > 0 && this.at < 0.001 ? this.at.toExponential() : String(Number(this.at.toPrecision(4)));
    },
  },
  methods: {
    tell() {
      this.moved = this.rest === null || Math.abs(this.at - this.rest) > 1e-9;
      if (this.later !== null) return;
      this.later = setTimeout(() => {
        this.later = null;
        this.$emit("moved", { to: this.at });
      }, QUIET_MS);
    },
    typed(event) {
      const number = Number(event.target.value.replace(",", "."));
      if (event.target.value.trim() === "" || !Number.isFinite(number) || number < 0) return void (event.target.value = this.shown);
      this.at = number;
      this.tell();
    },
    back() {
      clearTimeout(this.later);
      this.later = null;
      this.moved = false;
      if (this.rest !== null) this.at = this.rest;
      this.$emit("moved", { to: null });
    },
  },
};
