/* The playground's map: a landscape as tinted relief with contour lines, drawn once into a bitmap. */
(() => {
  "use strict";
  const ds = (globalThis.downslope ??= {});

  // Low to high. Quiet, so that the paths are the loudest thing on the map.
  const TINTS = {
    light: [[183, 211, 214], [208, 225, 217], [230, 235, 222], [243, 238, 226], [235, 223, 206], [222, 204, 184]],
    dark: [[17, 44, 56], [24, 51, 58], [35, 56, 58], [49, 58, 56], [64, 60, 55], [80, 66, 57]],
  };
  const LINES = { light: "rgb(74 92 98)", dark: "rgb(176 200 204)" };
  const LEVELS = 18;
  const CELL = 2.5; // CSS pixels between samples

  function tint(ramp, u) {
    const x = Math.min(Math.max(u, 0), 1) * (ramp.length - 1);
    const i = Math.min(Math.floor(x), ramp.length - 2);
    return ramp[i].map((c, k) => c + (x - i) * (ramp[i + 1][k] - c));
  }

  /* What is seen: the landscape's box, widened to the canvas's shape so that both axes have one scale. */
  function viewOf(landscape, width, height) {
    const [[x0, x1], [y0, y1]] = landscape.box;
    const perPixel = Math.max((x1 - x0) / width, (y1 - y0) / height);
    const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
    return {
      width, height, perPixel,
      x: (v) => width / 2 + (v - cx) / perPixel,
      y: (v) => height / 2 - (v - cy) / perPixel,
      at: (px, py) => [cx + (px - width / 2) * perPixel, cy - (py - height / 2) * perPixel],
    };
  }

  function sample(landscape, view) {
    const columns = Math.ceil(view.width / CELL) + 1, rows = Math.ceil(view.height / CELL) + 1;
    const z = new Float64Array(columns * rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const w = view.at((i * view.width) / (columns - 1), (j * view.height) / (rows - 1));
        z[j * columns + i] = landscape.value(w);
      }
    }
    return { columns, rows, z };
  }

  /* Heights to [0, 1]: metres stay linear; of a loss the root that brings its median nearest to the middle. */
  function scaleOf(landscape, z) {
    const sorted = Float64Array.from(z).sort(), high = sorted.at(-1);
    const low = Math.min(sorted[0], ...landscape.minima.map(landscape.value));
    if (landscape.unit) return { low, high, root: 1 };
    const median = (sorted[sorted.length >> 1] - low) / (high - low);
    return { low, high, root: Math.min(5, Math.max(1, Math.round(Math.log(median) / Math.log(0.45)))) };
  }

  const level = ({ low, high, root }, f) => ((f - low) / (high - low)) ** (1 / root);

  /* Contours of metres are round numbers; those of a loss are evenly spaced in what is seen. */
  function contoursOf(landscape, scale) {
    const values = [];
    if (!landscape.unit) {
      for (let k = 1; k < LEVELS; k++) values.push({ u: k / LEVELS, heavy: false });
      return { values, every: null };
    }
    const rough = (scale.high - scale.low) / LEVELS, decade = 10 ** Math.floor(Math.log10(rough));
    const every = [1, 2, 5, 10].map((s) => s * decade).find((s) => s >= rough);
    for (let f = Math.ceil(scale.low / every) * every; f < scale.high; f += every) {
      values.push({ u: level(scale, f), heavy: Math.round(f / every) % 5 === 0 });
    }
    return { values, every };
  }

  /* One level set, by marching squares. */
  function trace(path, { columns, rows }, u, at, view) {
    const dx = view.width / (columns - 1), dy = view.height / (rows - 1);
    for (let j = 0; j < rows - 1; j++) {
      for (let i = 0; i < columns - 1; i++) {
        const k = j * columns + i;
        const a = u[k] - at, b = u[k + 1] - at, c = u[k + columns + 1] - at, d = u[k + columns] - at;
        const cuts = [];
        if (a > 0 !== b > 0) cuts.push([i + a / (a - b), j]);
        if (b > 0 !== c > 0) cuts.push([i + 1, j + b / (b - c)]);
        if (c > 0 !== d > 0) cuts.push([i + d / (d - c), j + 1]);
        if (d > 0 !== a > 0) cuts.push([i, j + a / (a - d)]);
        for (let n = 0; n + 1 < cuts.length; n += 2) {
          path.moveTo(cuts[n][0] * dx, cuts[n][1] * dy);
          path.lineTo(cuts[n + 1][0] * dx, cuts[n + 1][1] * dy);
        }
      }
    }
  }

  /* Light from the north-west on the tinted heights, one pixel a sample. */
  function relief({ columns, rows }, u, ramp, dark, strength) {
    const bitmap = new OffscreenCanvas(columns, rows), pen = bitmap.getContext("2d");
    const image = pen.createImageData(columns, rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const k = j * columns + i;
        const east = u[k + (i < columns - 1)] - u[k - (i > 0)];
        const south = u[k + (j < rows - 1 ? columns : 0)] - u[k - (j > 0 ? columns : 0)];
        const gx = strength * columns * east, gy = strength * columns * south;
        const light = (1 + 0.75 * gx + 0.75 * gy) / Math.sqrt(1 + gx * gx + gy * gy) / 1.46;
        const shade = 1 + (dark ? 0.85 : 0.42) * (light - 0.685);
        const colour = tint(ramp, u[k]);
        for (let c = 0; c < 3; c++) image.data[4 * k + c] = colour[c] * shade;
        image.data[4 * k + 3] = 255;
      }
    }
    pen.putImageData(image, 0, 0);
    return bitmap;
  }

  /* The map for one landscape, size and theme: a bitmap, its view, and what its legend needs. */
  function drawMap(landscape, width, height, ratio, dark) {
    const view = viewOf(landscape, width, height);
    const grid = sample(landscape, view);
    const scale = scaleOf(landscape, grid.z);
    const u = Float64Array.from(grid.z, (f) => level(scale, f));
    const bitmap = new OffscreenCanvas(Math.round(width * ratio), Math.round(height * ratio));
    const pen = bitmap.getContext("2d");
    pen.scale(ratio, ratio);
    pen.imageSmoothingQuality = "high";
    const theme = dark ? "dark" : "light";
    pen.drawImage(relief(grid, u, TINTS[theme], dark, landscape.unit ? 0.055 : 0.02), 0, 0, width, height);
    const contours = contoursOf(landscape, scale);
    pen.strokeStyle = LINES[theme];
    for (const heavy of [false, true]) {
      const path = new Path2D();
      for (const c of contours.values) if (c.heavy === heavy) trace(path, grid, u, c.u, view);
      pen.globalAlpha = heavy ? 0.5 : 0.28;
      pen.lineWidth = heavy ? 1 : 0.75;
      pen.stroke(path);
    }
    return { bitmap, view, ...scale, every: contours.every, ramp: TINTS[theme] };
  }

  ds.playground = { ...ds.playground, drawMap };
})();
