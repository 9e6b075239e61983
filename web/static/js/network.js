/* Draws the network with vis-network. Positions and sizes come from the server; colours from the style sheet, light or dark. */
"use strict";

/* The data is asked for while the page (a table of up to a thousand rows) is still being read, and drawn when it stands. */
const early = document.currentScript.dataset.early;
const asked = early ? fetch(early) : null;
asked?.catch(() => {}); // said where it is used
/* While it is «interactive» the deferred scripts (vis) may not have run yet: only the event says that they have. */
const stands = document.readyState === "complete" ? Promise.resolve() : new Promise((done) => {
  document.addEventListener("DOMContentLoaded", done);
  window.addEventListener("load", done);
});

const VARIABLES = { Company: "company", University: "university", ResearchInstitute: "research", PublicBody: "public", Association: "association", unknown: "unknown" };
const dark = matchMedia("(prefers-color-scheme: dark)");

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/* Colours of all kinds at once: asking the style sheet for each of a thousand nodes costs more than drawing them. */
const palette = () => {
  const ink = color("ink");
  const surface = color("surface");
  return Object.fromEntries(Object.entries(VARIABLES).map(([kind, name]) => {
    const background = color(name);
    return [kind, {
      color: { background, border: surface, highlight: { background, border: ink }, hover: { background, border: ink } },
      font: { color: ink, strokeColor: surface, strokeWidth: 3, face: "system-ui, sans-serif" },
    }];
  }));
};

const painted = (nodes) => {
  const of = palette();
  return nodes.map((n) => ({ id: n.id, color: of[n.kind].color, font: { ...of[n.kind].font, size: n.step === 0 ? 18 : 13 } }));
};

const draw = (box, data) => {
  const borderWidth = data.nodes.length > 400 ? 0.5 : 1.5;
  const colors = painted(data.nodes);
  const nodes = new vis.DataSet(data.nodes.map((n, i) => ({ ...n, ...colors[i], borderWidth })));
  const edges = new vis.DataSet(data.edges.map((e, i) => ({ ...e, id: i })));
  const edgeColors = () => ({ color: color("edge"), highlight: color("accent"), hover: color("accent") });
  const small = box.classList.contains("small");
  const network = new vis.Network(box, { nodes, edges }, {
    autoResize: true,
    physics: false,
    layout: { improvedLayout: false },
    interaction: { hover: data.nodes.length <= 400, hideEdgesOnDrag: data.edges.length > 300, hideEdgesOnZoom: data.edges.length > 300, tooltipDelay: 120, dragNodes: false, zoomView: !small, keyboard: false },
    nodes: { scaling: { label: { drawThreshold: 6 } } },
    edges: { smooth: false, color: edgeColors(), scaling: { min: 0.6, max: 7 }, selectionWidth: 1, hoverWidth: 0 },
  });
  dark.addEventListener("change", () => {
    nodes.update(painted(data.nodes));
    network.setOptions({ edges: { color: edgeColors() } });
  });
  network.fit({ animation: false });
  box.dataset.ready = String(data.nodes.length);
  network.on("click", (event) => {
    if (event.nodes.length) {
      location.assign(data.nodes[event.nodes[0]].url);
    }
  });
  network.on("hoverNode", () => { box.style.cursor = "pointer"; });
  network.on("blurNode", () => { box.style.cursor = ""; });
  return { network, nodes, edges };
};

/* The page of its own: legend, least number of projects, table, keyboard; all of it kept in the address. */
const connect = (box, data, { network, nodes, edges }) => {
  const form = document.getElementById("controls");
  const rows = new Map([...document.querySelectorAll("#table tr[data-node]")].map((r) => [Number(r.dataset.node), r]));
  const shown = document.getElementById("shown");
  const selected = document.getElementById("selected");
  const count = new Intl.NumberFormat(shown.dataset.lang);
  let visible = new Set(data.nodes.map((n) => n.id));
  let cut = new Set();

  const apply = () => {
    const values = new FormData(form);
    const hidden = new Set(values.getAll("hide"));
    const least = Math.max(1, Number(values.get("least")) || 1);
    const before = visible;
    visible = new Set(data.nodes.filter((n) => n.step === 0 || !(hidden.has(n.kind) || (n.step === 1 && n.shared > 0 && n.shared < least))).map((n) => n.id));
    // only what changed: on a first look nothing has to be drawn again
    const changed = data.nodes.filter((n) => visible.has(n.id) !== before.has(n.id));
    changed.forEach((n) => {
      if (rows.has(n.id)) {
        rows.get(n.id).hidden = !visible.has(n.id);
      }
    });
    if (changed.length) {
      nodes.update(changed.map((n) => ({ id: n.id, hidden: !visible.has(n.id) })));
    }
    const cutBefore = cut;
    cut = new Set();
    data.edges.forEach((e, i) => {
      if (!visible.has(e.from) || !visible.has(e.to) || (e.shared > 0 && e.shared < least)) {
        cut.add(i);
      }
    });
    const turned = data.edges.map((_, i) => i).filter((i) => cut.has(i) !== cutBefore.has(i));
    if (turned.length) {
      edges.update(turned.map((i) => ({ id: i, hidden: cut.has(i) })));
    }
    shown.textContent = shown.dataset.text.replace("{n}", count.format(visible.size - 1)).replace("{all}", count.format(Number(shown.dataset.all)));
    const address = new URL(location.href);
    address.search = "";
    for (const [name, value] of values) {
      if (!(name === "least" && least === 1)) {
        address.searchParams.append(name, value);
      }
    }
    history.replaceState(null, "", address);
  };
  const focus = (id) => {
    network.selectNodes([id]);
    rows.forEach((r, n) => r.classList.toggle("marked", n === id));
  };

  form.addEventListener("change", (event) => {
    if (event.target.name === "steps" || event.target.name === "limit") {
      form.requestSubmit();
    } else {
      apply();
    }
  });
  for (const [id, row] of rows) {
    row.addEventListener("focusin", () => focus(id));
    row.addEventListener("mouseenter", () => focus(id));
  }
  let at = 0;
  box.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const ids = data.nodes.map((n) => n.id).filter((id) => visible.has(id));
    if (move) {
      event.preventDefault();
      at = ids[(ids.indexOf(at) + move + ids.length) % ids.length];
      focus(at);
      network.moveTo({ position: network.getPosition(at), animation: false });
      selected.textContent = data.nodes[at].title;
    } else if (event.key === "Enter") {
      location.assign(data.nodes[at].url);
    } else if (event.key === "+" || event.key === "-") {
      network.moveTo({ scale: network.getScale() * (event.key === "+" ? 1.25 : 0.8), animation: false });
    }
  });
  apply();
};

stands.then(() => {
  for (const box of document.querySelectorAll("[data-network]")) {
    (box.dataset.network === early ? asked : fetch(box.dataset.network))
      .then((answer) => {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.json();
      })
      .then((data) => {
        const drawn = draw(box, data);
        if (document.getElementById("controls")) {
          connect(box, data, drawn);
        }
      })
      .catch((problem) => {
        const text = document.createElement("p");
        text.className = "failed";
        text.textContent = box.dataset.failed;
        box.replaceChildren(text);
        box.dataset.ready = "failed";
        if (!/^\d+$/.test(problem.message)) {
          throw problem;
        }
      });
  }
});
