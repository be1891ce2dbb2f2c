"use strict";
(() => {
  const value = (row, column, kind) => {
    const cell = row.cells[column];
    if (kind === "text") return cell.textContent.trim();
    return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
  };

  const enliven = (table) => {
    const section = table.closest("section");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...body.rows];
    const filter = section.querySelector("input[type=search]");
    const yardsticks = section.querySelector("input[type=checkbox]");
    const shown = section.querySelector("output");

    const sort = (column) => {
      const head = heads[column];
      const kind = head.dataset.kind;
      const first = kind === "text" ? "ascending" : "descending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const sorted = [...rows].sort((one, two) => {
        const a = value(one, column, kind);
        const b = value(two, column, kind);
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (kind === "text" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
      });
      body.append(...sorted);
    };

    const choose = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        const text = `${row.cells[0].textContent} ${row.cells[1].textContent}`.toLowerCase();
        const fits = words.every((word) => text.includes(word));
        row.hidden = !fits || (!yardsticks.checked && "control" in row.dataset);
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = `${count} of ${rows.length} rows`;
    };

    heads.forEach((head, column) => {
      if (head.dataset.kind === "none") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(column));
    });
    filter.addEventListener("input", choose);
    yardsticks.addEventListener("change", choose);
    section.querySelector(".controls").hidden = false;
    choose();
  };

  document.querySelectorAll("table.ranked").forEach(enliven);

  const players = [...document.querySelectorAll("audio")];
  players.forEach((one) => one.addEventListener("play", () => {
    players.forEach((other) => { if (other !== one) other.pause(); });
  }));
  document.querySelectorAll("a.listen").forEach((link) => link.addEventListener("click", (event) => {
    const player = document.querySelector(`${link.getAttribute("href")} audio`);
    if (player === null) return;
    event.preventDefault();
    player.currentTime = 0;
    player.play();
  }));

  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
  });
})();
