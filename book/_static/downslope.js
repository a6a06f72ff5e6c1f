/* A box that scrolls sideways can be reached with the keyboard, and says what it is. */
(() => {
  const BOXES = [
    [".bd-article div.math", "Formula"],
    [".bd-article pre", "Code"],
    [".bd-article .cell_output > .output", "Output"],
    [".bd-article .pst-scrollable-table-container", "Table"],
  ];

  function mark() {
    for (const [selector, name] of BOXES) {
      for (const box of document.querySelectorAll(selector)) {
        const scrolls = box.scrollWidth > box.clientWidth + 1;
        if (scrolls) {
          box.tabIndex = 0;
          box.setAttribute("role", "group");
          box.setAttribute("aria-label", `${name}, scrolls sideways`);
        } else if (box.getAttribute("role") === "group") {
          for (const attribute of ["tabindex", "role", "aria-label"]) box.removeAttribute(attribute);
        }
      }
    }
  }

  addEventListener("load", mark);
  addEventListener("resize", mark);
  addEventListener("toggle", mark, true);
})();
