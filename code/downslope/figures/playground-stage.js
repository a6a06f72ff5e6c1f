/* The playground's canvas: where the map lies on it, in the page's colours, and one frame drawn on top. */
(() => {
  "use strict";
  const pg = (globalThis.downslope ??= {}).playground;
  const { h } = pg;
  const MARGIN = { left: 48, right: 10, top: 8, bottom: 30 };
  const ROOTS = { 1: "the loss", 2: "its square root", 3: "its cube root", 4: "its fourth root", 5: "its fifth root" };

  class Stage {
    constructor(listeners) {
      this.canvas = h("canvas", { className: "pg-map", tabIndex: 0, role: "application", ...listeners });
      this.element = h("div", { className: "pg-stage" }, this.canvas);
      this.legend = h("p", { className: "pg-legend" });
      this.map = null;
    }

    /* Forget the map: the landscape or the theme is another one. */
    clear() {
      this.map = null;
    }

    theme() {
      const style = getComputedStyle(this.canvas), read = (name) => style.getPropertyValue(name).trim();
      const theme = Object.fromEntries(["ink", "muted", "surface", "accent"].map((n) => [n, read(`--pg-${n}`)]));
      const probe = new OffscreenCanvas(1, 1).getContext("2d");
      probe.fillStyle = theme.surface;
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      return { ...theme, font: style.fontFamily, dark: r + g + b < 380, tallest: Number(read("--pg-height")) };
    }

    /* Lay the map out anew when its place, the theme or the landscape changed. */
    layout(landscape) {
      const width = this.element.clientWidth, ratio = Math.min(devicePixelRatio || 1, 3);
      if (this.map?.width === width && this.map.ratio === ratio) return;
      const theme = this.theme(), [[x0, x1], [y0, y1]] = landscape.box, shape = (y1 - y0) / (x1 - x0);
      let across = width - MARGIN.left - MARGIN.right;
      const down = Math.round(Math.min(across * Math.min(Math.max(shape, 0.72), 1.1), theme.tallest));
      if (landscape.bounded) across = Math.min(across, Math.round(down / shape));
      const left = MARGIN.left + Math.floor((width - MARGIN.left - MARGIN.right - across) / 2);
      this.map = { ...pg.drawMap(landscape, across, down, ratio, theme.dark), width, ratio, theme, left };
      const height = down + MARGIN.top + MARGIN.bottom;
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.height = `${height}px`;
      this.showLegend(landscape);
    }

    showLegend({ quantity, unit, minima }) {
      const { low, high, root, every, ramp } = this.map, metres = unit && ` ${unit}`;
      const bar = h("span", { className: "pg-ramp", "aria-hidden": "true" });
      bar.style.background = `linear-gradient(to right, ${ramp.map((c) => `rgb(${c})`).join(", ")})`;
      this.legend.replaceChildren(
        h("span", {}, `${quantity} ${pg.number(low, 3)}${metres}`, bar, pg.number(high, 3) + metres),
        h("span", {}, every ? `contours every ${every}${metres}` : `contours evenly spaced in ${ROOTS[root]}`),
        h("span", {}, ["", "× minimum"][minima.length] ?? "× minima"));
    }

    /* From the page's pixels to the landscape; a slide deck scales its canvas, so ask where it lies. */
    locate(event) {
      const rect = this.canvas.getBoundingClientRect();
      const x = ((event.clientX - rect.left) * this.canvas.clientWidth) / rect.width - this.map.left;
      const y = ((event.clientY - rect.top) * this.canvas.clientHeight) / rect.height - MARGIN.top;
      const { view } = this.map;
      return x >= 0 && x <= view.width && y >= 0 && y <= view.height ? view.at(x, y) : null;
    }

    /* One frame of the map: everything at step `t`, a fraction while the balls roll. */
    draw(landscape, walks, t, start, cursor) {
      this.layout(landscape);
      const { bitmap, view, ratio, theme, left } = this.map, pen = this.canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
      pen.translate(left, MARGIN.top);
      pg.drawAxes(pen, view, landscape.labels, theme);
      pen.save();
      pen.beginPath();
      pen.roundRect(0, 0, view.width, view.height, 6);
      pen.clip();
      pen.drawImage(bitmap, 0, 0, view.width, view.height);
      pg.drawMinima(pen, view, landscape.minima, theme);
      const balls = walks.map((walk) => {
        const tip = pg.drawWalk(pen, view, walk, t, theme);
        return { tip, name: walk.name, colour: walk.colour, lost: walk.lost !== null && t >= walk.lost };
      });
      pg.drawStart(pen, view, start, theme);
      for (const ball of balls) if (!ball.lost) pg.drawBall(pen, ball.tip, ball.colour, theme);
      pg.drawNames(pen, view, balls, theme);
      if (cursor) pg.drawCursor(pen, view, cursor, landscape, theme);
      pen.restore();
    }
  }

  pg.Stage = Stage;
})();
