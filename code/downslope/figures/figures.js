/* Figures that answer to a slider: swap the frame that was drawn beforehand. */
(() => {
  "use strict";
  const parsed = new WeakMap();
  let announcement;

  const data = (figure) => {
    if (!parsed.has(figure)) parsed.set(figure, JSON.parse(figure.querySelector(".ds-frames").textContent));
    return parsed.get(figure);
  };

  const show = (figure, input) => {
    const { pool, frames, captions, alts } = data(figure);
    let index = 0;
    for (const slider of figure.querySelectorAll(".ds-control input")) {
      index = index * (Number(slider.max) + 1) + Number(slider.value);
    }
    const text = JSON.parse(input.dataset.texts)[input.value];
    input.setAttribute("aria-valuetext", text);
    input.nextElementSibling.textContent = text;
    figure.querySelector(".ds-frame").innerHTML = frames[index].map((line) => pool[line]).join("\n");
    figure.querySelector("figcaption").textContent = captions[index];
    /* say it once, when the hand rests */
    clearTimeout(announcement);
    announcement = setTimeout(() => { figure.querySelector(".ds-announce").textContent = alts[index]; }, 600);
  };

  const slider = (event) => event.target.closest?.(".ds-explore .ds-control input");

  document.addEventListener("input", (event) => {
    const input = slider(event);
    if (input) show(input.closest(".ds-explore"), input);
  });

  /* an arrow on a slider moves the slider; nothing else on the page, such as a deck, hears of it */
  window.addEventListener("keydown", (event) => { if (slider(event)) event.stopPropagation(); }, true);
})();
