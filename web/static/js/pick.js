/* Suggestions of the search in the fields of a question. The server decides what a name means; without this script it asks back. */
let count = 0;

for (const input of document.querySelectorAll("input[data-pick]")) {
  const list = document.createElement("datalist");
  list.id = `pick-${++count}`;
  input.after(list);
  input.setAttribute("list", list.id);
  let running = null;
  let timer = 0;
  const ask = async () => {
    running?.abort();
    const text = input.value.trim();
    if (text.length < 2) {
      list.replaceChildren();
      return;
    }
    running = new AbortController();
    const url = new URL(input.dataset.search, location.href);
    url.searchParams.set("q", text);
    url.searchParams.set("label", input.dataset.pick);
    try {
      const answer = await fetch(url, { signal: running.signal });
      if (answer.ok) {
        const names = new Set((await answer.json()).items.map((h) => h.name));
        list.replaceChildren(...[...names].map((name) => Object.assign(document.createElement("option"), { value: name })));
      }
    } catch (problem) {
      if (problem.name !== "AbortError") {
        list.replaceChildren();
      }
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
}
