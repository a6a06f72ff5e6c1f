// Arrow keys belong to the slider that has the focus; without this they would turn the slide as well.
document.addEventListener("DOMContentLoaded", () => {
  document.body.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, button, textarea, [tabindex], .jupyter-widgets")) event.stopPropagation();
  });
});
