/* <ds-cheat-sheet>: show the rows that match what is chosen; the address keeps the choice. */
(() => {
  "use strict";

  class CheatSheet extends HTMLElement {
    connectedCallback() {
      // Between its tags and its own script, a parser may not have come yet to what it holds.
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.connectedCallback(), { once: true });
        return;
      }
      this.form = this.querySelector("form");
      this.rows = [...this.querySelectorAll("tr[data-family]")];
      this.listening = new AbortController();
      const { signal } = this.listening;
      this.form.addEventListener("change", () => { this.narrow(); this.keep(); }, { signal });
      this.form.addEventListener("reset", () => setTimeout(() => { this.narrow(); this.keep(); }), { signal });
      this.form.addEventListener("submit", (event) => event.preventDefault(), { signal });
      addEventListener("hashchange", () => {
        this.recall();
        // rows above it may have come back
        document.getElementById(location.hash.slice(1))?.scrollIntoView();
      }, { signal });
      this.form.hidden = false;
      this.recall();
    }

    disconnectedCallback() {
      this.listening?.abort();
    }

    get selects() {
      return [...this.form.querySelectorAll("select")];
    }

    /* An address such as #family=Adam: what it does not name, or names wrongly, is not narrowed. */
    recall() {
      const asked = new URLSearchParams(location.hash.slice(1));
      for (const select of this.selects) {
        select.value = asked.get(select.name) ?? "";
        if (select.selectedIndex < 0) select.value = "";
      }
      this.narrow();
    }

    keep() {
      const chosen = this.selects.filter((select) => select.value).map((select) => [select.name, select.value]);
      const hash = chosen.length ? `#${new URLSearchParams(chosen)}` : location.pathname + location.search;
      history.replaceState(history.state, "", hash);
    }

    narrow() {
      for (const row of this.rows) {
        row.hidden = this.selects.some(({ name, value }) => value && row.dataset[name] !== value);
      }
      for (const family of this.querySelectorAll("tbody")) {
        family.hidden = !family.querySelector("tr[data-family]:not([hidden])");
      }
      const shown = this.rows.filter((row) => !row.hidden).length;
      this.form.querySelector("output").textContent = `${shown} of ${this.rows.length} optimizers`;
      dispatchEvent(new Event("resize")); // boxes that scroll may have come into sight
    }
  }

  if (!customElements.get("ds-cheat-sheet")) customElements.define("ds-cheat-sheet", CheatSheet);
})();
