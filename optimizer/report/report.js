"use strict";
(() => {
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const said = document.getElementById("said");

  // Empty cells come last, whichever way a table is sorted.
  const compare = (first, second, numeric, sign) => {
    const a = numeric ? first.dataset.key : first.textContent;
    const b = numeric ? second.dataset.key : second.textContent;
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * (numeric ? Number(a) - Number(b) : words.compare(a, b));
  };

  const sort = (table, head) => {
    const column = head.cellIndex;
    const numeric = head.classList.contains("number");
    // Numbers begin with the largest, words with the first.
    const before = head.getAttribute("aria-sort");
    const first = numeric ? "descending" : "ascending";
    const other = numeric ? "ascending" : "descending";
    const order = before === first ? other : first;
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => compare(a.cells[column], b.cells[column], numeric, sign));
    body.append(...rows);
    for (const cell of head.parentElement.cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    said.textContent = `${table.caption.textContent}: sorted by ${head.textContent}, ${order}`;
  };

  for (const table of document.querySelectorAll(".scroll > table")) {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head));
      head.append(button);
    }
  }
})();
