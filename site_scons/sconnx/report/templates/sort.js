// Tables that can be sorted: each heading becomes a button. Without this the rows stay as they are.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  heads.forEach((head, column) => {
    const isText = !head.matches(".number, .index");
    const first = head.matches(".number") ? "descending" : "ascending";
    const value = row => {
      const text = row.cells[column].textContent;
      return isText ? text : text && Number(text.replaceAll(",", ""));
    };
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach(each => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      // What has no value is last in either order; equal rows keep their first order.
      body.append(...[...rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        return sign * (isText ? x.localeCompare(y, "en") : x - y);
      }));
    });
  });
}
