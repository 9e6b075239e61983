/* Completion in the console: words of the vocabulary that the page itself lists. Tab always leaves the field, Escape closes the list. */
const area = document.getElementById("cypher");
const form = document.getElementById("console");
const KEYWORDS = ["MATCH", "OPTIONAL MATCH", "WHERE", "RETURN", "RETURN DISTINCT", "WITH", "UNWIND", "ORDER BY", "LIMIT", "SKIP", "AND", "OR", "NOT", "IN", "CONTAINS", "STARTS WITH", "ENDS WITH", "EXISTS", "count", "collect", "CASE", "WHEN", "THEN", "ELSE", "END", "AS", "DESC", "IS NULL", "IS NOT NULL", "UNION"];
const words = (kind) => [...new Set([...document.querySelectorAll(`#vocabulary [data-word="${kind}"]`)].map((e) => e.textContent))];
const VOCABULARY = { label: words("label"), type: words("type"), property: words("property"), keyword: KEYWORDS };
const PHRASES = [...document.querySelectorAll("#vocabulary [data-phrase]")].map((a) => ({ text: a.textContent, url: a.href }));

const list = document.createElement("ul");
list.id = "cypher-options";
list.className = "options";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", area.dataset.options);
list.hidden = true;
const status = document.createElement("p");
status.className = "hidden";
status.setAttribute("role", "status");
area.after(list, status);
area.setAttribute("aria-autocomplete", "list");
area.setAttribute("aria-controls", list.id);
area.setAttribute("aria-haspopup", "listbox");

let options = [];
let at = -1;

const close = () => {
  list.hidden = true;
  options = [];
  at = -1;
  area.removeAttribute("aria-activedescendant");
};
const mark = (n) => {
  at = (n + options.length) % options.length;
  [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
  area.setAttribute("aria-activedescendant", list.children[at].id);
  list.children[at].scrollIntoView({ block: "nearest" });
};

/* What stands before the caret says which words fit there. */
const wanted = (asked) => {
  const before = area.value.slice(0, area.selectionStart);
  const word = before.match(/[\p{L}\p{N}_]*$/u)[0];
  const lead = before.slice(0, before.length - word.length);
  const place = /\[[^\]]*[:|]$/.test(lead) ? "type" : /[(\w]:$/.test(lead) ? "label" : /\w\.$/.test(lead) || /\{\s*$|\{[^}]*,\s*$/.test(lead) ? "property" : "keyword";
  const found = word || asked || place !== "keyword" ? VOCABULARY[place].filter((w) => w.toLowerCase().startsWith(word.toLowerCase()) && w !== word).slice(0, 12).map((text) => ({ text, word })) : [];
  if (place === "keyword" && !lead.trim() && word.length > 2) {
    found.push(...PHRASES.filter((p) => p.text.toLowerCase().includes(word.toLowerCase())).slice(0, 6));
  }
  return found;
};
const show = (asked) => {
  const found = area.selectionStart === area.selectionEnd ? wanted(asked) : [];
  close();
  options = found;
  list.replaceChildren(...found.map((o, i) => {
    const item = document.createElement("li");
    item.id = `${list.id}-${i}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.textContent = o.text;
    return item;
  }));
  list.hidden = found.length === 0;
  status.textContent = found.length ? area.dataset.some.replace("{n}", found.length) : "";
};
const take = (n) => {
  const { text, word, url } = options[n];
  if (url) {
    location.assign(url);
    return;
  }
  area.setRangeText(text, area.selectionStart - word.length, area.selectionStart, "end");
  close();
  area.focus();
};

area.addEventListener("input", () => show(false));
area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    show(true);
  } else if (list.hidden) {
    return;
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    take(at);
  } else if (event.key === "Escape") {
    event.preventDefault();
    close();
  } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
    close();
  }
});
area.addEventListener("blur", () => setTimeout(close, 150));
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const n = [...list.children].indexOf(event.target.closest("li"));
  if (n >= 0) {
    take(n);
  }
});

const said = document.getElementById("said");
if (said?.dataset.line) {
  const jump = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: said.dataset.jump });
  jump.addEventListener("click", () => {
    const lines = area.value.split("\n");
    const start = lines.slice(0, said.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Number(said.dataset.column) - 1;
    area.focus();
    area.setSelectionRange(start, Math.min(start + 1, area.value.length));
  });
  said.append(jump);
}
