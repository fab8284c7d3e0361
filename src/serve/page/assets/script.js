// Makes the search page quick: results while one types, keys, and copying. Without it, the page works with forms and links.
"use strict";
(() => {
  document.documentElement.classList.add("has-script");
  const form = document.getElementById("search");
  const box = document.getElementById("q");
  const results = document.getElementById("results");
  const status = document.getElementById("status");
  if (!form || !box || !results || !status) return;

  const announce = (text) => { status.textContent = text; };
  const items = () => [...results.querySelectorAll(".result")];

  // Buttons that need the script are shown by it.
  const prepare = () => {
    for (const button of results.querySelectorAll(".copy")) button.hidden = false;
    const summary = document.getElementById("summary");
    announce(summary ? summary.dataset.summary : "");
  };

  const address = () => {
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value !== "" && !(name === "min" && value === "60")) parameters.append(name, value);
    }
    return parameters.size > 0 ? "/?" + parameters : "/";
  };

  const exported = () => {
    const link = document.getElementById("export");
    if (!link) return;
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value !== "" && name !== "q" && name !== "min") parameters.append(name, value);
    }
    link.href = "/v1/export.tmx" + (parameters.size > 0 ? "?" + parameters : "");
  };

  let running = null;
  let shown = address();
  const search = async () => {
    const wanted = address();
    exported();
    if (wanted === shown) return;
    shown = wanted;
    history.replaceState(null, "", wanted);
    document.title = box.value === "" ? "bitext" : box.value.slice(0, 200) + " – bitext";
    if (running) running.abort();
    const own = new AbortController();
    running = own;
    try {
      const answer = await fetch(wanted, { headers: { "X-Bitext-Part": "results" }, signal: own.signal });
      const text = await answer.text();
      if (own.signal.aborted) return;
      if (!(answer.headers.get("Content-Type") || "").startsWith("text/html")) {
        announce("The server cannot answer at the moment.");
        shown = "";
        return;
      }
      results.innerHTML = text;
      prepare();
    } catch (error) {
      if (error.name !== "AbortError") {
        announce("The server does not answer.");
        shown = "";
      }
    }
  };

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(search, 80);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });

  const copy = async (item) => {
    let text = item.dataset.copy;
    if (text === undefined && item.dataset.copyFrom) text = await (await fetch(item.dataset.copyFrom)).text();
    if (text === undefined) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without HTTPS, another machine's page has no clipboard; this older way still has.
      const area = document.createElement("textarea");
      area.value = text;
      item.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      item.focus();
    }
    announce("Copied: " + (text.length > 80 ? text.slice(0, 80) + "…" : text));
  };

  results.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button.closest(".result"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const inField = event.target.closest("input, select, textarea");
    const current = event.target.closest(".result");
    const list = items();
    const at = list.indexOf(current);
    const go = (item) => { event.preventDefault(); item.focus(); item.scrollIntoView({ block: "nearest" }); };
    if (event.key === "/" && !inField) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "ArrowDown" && (event.target === box || !inField) && list[at + 1]) {
      go(list[at + 1]);
    } else if (event.key === "ArrowUp" && !inField && at > 0) {
      go(list[at - 1]);
    } else if (event.key === "ArrowUp" && at === 0) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && current) {
      box.focus();
    } else if (event.key === "Enter" && current && event.target === current) {
      const link = current.querySelector(".place");
      if (link) location.assign(link.href);
    } else if (event.key === "c" && !inField && current) {
      event.preventDefault();
      copy(current);
    }
  });

  prepare();
})();
