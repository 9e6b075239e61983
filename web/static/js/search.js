/* Suggestions while typing: the combobox of the ARIA practices guide. Without this script the form leads to the results page. */
"use strict";

document.documentElement.classList.add("scripted");

for (const form of document.querySelectorAll("form[data-search]")) {
  const input = form.querySelector("input[name=q]");
  const list = document.createElement("ul");
  list.id = `${input.id}-options`;
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("label").textContent);
  list.hidden = true;
  input.after(list);
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  form.append(status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }

  let options = [];
  let at = -1;
  let running = null;
  let timer = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (n) => {
    at = n;
    options.forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
    if (at < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    }
  };
  const show = (hits) => {
    list.replaceChildren();
    options = hits.map((hit, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.url = hit.url;
      const name = document.createElement("b");
      const isolated = document.createElement("bdi");
      isolated.textContent = hit.name;
      name.append(isolated);
      const detail = document.createElement("small");
      detail.textContent = [hit.kind_name || hit.label_name, hit.detail].filter(Boolean).join(" · ");
      item.append(name, detail);
      return item;
    });
    list.append(...options);
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = options.length ? form.dataset.some.replace("{n}", options.length) : form.dataset.none;
  };
  const ask = async () => {
    const text = input.value.trim();
    running?.abort();
    if (!text) {
      close();
      return;
    }
    running = new AbortController();
    const url = new URL(form.dataset.search, location.href);
    url.searchParams.set("q", text);
    url.searchParams.set("limit", "8");
    try {
      const answer = await fetch(url, { signal: running.signal });
      if (answer.ok) {
        show((await answer.json()).items);
      } else {
        close();
      }
    } catch (problem) {
      if (problem.name !== "AbortError") {
        close();
      }
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 90);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      // whoever chooses is done typing: an answer that comes late must not exchange the list under the choice
      clearTimeout(timer);
      if (!list.hidden) {
        running?.abort();
      }
      if (list.hidden) {
        ask();
      } else if (event.key === "ArrowDown") {
        mark(at + 1 >= options.length ? 0 : at + 1);
      } else {
        mark(at <= 0 ? options.length - 1 : at - 1);
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(options[at].dataset.url);
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-url]");
    if (item) {
      location.assign(item.dataset.url);
    }
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
    close();
  });
}

/* On a narrow screen the filters would push the results out of sight: they start closed, except those in use. */
if (matchMedia("(max-width: 60rem)").matches) {
  for (const box of document.querySelectorAll(".facets details")) {
    box.open = box.querySelector(".on") !== null;
  }
}
