/* What moves on the playground's map: paths, balls and their names, minima, the start, the cursor, the axes. */
(() => {
  "use strict";
  const ds = (globalThis.downslope ??= {});
  const TAU = 2 * Math.PI;

  const disc = (pen, x, y, r) => {
    pen.beginPath();
    pen.arc(x, y, r, 0, TAU);
  };

  function line(pen, points, colour, width, alpha, dash = []) {
    pen.beginPath();
    points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha, lineJoin: "round", lineCap: "round" });
    pen.setLineDash(dash);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  // A diverging path ends far away: what is drawn of it stays near the picture, where canvas arithmetic is exact.
  const near = (x) => Math.min(Math.max(x, -1e5), 1e5);

  const toScreen = (view, w) => [near(view.x(w[0])), near(view.y(w[1]))];

  /* The point between two steps, so that a ball glides. */
  function between(points, t) {
    const i = Math.min(Math.floor(t), points.length - 1), next = points[Math.min(i + 1, points.length - 1)];
    return points[i].map((x, k) => x + (t - i) * (next[k] - x));
  }

  function drawMinima(pen, view, minima, theme) {
    const many = minima.length > 12, r = many ? 2.5 : 5;
    for (const w of minima) {
      const [x, y] = toScreen(view, w);
      for (const [colour, width] of many ? [[theme.ink, 1]] : [[theme.surface, 4.5], [theme.ink, 1.75]]) {
        line(pen, [[x - r, y - r], [x + r, y + r]], colour, width, many ? 0.6 : 1);
        line(pen, [[x - r, y + r], [x + r, y - r]], colour, width, many ? 0.6 : 1);
      }
    }
  }

  /* The walk so far strong, the walk to come faint, a dot a step where steps are long enough to be seen. */
  function drawWalk(pen, view, walk, t, theme) {
    const shown = walk.points.filter(ds.playground.finite);
    const screen = shown.map((w) => toScreen(view, w));
    const done = Math.min(Math.floor(t), screen.length - 1);
    const tip = toScreen(view, between(shown, Math.min(t, shown.length - 1)));
    const past = [...screen.slice(0, done + 1), tip];
    line(pen, screen.slice(done), walk.colour, 1.25, 0.45, walk.dash);
    line(pen, past, theme.surface, 4.5, 0.75);
    line(pen, past, walk.colour, 2.25, 1, walk.dash);
    pen.fillStyle = walk.colour;
    for (let i = 1; i <= done; i++) {
      if (Math.hypot(screen[i][0] - screen[i - 1][0], screen[i][1] - screen[i - 1][1]) < 7) continue;
      disc(pen, ...screen[i], 2.6);
      pen.fill();
    }
    return tip;
  }

  function drawBall(pen, [x, y], colour, theme) {
    disc(pen, x, y, 7);
    pen.fillStyle = colour;
    Object.assign(pen, { strokeStyle: theme.surface, lineWidth: 2 });
    pen.fill();
    pen.stroke();
    disc(pen, x - 2.2, y - 2.4, 1.9);
    pen.fillStyle = "rgb(255 255 255 / 0.65)";
    pen.fill();
  }

  /* Names beside the balls, pushed apart; a ball outside the picture is named at the edge it left by. */
  function drawNames(pen, view, balls, theme) {
    pen.font = `600 12px ${theme.font}`;
    pen.textBaseline = "middle";
    const rows = balls.map(({ tip, name, colour, lost }) => {
      const label = lost ? `${name}: lost` : name, width = pen.measureText(label).width + 24;
      const right = tip[0] + 12 + width < view.width - 2;
      const x = right ? Math.max(tip[0] + 12, 4) : Math.min(tip[0] - 12, view.width - 4) - width;
      return { label, colour, width, x, y: Math.min(Math.max(tip[1], 14), view.height - 14) };
    });
    rows.sort((a, b) => a.y - b.y);
    rows.forEach((row, i) => { if (i) row.y = Math.max(row.y, rows[i - 1].y + 21); });
    for (let i = rows.length - 1, floor = view.height - 12; i >= 0; floor = rows[i--].y - 21) rows[i].y = Math.min(rows[i].y, floor);
    for (const { label, colour, width, x, y } of rows) {
      pen.beginPath();
      pen.roundRect(x, y - 9.5, width, 19, 9.5);
      Object.assign(pen, { fillStyle: theme.surface, globalAlpha: 0.9 });
      pen.fill();
      pen.globalAlpha = 1;
      disc(pen, x + 9.5, y, 4);
      pen.fillStyle = colour;
      pen.fill();
      pen.fillStyle = theme.ink;
      pen.fillText(label, x + 17.5, y + 0.5);
    }
  }

  function drawStart(pen, view, start, theme) {
    const [x, y] = toScreen(view, start);
    for (const [colour, width] of [[theme.surface, 5], [theme.ink, 2]]) {
      disc(pen, x, y, 6);
      Object.assign(pen, { strokeStyle: colour, lineWidth: width });
      pen.stroke();
    }
  }

  /* Cross-hairs, and an arrow down the slope: at right angles to the contour lines. */
  function drawCursor(pen, view, cursor, landscape, theme) {
    const [x, y] = toScreen(view, cursor);
    for (const [colour, width] of [[theme.surface, 3.5], [theme.ink, 1.25]]) {
      line(pen, [[x - 22, y], [x - 6, y]], colour, width, 1);
      line(pen, [[x + 6, y], [x + 22, y]], colour, width, 1);
      line(pen, [[x, y - 22], [x, y - 6]], colour, width, 1);
      line(pen, [[x, y + 6], [x, y + 22]], colour, width, 1);
    }
    const g = landscape.gradient(cursor), norm = Math.hypot(...g);
    if (!(norm > 0) || !Number.isFinite(norm)) return;
    const [a, b] = [-g[0] / norm, g[1] / norm], [tx, ty] = [x + 34 * a, y + 34 * b];
    const head = [[tx - 7 * a - 4.5 * b, ty - 7 * b + 4.5 * a], [tx, ty], [tx - 7 * a + 4.5 * b, ty - 7 * b - 4.5 * a]];
    for (const [colour, width] of [[theme.surface, 5], [theme.accent, 2.25]]) {
      line(pen, [[x + 6 * a, y + 6 * b], [tx, ty]], colour, width, 1);
      line(pen, head, colour, width, 1);
    }
  }

  /* Round numbers along one axis, at most one every 70 pixels. */
  function ticks(low, high, pixels) {
    const rough = (high - low) / Math.max(2, Math.floor(pixels / 70)), decade = 10 ** Math.floor(Math.log10(rough));
    const every = [1, 2, 5, 10].map((s) => s * decade).find((s) => s >= rough);
    const values = [];
    for (let k = Math.ceil(low / every); k * every <= high; k++) values.push(Number((k * every).toPrecision(8)));
    return values;
  }

  function drawAxes(pen, view, labels, theme) {
    const { width, height } = view, [x0, y0] = view.at(0, height), [x1, y1] = view.at(width, 0);
    pen.font = `11.5px ${theme.font}`;
    Object.assign(pen, { fillStyle: theme.muted, strokeStyle: theme.muted, lineWidth: 1, textAlign: "center", textBaseline: "top" });
    pen.beginPath();
    for (const v of ticks(x0, x1, width)) {
      const x = view.x(v);
      if (x > width - 40) continue; // the axis's name stands there
      pen.moveTo(x, height);
      pen.lineTo(x, height + 4);
      pen.fillText(ds.playground.number(v), x, height + 7);
    }
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const v of ticks(y0, y1, height)) {
      const y = view.y(v);
      if (y < 22) continue;
      pen.moveTo(-4, y);
      pen.lineTo(0, y);
      pen.fillText(ds.playground.number(v), -7, y);
    }
    pen.stroke();
    pen.font = `italic 600 13px ${theme.font}`;
    pen.fillStyle = theme.ink;
    pen.textBaseline = "top";
    pen.fillText(labels[0], width, height + 6);
    pen.fillText(labels[1], -7, 2);
    pen.textAlign = "left";
  }

  ds.playground = { ...ds.playground, line, drawMinima, drawWalk, drawBall, drawNames, drawStart, drawCursor, drawAxes };
})();
