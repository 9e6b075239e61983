/* The page of a job that is being worked on: asks how far it is, at first every second, later more seldom; loads the page anew when it is over. */
"use strict";
let pause = 1000;
const look = async () => {
  const here = document.getElementById("progress");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("progress");
    if (now && (now.dataset.state !== here.dataset.state || now.dataset.task !== here.dataset.task) && !["waiting", "running"].includes(now.dataset.state)) {
      location.reload();
      return;
    }
    if (now) {
      const said = now.querySelector("[role=status]").textContent;
      const status = here.querySelector("[role=status]");
      if (status.textContent !== said) status.textContent = said;
      here.querySelector("progress").replaceWith(now.querySelector("progress"));
    }
  } catch {
    pause = 10000; // the network is away: the next look is later
  }
  pause = Math.min(pause * 1.2, 10000);
  setTimeout(look, pause);
};
setTimeout(look, pause);
