/* <ds-playground>: choose a landscape and optimizers, drop a ball, and watch where the rules take it. */
(() => {
  "use strict";
  const pg = globalThis.downslope.playground;
  const { h } = pg;
  const SPEEDS = [5, 20, 60, 200];
  const LENGTHS = [20, 50, 100, 200, 500, 1000, 2000];
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  class Playground extends HTMLElement {
    connectedCallback() {
      // Between its tags and its own script, a parser may not have come yet to what it holds.
      if (!this.querySelector("script")) {
        document.addEventListener("DOMContentLoaded", () => this.connectedCallback(), { once: true });
        return;
      }
      if (!this.spec) this.build();
      this.watching = new AbortController();
      const { signal } = this.watching;
      const repaint = () => { this.stage.clear(); this.draw(); };
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal });
      const theme = new MutationObserver(repaint);
      for (const root of [document.documentElement, document.body]) {
        theme.observe(root, { attributes: true, attributeFilter: ["data-theme", "data-mode", "class", "data-jp-theme-light"] });
      }
      const show = () => { this.visible = true; this.draw(); };
      addEventListener("beforeprint", show, { signal }); // paper has every part of a page, in sight or not
      const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) show(); });
      seen.observe(this);
      const resized = new ResizeObserver(() => this.draw());
      resized.observe(this.stage.element);
      signal.addEventListener("abort", () => [theme, seen, resized].forEach((o) => o.disconnect()));
    }

    disconnectedCallback() {
      if (this.spec) this.pause();
      this.watching?.abort();
    }

    build() {
      this.spec = JSON.parse(this.querySelector("script[type='application/json']").textContent);
      Object.assign(this, pg.compile(this.spec), { visible: false, tables: [] });
      this.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys stay out
      // Keys that work here must not also turn a slide or scroll a notebook; Escape and Tab go on.
      this.addEventListener("keydown", (e) => { if (!["Escape", "Tab"].includes(e.key)) e.stopPropagation(); });
      this.cards = this.optimizers.map((optimizer, k) => pg.card(optimizer, {
        choose: (chosen) => { this.chosen[k] = chosen; this.showCards(); this.go(); },
        set: (name, value) => { this.settings[k][name] = value; this.walkAll(); },
      }));
      this.append(this.buildBar(), this.buildBody(), this.buildNumbers());
      if (this.spec.caption) this.append(h("p", { className: "pg-caption" }, this.spec.caption));
      this.reset();
    }

    buildBar() {
      const named = this.landscapes.map((l, k) => [String(k), l.name]);
      this.chooser = pg.select(named, "0", () => this.choose(Number(this.chooser.value)));
      this.origin = [0, 1].map((i) => h("input", { type: "number", step: "any", onchange: (e) => this.type(i, e.target) }));
      this.length = pg.select([], "", () => { this.steps = Number(this.length.value); this.go(); });
      const fields = this.origin.map((input) => pg.labelled("", input, "pg-field pg-start"));
      this.originLabels = fields.map((field) => field.firstChild);
      return h("div", { className: "pg-bar" },
        pg.labelled("Landscape", this.chooser), ...fields, pg.labelled("Steps", this.length),
        h("button", { type: "button", onclick: () => this.reset() }, "Reset"));
    }

    buildBody() {
      this.stage = new pg.Stage({
        onkeydown: (e) => this.key(e), onfocus: () => this.draw(), onblur: () => this.draw(),
        onpointerdown: (e) => this.press(e), onpointermove: (e) => this.hover(e), onpointerup: (e) => this.release(e),
        onpointercancel: () => { this.pressed = null; }, onpointerleave: () => { this.pointed = null; this.draw(); },
      });
      this.canvas = this.stage.canvas;
      this.chart = new pg.Chart();
      this.help = h("p", { className: "pg-help", id: `${this.chooser.id}-help` },
        "Click or tap the map to drop a ball. With the keyboard: arrow keys move the cross-hairs (Shift: farther), Enter drops.");
      this.canvas.setAttribute("aria-describedby", this.help.id);
      this.live = h("p", { className: "pg-hidden", "aria-live": "polite" });
      const tune = h("button", { type: "button", onclick: () => this.tune() }, "Tune every lr for this start");
      const side = h("fieldset", { className: "pg-side" }, h("legend", {}, "Optimizers"), ...this.cards, tune);
      const map = h("div", {}, this.stage.element, this.stage.legend, this.help, this.buildTransport(), this.chart.canvas, this.live);
      return h("div", { className: "pg-body" }, map, side);
    }

    buildTransport() {
      this.player = pg.button("play", "Play", () => (this.playing ? this.pause() : this.play()));
      this.slider = h("input", { type: "range", min: 0, step: 1, oninput: () => this.seek(Number(this.slider.value)) });
      this.speed = pg.select(SPEEDS.map((n) => [String(n), `${n} steps/s`]), "60", () => {});
      const slider = pg.labelled("Step", this.slider, "pg-field pg-step");
      this.counter = h("span", { className: "pg-value", "aria-hidden": "true" });
      slider.append(this.counter);
      return h("div", { className: "pg-transport", role: "group", "aria-label": "Animation" },
        pg.button("start", "Back to the start", () => this.seek(0)),
        pg.button("back", "One step back", () => this.seek(Math.ceil(this.t) - 1)), this.player,
        pg.button("forward", "One step forward", () => this.seek(Math.floor(this.t) + 1)),
        slider, pg.labelled("Speed", this.speed, "pg-field pg-speed"));
    }

    buildNumbers() {
      this.numbers = h("table", {});
      this.firstLast = h("table", {});
      this.more = h("details", { ontoggle: () => this.showSteps() }, h("summary", {}, "The first and last steps"),
        h("div", { className: "pg-scroll", tabIndex: 0, role: "region", "aria-label": "The first and last steps" }, this.firstLast));
      return h("div", { className: "pg-numbers" },
        h("div", { className: "pg-scroll", tabIndex: 0, role: "region", "aria-label": "The balls in numbers" }, this.numbers), this.more);
    }

    /* Everything as the page has it when it opens. */
    reset() {
      this.steps = this.spec.steps;
      const lengths = [...new Set([...LENGTHS, this.steps])].sort((a, b) => a - b);
      this.length.replaceChildren(...lengths.map((n) => h("option", { value: n, selected: n === this.steps }, String(n))));
      this.chosen = this.optimizers.map((o) => o.chosen);
      this.settings = this.optimizers.map(pg.defaults);
      this.choose(0);
    }

    choose(k) {
      this.chooser.value = String(k);
      this.landscape = this.landscapes[k];
      this.stage.clear();
      this.start = [...(this.spec.start ?? this.landscape.start)];
      this.cursor = [...this.start];
      this.originLabels.forEach((label, i) => { label.textContent = `Start ${this.landscape.labels[i]}`; });
            this.canvas.setAttribute("aria-label", `Map of the landscape ${this.landscape.name}: choose where to drop the ball`);
      this.optimizers.forEach((optimizer, i) => {
        this.settings[i].lr = pg.defaults(optimizer).lr ?? pg.bestRate(
          this.landscape, optimizer, this.landscape.start, this.spec.steps, this.settings[i], this.offered(optimizer).lr);
      });
      this.showCards();
      this.walkAll();
    }

    offered(optimizer) {
      const largest = pg.largestRate(this.landscape, optimizer);
      return Object.fromEntries(optimizer.settings.map((s) => [s.name, pg.choices(s, largest)]));
    }

    showCards() {
      this.cards.forEach((card, k) => card.show(this.chosen[k], this.offered(this.optimizers[k]), this.settings[k]));
    }

    tune() {
      this.optimizers.forEach((optimizer, k) => {
        if (!this.chosen[k]) return;
        const rates = this.offered(optimizer).lr;
        this.settings[k].lr = pg.bestRate(this.landscape, optimizer, this.start, this.steps, this.settings[k], rates);
      });
      this.showCards();
      this.go();
    }

    /* All chosen walks from the start, at once; the balls lie where they end. */
    walkAll() {
      this.pause();
      this.walks = this.optimizers.flatMap((optimizer, k) => (this.chosen[k]
        ? [{ ...optimizer, ...pg.walk(this.landscape, optimizer, this.start, this.steps, this.settings[k]) }] : []));
      this.origin.forEach((input, i) => { input.value = Number(this.start[i].toPrecision(6)); });
      this.slider.max = this.steps;
      this.seek(this.steps);
      this.showSteps();
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => { this.live.textContent = pg.summary(this.landscape, this.walks); }, 300);
    }

    /* The same, and the balls roll, unless the reader prefers stillness. */
    go() {
      this.walkAll();
      if (!still.matches) { this.t = 0; this.play(); }
    }

    drop(w) {
      this.start = [...w];
      this.cursor = [...w];
      this.go();
    }

    type(i, input) {
      if (input.value !== "" && Number.isFinite(input.valueAsNumber)) this.drop(this.start.with(i, input.valueAsNumber));
    }

    seek(t) {
      this.pause();
      this.show(t);
    }

    show(t) {
      this.t = Math.min(Math.max(t, 0), this.steps);
      const step = Math.floor(this.t);
      this.slider.value = step;
      this.slider.setAttribute("aria-valuetext", `step ${step} of ${this.steps}`);
      this.counter.textContent = `${step} / ${this.steps}`;
      this.numbers.replaceChildren(...pg.numbersTable(this.landscape, this.walks, step, this.start));
      this.draw();
    }

    showSteps() {
      if (this.more.open) this.firstLast.replaceChildren(...pg.stepsTable(this.landscape, this.walks));
    }

    play() {
      if (this.t >= this.steps) this.t = 0;
      this.player.show("pause", "Pause");
      let before = null;
      const frame = (now) => {
        this.show(this.t + (before === null ? 0 : ((now - before) / 1000) * Number(this.speed.value)));
        before = now;
        if (this.t >= this.steps) this.pause();
        else this.playing = requestAnimationFrame(frame);
      };
      this.playing = requestAnimationFrame(frame);
    }

    pause() {
      cancelAnimationFrame(this.playing);
      this.playing = null;
      this.player.show("play", "Play");
    }

    press(event) {
      this.pressed = { x: event.clientX, y: event.clientY };
      if (event.pointerType !== "touch") this.canvas.setPointerCapture(event.pointerId);
    }

    /* A mouse drags the start; a finger that moves scrolls the page, so that only its tap counts. */
    hover(event) {
      const w = this.stage.locate(event);
      this.pointed = w;
      if (this.pressed && w && event.pointerType !== "touch") {
        this.start = w;
        this.cursor = [...w];
        this.walkAll();
      } else this.draw();
    }

    release(event) {
      const moved = this.pressed && Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y);
      const w = this.stage.locate(event);
      if (this.pressed && w && (event.pointerType !== "touch" || moved < 10)) this.drop(w);
      this.pressed = null;
    }

    key(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.keyed = true;
      if (!way) return this.drop(this.cursor);
      const { view } = this.stage.map, pixels = event.shiftKey ? 40 : 8;
      const [low, high] = [view.at(0, view.height), view.at(view.width, 0)];
      this.cursor = this.cursor.map((x, i) => Math.min(Math.max(x + way[i] * pixels * view.perPixel, low[i]), high[i]));
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => {
        const value = pg.number(this.landscape.value(this.cursor), 3);
        this.live.textContent = `Cross-hairs at ${pg.position(this.cursor)}, ${this.landscape.quantity} ${value}`;
      }, 300);
      this.draw();
    }

    draw() {
      if (!this.visible || !this.canvas.clientWidth) return;
      const cursor = this.pointed ?? (document.activeElement === this.canvas && this.keyed ? this.cursor : null);
      this.stage.draw(this.landscape, this.walks, this.t, this.start, cursor);
      this.chart.draw(this.landscape, this.walks, this.t, this.steps, this.stage.map.theme);
    }

    /* For tests and the curious: element.downslope.run("rosenbrock", "Adam", [-1.2, 1], 200, {lr: 0.01}). */
    get downslope() {
      const named = (list, name) => list.find((x) => x.name === name);
      return {
        run: (landscape, optimizer, start, steps, hyperparameters = {}) => {
          const rule = named(this.optimizers, optimizer);
          return pg.run(named(this.landscapes, landscape), rule, start, steps, { ...pg.defaults(rule), ...hyperparameters });
        },
      };
    }
  }

  if (!customElements.get("ds-playground")) customElements.define("ds-playground", Playground);
})();
