// One of a few words: a row of buttons, moved along by the arrow keys.
export default {
  template: `
    <div class="choice" :class="{ moved: rest !== null && value !== rest }" role="radiogroup" :aria-label="label">
      <span class="choice-label">{{ label }}</span>
      <span class="choice-words">
        <button v-for="(word, i) in words" :key="word" role="radio" :aria-checked="word === value" :tabindex="word === value ? 0 : -1"
          :class="{ here: word === value, rest: word === rest }" :title="titles[i]" @click="$emit('chosen', { word })"
          @keydown.right.prevent="step(1)" @keydown.down.prevent="step(1)" @keydown.left.prevent="step(-1)" @keydown.up.prevent="step(-1)">{{ shown[i] }}</button>
      </span>
    </div>`,
  props: { label: String, words: Array, shown: Array, titles: Array, value: String, rest: { default: null } },
  methods: {
    step(by) {
      const next = (this.words.indexOf(this.value) + by + this.words.length) % this.words.length;
      this.$emit("chosen", { word: this.words[next] });
      this.$el.querySelectorAll("button")[next].focus();
    },
  },
};
