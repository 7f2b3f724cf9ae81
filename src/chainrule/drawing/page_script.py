"""What makes the page of a graph move: its script and its style sheet.

Without the script, groups still open by their summaries, and numbers are those of the first block.
"""

from __future__ import annotations

STYLE = """
.cr-page{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:14px;
 background:var(--paper);color:var(--ink);padding:8px 12px}
.cr-page .cr-bar{display:flex;flex-wrap:wrap;gap:12px;align-items:baseline;margin-bottom:8px}
.cr-page .cr-bar span,.cr-page .cr-step{color:var(--soft)}
.cr-page button,.cr-page input{font:inherit;color:inherit;background:var(--operation);
 border:1px solid var(--frame-line);border-radius:5px;padding:2px 10px}
.cr-page input{width:5em}
.cr-page .cr-picture{overflow:auto}
.cr-page details{border-left:3px solid var(--group-line);margin:8px 0 8px 4px;padding-left:12px}
.cr-page summary{cursor:pointer;font-weight:600;padding:3px 0}
.cr-page [role=button]{cursor:pointer}
.cr-page [role=button]:focus{outline:none}
.cr-page [role=button]:focus-visible .box,.cr-page [role=button]:hover .box{stroke-width:2.6}
.cr-page [aria-expanded=true] .box{stroke-width:2.6}
.cr-page :is(button,summary,input):focus-visible{outline:2px solid var(--input-line);
 outline-offset:2px}
"""

# NAME stands for the id of the page. Widths of lines as in svg.py, on one scale for all blocks.
SCRIPT = """
(() => {
  const here = document.currentScript;  // the same output may be shown twice
  const page = here?.closest(".cr-page") ?? document.getElementById("NAME");
  const all = [...page.querySelectorAll("details")];
  const boxes = [...page.querySelectorAll("[role=button]")];
  for (const details of all) {
    const own = boxes.filter((box) => box.getAttribute("aria-controls") === details.id);
    details.addEventListener("toggle", () => {
      for (const box of own) box.setAttribute("aria-expanded", String(details.open));
    });
  }
  for (const box of boxes) {
    const details = page.querySelector("#" + box.getAttribute("aria-controls"));
    const turn = () => {
      details.open = !details.open;
      if (details.open) details.scrollIntoView({ block: "nearest", behavior: "smooth" });
    };
    box.addEventListener("click", turn);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      turn();
    });
  }
  for (const button of page.querySelectorAll("[data-all]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const details of all) details.open = button.dataset.all === "open";
    });
  }
  for (const data of page.querySelectorAll('script[type="application/json"]')) {
    const details = data.parentElement;
    const child = (name) => [...details.children].find((x) => x.matches(name));
    const field = child(".cr-step").querySelector("input");
    const picture = child(".cr-picture");
    const { numbers, labels } = JSON.parse(data.textContent);
    const norms = numbers.flat().map((edge) => edge[2]).filter((x) => x > 0 && x < 1e300);
    const largest = Math.log10(norms.reduce((a, b) => Math.max(a, b), 0) || 1);
    const put = (parent, kind, text) => {
      const place = parent.querySelector("." + kind);
      if (place) place.textContent = text;
    };
    const tell = (parent, [value, gradient, norm]) => {
      const title = parent.querySelector("title");
      const lines = [title.textContent.split("\\n")[0], value && "value " + value];
      if (gradient) lines.push("derivative " + gradient);
      if (norm !== null) lines.push("its norm " + Number(norm).toPrecision(4));
      title.textContent = lines.filter(Boolean).join("\\n");
    };
    const show = () => {
      const block = Math.min(Math.max(Math.round(field.value) || 1, 1), numbers.length) - 1;
      const edges = numbers[block];
      for (const label of picture.querySelectorAll("[data-edge]")) {
        const edge = edges[label.dataset.edge];
        put(label, "value", edge[0]);
        put(label, "gradient", edge[1]);
        tell(label, edge);
      }
      for (const route of picture.querySelectorAll("[data-edges]")) {
        const found = route.dataset.edges.split(" ").map((i) => edges[i]);
        const norm = Math.max(...found.map((edge) => (edge[2] === null ? -1 : edge[2])));
        tell(route, found[0]);
        const scaled = Math.min(1, Math.max(0, 1 + (Math.log10(norm) - largest) / 6));
        const line = route.querySelector(".line");
        line.classList.toggle("none", norm === 0);
        line.setAttribute("stroke-width", norm < 0 ? 1.2 : norm === 0 ? 1 : 1 + 2.2 * scaled);
      }
      for (const [key, each] of Object.entries(labels)) {
        const box = picture.querySelector(`[data-node="${key}"]`);
        if (box) put(box, "label", each[block]);
      }
    };
    field.disabled = false;
    field.addEventListener("input", show);
    show();
  }
})();
"""
