/* A box that scrolls sideways can be reached with the keyboard, and says what it is. */
(() => {
  const BOXES = [
    [".bd-article div.math", "Formula"],
    [".bd-article .cell_output > ol > li > p:first-child", "Step"],
    [".bd-article pre", "Code"],
    [".bd-article .cell_output > .output", "Output"],
    [".bd-article .pst-scrollable-table-container", "Table"],
  ];

  function mark() {
    const boxes = BOXES.flatMap(([selector, name]) => [...document.querySelectorAll(selector)].map((box) => [box, name]));
    // all reads before all writes: else the page would be laid out once a box
    const scrolling = boxes.map(([box]) => box.scrollWidth > box.clientWidth + 1);
    boxes.forEach(([box, name], i) => {
      if (scrolling[i]) {
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", `${name}, scrolls sideways`);
      } else if (box.getAttribute("role") === "group") {
        for (const attribute of ["tabindex", "role", "aria-label"]) box.removeAttribute(attribute);
      }
    });
  }

  addEventListener("load", mark);
  addEventListener("resize", mark);
  addEventListener("toggle", mark, true);
})();
