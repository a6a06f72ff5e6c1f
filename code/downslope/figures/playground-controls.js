/* The playground's controls and tables: native elements, each with its label. */
(() => {
  "use strict";
  const ds = (globalThis.downslope ??= {});
  let count = 0;

  /* An element from its tag, properties (`on…` listens, `aria-…` and `data-…` are attributes) and children. */
  function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name in element && !name.includes("-")) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const ICONS = {
    start: "M3 3h2v10H3zM13 3v10L6 8z",
    back: "M11.5 3v10L4.5 8z",
    play: "M4 2.5v11L13.5 8z",
    pause: "M4 3h3v10H4zM9 3h3v10H9z",
    forward: "M4.5 3v10l7-5z",
  };

  /* One path, drawn; `attributes` are the path's. */
  function drawing(viewBox, attributes) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", viewBox);
    svg.setAttribute("aria-hidden", "true");
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value);
    svg.append(path);
    return svg;
  }

  const icon = (name) => drawing("0 0 16 16", { d: ICONS[name] });

  /* A piece of an optimizer's path: relatives share a colour, never the dashes. */
  function swatch({ colour, dash }) {
    const line = { d: "M0 6h30", stroke: colour, "stroke-width": 3, "stroke-dasharray": dash.join(" "), fill: "none" };
    const svg = drawing("0 0 30 12", line);
    svg.setAttribute("class", "pg-swatch");
    return svg;
  }

  function button(name, label, onclick) {
    const element = h("button", { type: "button", onclick, className: "pg-icon" });
    element.show = (nextIcon, nextLabel) => {
      element.replaceChildren(icon(nextIcon));
      element.setAttribute("aria-label", nextLabel);
      element.title = nextLabel;
    };
    element.show(name, label);
    return element;
  }

  function labelled(label, control, className = "pg-field") {
    control.id = `ds-pg-${++count}`;
    return h("div", { className }, h("label", { htmlFor: control.id }, label), control);
  }

  const select = (options, value, onchange) =>
    h("select", { onchange }, ...options.map(([v, text]) => h("option", { value: v, selected: v === value }, text)));

  /* A range input over a list of values; `set` moves it without an event. */
  function slider(name, owner, onvalue) {
    const shown = h("span", { className: "pg-value", "aria-hidden": "true" });
    const input = h("input", { type: "range", min: 0, step: 1, "aria-label": `${owner}: ${name}` });
    let values = [];
    const show = () => {
      const text = ds.playground.number(values[input.value], 5);
      shown.textContent = text;
      input.setAttribute("aria-valuetext", text);
    };
    input.addEventListener("input", () => {
      show();
      onvalue(values[input.value]);
    });
    const element = labelled(name, input, "pg-slider");
    element.append(shown);
    element.set = (offered, value) => {
      values = offered.includes(value) ? offered : [...offered, value].sort((a, b) => a - b);
      input.max = values.length - 1;
      input.value = values.indexOf(value);
      show();
    };
    return element;
  }

  /* One optimizer: a box to tick, its step size, and its other hyperparameters behind a click. */
  function card(optimizer, on) {
    const tick = h("input", { type: "checkbox", onchange: () => on.choose(tick.checked) });
    const sliders = new Map(
      optimizer.settings.map((s) => [s.name, slider(s.name, optimizer.name, (value) => on.set(s.name, value))]),
    );
    const [rate, ...others] = sliders.values();
    const body = h("div", { className: "pg-settings" }, rate);
    if (others.length) {
      const names = optimizer.settings.slice(1).map((s) => s.name).join(", ");
      const label = h("summary", {}, names, h("span", { className: "pg-hidden" }, ` of ${optimizer.name}`));
      body.append(h("details", {}, label, ...others));
    }
    const head = h("label", { className: "pg-name" }, tick, swatch(optimizer), optimizer.name);
    const element = h("div", { className: "pg-card" }, head, body);
    element.show = (chosen, offered, values) => {
      tick.checked = chosen;
      body.hidden = !chosen;
      for (const [name, control] of sliders) control.set(offered[name], values[name]);
    };
    return element;
  }

  const position = (w) => `(${w.map((x) => ds.playground.number(x, 3)).join(", ")})`;

  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  /* What the map shows at one step, in numbers. */
  function numbersTable(landscape, walks, step, start) {
    const unit = landscape.unit ? `, ${landscape.unit}` : "", { number, distance } = ds.playground;
    const head = ["Optimizer", "Step", `Position${unit}`, capital(`${landscape.quantity}${unit}`), `To minimum${unit}`];
    const rows = walks.map((walk) => {
      const k = Math.min(step, walk.points.length - 1), w = walk.points[k];
      const lost = walk.lost !== null && step >= walk.lost;
      const cells = [
        lost ? `${landscape.bounded ? "left the map" : "diverged"} at step ${walk.lost}` : String(k),
        position(w), number(walk.values[k]), lost ? "" : number(distance(landscape, w)),
      ];
      return h("tr", {}, h("th", { scope: "row" }, swatch(walk), walk.name), ...cells.map((c) => h("td", {}, c)));
    });
    if (!landscape.minima.length) [...rows, null].forEach((row) => (row ? row.lastChild.remove() : head.pop()));
    return [
      h("caption", {}, `From ${position(start)}`),
      h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ...rows),
    ];
  }

  /* The first and last steps of every walk. */
  function stepsTable(landscape, walks) {
    const head = ["Optimizer", "Step", "Position", capital(landscape.quantity)];
    const rows = walks.flatMap(({ name, points, values }) => {
      const steps = points.map((_, k) => k).filter((k) => k <= 5 || k >= points.length - 3);
      return steps.map((k) => h("tr", {}, h("th", { scope: "row" }, name),
        ...[String(k), position(points[k]), ds.playground.number(values[k], 6)].map((c) => h("td", {}, c))));
    });
    return [
      h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ...rows),
    ];
  }

  /* One sentence a walk, for the live region. */
  function summary(landscape, walks) {
    return walks.map(({ name, points, values, lost }) => {
      if (lost !== null) return `${name}: ${landscape.bounded ? "left the map" : "diverged"} at step ${lost}.`;
      const unit = landscape.unit ? ` ${landscape.unit}` : "";
      const value = ds.playground.number(values.at(-1), 3);
      return `${name}: after ${points.length - 1} steps ${landscape.quantity} ${value}${unit} at ${position(points.at(-1))}.`;
    }).join(" ");
  }

  ds.playground = { ...ds.playground, h, button, labelled, select, card, position, numbersTable, stepsTable, summary };
})();
