/* Keys, and texts to start from. Everything here can be done without it. */
"use strict";
(() => {
  const editable = (element) => element.closest("input,textarea,select,[contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  let place = -1;
  let waiting = false;

  const move = (step) => {
    const found = rows();
    if (!found.length) return;
    found.forEach((row) => row.classList.remove("at"));
    place = Math.max(0, Math.min(found.length - 1, place + step));
    const row = found[place];
    row.classList.add("at");
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector("a,summary");
    if (link) link.focus();
  };

  const keys = () => {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  };

  const go = (number) => {
    const links = document.querySelectorAll(".top nav a");
    const link = links[number - 1];
    if (link) link.click();
  };

  const write = () => {
    const heading = document.getElementById("write") || document.getElementById("plan");
    const field = heading && heading.parentElement.querySelector("textarea,input:not([type=hidden])");
    if (field) {
      field.focus();
      return;
    }
    const link = document.querySelector('[data-row].at a[href$="#write"], a[href$="#write"]');
    if (link) link.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || editable(event.target)) return;
    if (waiting && /^[1-9]$/.test(event.key)) {
      waiting = false;
      event.preventDefault();
      go(Number(event.key));
      return;
    }
    waiting = event.key === "g";
    const search = document.querySelector("[data-search]");
    const acts = { j: () => move(1), k: () => move(-1), u: write, "?": keys };
    if (search) acts["/"] = () => search.focus();
    if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-keys")) keys();
    if (button.hasAttribute("data-es")) {
      document.getElementById("text-es").value = button.dataset.es;
      document.getElementById("text-en").value = button.dataset.en;
      document.getElementById("text-es").focus();
    }
  });

  /* What could not be renewed says of when it is: a page that stays green is worse than none. */
  const old = document.getElementById("old");
  if (old) {
    let renewed = Date.now();
    const said = old.querySelector("span");
    const time = () => new Date(renewed).toLocaleTimeString(document.documentElement.lang, { hour12: false });
    const pattern = said.textContent.replace(/\d\d:\d\d:\d\d/, "{t}");
    const show = () => {
      said.textContent = pattern.replace("{t}", time());
      old.hidden = false;
    };
    ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, show));
    document.addEventListener("htmx:afterSwap", () => {
      renewed = Date.now();
      old.hidden = true;
    });
    setInterval(() => {
      if (!document.hidden && Date.now() - renewed > 150000) show();
    }, 10000);
  }

  /* What changes is fetched when it changes, once a second at most; without a stream, each minute. */
  if (document.querySelector("[data-live]") && "EventSource" in window) {
    let due = null;
    const changed = () => {
      due = due || setTimeout(() => {
        due = null;
        const live = document.querySelector("[data-live]");
        if (live) htmx.trigger(live, "estado:changed");
      }, 1000 + Math.random() * 1000);
    };
    let stream = null;
    const listen = () => {
      stream = new EventSource("/events");
      ["incident", "maintenance", "check", "configuration", "monitor", "reset"].forEach((kind) => stream.addEventListener(kind, changed));
      stream.addEventListener("message", changed);
      /* What changed since the page was made, or while there was no stream, is told by none. */
      stream.addEventListener("open", changed);
      /* One that was refused does not come again by itself. */
      stream.addEventListener("error", () => {
        if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 15000 + Math.random() * 15000);
      });
    };
    listen();
    window.addEventListener("pagehide", () => stream.close());
  }

  /* Nobody looks: nothing is asked for. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });

  /* A heading that was jumped to leads on to what is written there. */
  const jump = () => {
    if (location.hash === "#write" || location.hash === "#plan") write();
  };
  window.addEventListener("hashchange", jump);
  jump();
})();
