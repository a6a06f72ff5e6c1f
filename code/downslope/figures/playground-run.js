/* The playground's numbers: the package's own rules, as JavaScript, walking on its landscapes. */
(() => {
  "use strict";
  const ds = (globalThis.downslope ??= {});

  // Steps of a slider: ten to a decade, rounded as resistors are, so that 0.1 and 0.05 are among them.
  const SERIES = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8];

  const build = (source) => new Function(`"use strict"; return (${source});`)();

  const tidy = (x) => Number(x.toPrecision(6));

  function series(low, high) {
    const values = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (const s of SERIES) values.push(tidy(s * 10 ** e));
    }
    return values.filter((x) => x >= low * 0.999 && x <= high * 1.001);
  }

  /* The values that a slider offers, in order, the default among them. */
  function choices(setting, largestRate) {
    let values;
    if (setting.kind === "rate") values = series(largestRate * 1e-5, largestRate);
    else if (setting.kind === "beta") values = [0, ...series(1e-4, 0.9).map((x) => tidy(1 - x))];
    else values = [0, ...series(1e-16, 1e2).filter((x) => Number(x.toPrecision(1)) === x && "125".includes(x.toExponential()[0]))];
    if (setting.value !== null) values.push(setting.value);
    return [...new Set(values)].sort((a, b) => a - b);
  }

  function compile(spec) {
    const landscapes = spec.landscapes.map((l) => ({ ...l, ...build(l.source) }));
    const optimizers = spec.optimizers.map((o) => ({ ...build(o.source), ...o }));
    return { landscapes, optimizers };
  }

  const defaults = (optimizer) => Object.fromEntries(optimizer.settings.map((s) => [s.name, s.value]));

  const finite = (w) => Number.isFinite(w[0]) && Number.isFinite(w[1]);

  /* Every point from the start on; the last one may be the first that is no longer finite or `allowed`. */
  function run(landscape, optimizer, start, steps, h, allowed = finite) {
    let w = [...start];
    let slots = w.map(() => optimizer.initial);
    const points = [w];
    for (let t = 1; t <= steps && allowed(w); t++) {
      const at = w.map((x, i) => optimizer.lookahead(x, h, ...slots[i]));
      const g = landscape.gradient(at);
      const stepped = w.map((x, i) => optimizer.rule(t, x, g[i], h, ...slots[i]));
      w = stepped.map(([v], i) => w[i] + v);
      slots = stepped.map(([, ...kept]) => kept);
      points.push(w);
    }
    return points;
  }

  const size = ({ box }) => Math.max(box[0][1] - box[0][0], box[1][1] - box[1][0]);

  const inside = ({ box }, w) => box.every(([low, high], i) => w[i] >= low && w[i] <= high);

  /* On a map there is nothing beyond the edge; elsewhere a ball may come back, unless it is ten pictures away. */
  function allowedOn(landscape) {
    if (landscape.bounded) return (w) => finite(w) && inside(landscape, w);
    const centre = landscape.box.map(([low, high]) => (low + high) / 2);
    return (w) => finite(w) && Math.hypot(w[0] - centre[0], w[1] - centre[1]) < 10 * size(landscape);
  }

  /* A walk and what became of it: points, values, and the step at which it was lost, if it was. */
  function walk(landscape, optimizer, start, steps, h) {
    const allowed = allowedOn(landscape);
    const points = run(landscape, optimizer, start, steps, h, allowed);
    const lost = allowed(points.at(-1)) ? null : points.length - 1;
    return { points, values: points.map((w) => (finite(w) ? landscape.value(w) : NaN)), lost };
  }

  /* The step size that carries the first step across the whole picture: the top of the slider. */
  function largestRate(landscape, optimizer) {
    const h = { ...defaults(optimizer), lr: 1 };
    const [from, to] = run(landscape, optimizer, landscape.start, 1, h);
    const first = Math.hypot(to[0] - from[0], to[1] - from[1]);
    return 10 ** Math.ceil(Math.log10(size(landscape) / (first > 0 ? first : 1)));
  }

  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

  /* On land nobody leaps over a ridge; elsewhere a step may cross a good part of the picture, and still be seen. */
  const longestStep = (landscape) => size(landscape) / (landscape.bounded ? 25 : 6);

  const longest = (points) => Math.max(...points.slice(1).map((w, k) => Math.hypot(w[0] - points[k][0], w[1] - points[k][1])));

  /* The step size that gets down soonest and stays there, of those that neither leap nor climb above their start. */
  function bestRate(landscape, optimizer, start, steps, h, rates) {
    let best = rates[0], least = Infinity;
    for (const lr of rates) {
      const { points, values, lost } = walk(landscape, optimizer, start, steps, { ...h, lr });
      const score = mean(values) + mean(values.slice(-Math.ceil(steps / 4)));
      const calm = lost === null && Math.max(...values) <= values[0] && longest(points) <= longestStep(landscape);
      if (calm && score < least) [best, least] = [lr, score];
    }
    return best;
  }

  function distance(landscape, w) {
    if (!landscape.minima.length) return null;
    return Math.min(...landscape.minima.map((m) => Math.hypot(w[0] - m[0], w[1] - m[1])));
  }

  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

  /* A number as the book writes it: a true minus, powers of ten, no exponent's e. */
  function number(x, digits = 4) {
    if (x === null) return "";
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "not a number" : x > 0 ? "∞" : "−∞";
    if (x === 0 || (Math.abs(x) >= 1e-3 && Math.abs(x) < 1e6)) return String(Number(x.toPrecision(digits))).replace("-", "−");
    const [mantissa, exponent] = x.toExponential(Math.max(0, digits - 2)).split("e");
    const power = `10${[...exponent.replace("+", "")].map((c) => SUPERSCRIPTS[c]).join("")}`;
    return Number(mantissa) === 1 ? power : `${Number(mantissa)}·${power}`.replace("-", "−");
  }

  ds.playground = {
    ...ds.playground, choices, compile, defaults, run, walk, largestRate, bestRate, distance, number, inside, finite,
  };
})();
