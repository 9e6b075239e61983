/* The page of a text: the legend filters and a statement marks its sentence without loading the page anew; the address keeps both. */
"use strict";

const legend = document.getElementById("legend");
const said = document.getElementById("said");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const keep = (change) => {
  const address = new URL(location.href);
  change(address);
  history.replaceState(null, "", address);
};

legend.addEventListener("change", () => {
  const hidden = new Set(new FormData(legend).getAll("hide"));
  for (const mark of document.querySelectorAll(".mark[data-tag]")) {
    const off = hidden.has(mark.dataset.tag);
    mark.classList.toggle("off", off);
    if (off && mark.hasAttribute("href")) {
      mark.dataset.href = mark.getAttribute("href");
      mark.removeAttribute("href");
    } else if (!off && mark.dataset.href) {
      mark.setAttribute("href", mark.dataset.href);
      delete mark.dataset.href;
    }
  }
  keep((address) => {
    address.searchParams.delete("hide");
    hidden.forEach((tag) => address.searchParams.append("hide", tag));
  });
});

const choose = (link) => {
  const sentence = link.dataset.sentence;
  const runs = [...document.querySelectorAll(".said")];
  const chosen = runs.filter((run) => run.dataset.said.split(" ").includes(sentence));
  runs.forEach((run) => run.classList.toggle("chosen", chosen.includes(run)));
  for (const other of said.querySelectorAll("[data-sentence]")) {
    const same = other.dataset.sentence === sentence;
    other.closest("li").classList.toggle("chosen", same);
    if (same) {
      other.setAttribute("aria-current", "true");
    } else {
      other.removeAttribute("aria-current");
    }
  }
  keep((address) => {
    address.searchParams.set("sentence", sentence);
    address.hash = `s-${sentence.split("-")[0]}`;
  });
  if (legend.elements.sentence) {
    legend.elements.sentence.value = sentence;
  }
  if (chosen.length) {
    chosen[0].tabIndex = -1;
    chosen[0].focus({ preventScroll: true });
    chosen[0].scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }
};

said?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-sentence]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    choose(link);
  }
});
