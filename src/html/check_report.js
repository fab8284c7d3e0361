"use strict";
// Sorts the findings by a column, and hides those without a text. The page is complete without it.
(() => {
  const table = document.querySelector(".findings");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const order = new Intl.Collator(undefined, { numeric: true });
  const key = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const isNumber = "number" in head.dataset;
      const keyed = rows.map((row, at) => [isNumber ? Number(key(row, column)) : key(row, column), at, row]);
      const compare = isNumber ? (a, b) => a - b : order.compare;
      keyed.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]) || a[1] - b[1]);
      body.append(...keyed.map(([, , row]) => row));
    });
  });
  const filter = document.querySelector(".filter");
  const input = filter.querySelector("input");
  const output = filter.querySelector("output");
  filter.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    output.textContent = wanted ? `${shown} of ${rows.length}` : "";
  });
})();
