/* The playground's chart: each walk's loss against the step. */
(() => {
  "use strict";
  const ds = (globalThis.downslope ??= {});
  const MARGIN = { left: 48, right: 10, top: 8, bottom: 6 }, HEIGHT = 120;

  /* Heights are read off a linear scale; a loss with a known least value, off a logarithmic one above it. */
  function scaleOf({ minima, unit, value }, walks) {
    const all = walks.flatMap((walk) => walk.values.filter(Number.isFinite));
    const least = minima.length && !unit ? Math.min(...minima.map(value)) : null;
    const top = Math.max(...walks.map((walk) => walk.values[0]));
    if (least === null) {
      const low = Math.min(...all), span = top - low || 1;
      return { of: (f) => (f - low) / span, marks: [low, top] };
    }
    const high = Math.log10(top - least || 1);
    const reached = Math.log10(Math.max(Math.min(...all) - least, 1e-300));
    const low = Math.max(Math.min(reached, high - 1), high - 12), marks = [];
    const every = Math.max(1, Math.ceil((high - low) / 4));
    for (let e = Math.ceil(low); e <= high; e++) if (e % every === 0) marks.push(least + 10 ** e);
    return { of: (f) => (Math.log10(Math.max(f - least, 1e-300)) - low) / (high - low), marks };
  }

  class Chart {
    constructor() {
      this.canvas = ds.playground.h("canvas", { className: "pg-chart", role: "img", "aria-label": "Chart of the loss at each step" });
    }

    draw(landscape, walks, t, steps, theme) {
      const width = this.canvas.clientWidth, ratio = devicePixelRatio || 1, pen = this.canvas.getContext("2d");
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(HEIGHT * ratio);
      this.canvas.setAttribute("aria-label", `Chart of the ${landscape.quantity} at each step; the table below has the numbers`);
      if (!walks.length) return;
      pen.scale(ratio, ratio);
      pen.translate(MARGIN.left, MARGIN.top);
      const across = width - MARGIN.left - MARGIN.right, down = HEIGHT - MARGIN.top - MARGIN.bottom;
      const scale = scaleOf(landscape, walks), x = (k) => (k / steps) * across, y = (f) => down * (1 - scale.of(f));
      this.drawScale(pen, across, y, scale.marks, theme);
      Object.assign(pen, { fillStyle: theme.muted, textBaseline: "top" });
      pen.fillText(`${landscape.quantity} at each step`, across - 6, 4);
      pen.save();
      pen.beginPath();
      pen.rect(-4, -4, across + 8, down + 8);
      pen.clip();
      for (const { points, values, colour, dash } of walks) {
        const line = points.map((_, k) => [x(k), Math.min(Math.max(y(values[k]), -99), 999)]).filter((p) => !Number.isNaN(p[1]));
        ds.playground.line(pen, line, colour, 1.75, 1, dash);
      }
      ds.playground.line(pen, [[x(t), 0], [x(t), down]], theme.ink, 1, 0.7);
      pen.restore();
    }

    drawScale(pen, across, y, marks, theme) {
      Object.assign(pen, { font: `11.5px ${theme.font}`, fillStyle: theme.muted, textAlign: "right", textBaseline: "middle" });
      for (const f of marks) {
        ds.playground.line(pen, [[0, y(f)], [across, y(f)]], theme.muted, 1, 0.25);
        pen.fillText(ds.playground.number(f, 3), -7, y(f));
      }
    }
  }

  ds.playground = { ...ds.playground, Chart };
})();
