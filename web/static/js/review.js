// Keys of the review: an element with data-key is pressed by that key, unless somebody is typing.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, select, textarea")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const wanted = document.documentElement.lang === "en" && key === "y" ? "j" : key;
  const found = document.querySelector(`[data-key="${CSS.escape(wanted)}"]`);
  if (found) {
    event.preventDefault();
    found.click();
  }
});
