// Runs once for `browse`, which shows a search, a list or a name in place of the conversation, and
// once for `leaf`, the article beside it. Every place has an address, and links lead there: the page
// stays, and with it what was asked and typed.
const part = element.closest(".block").id;
const root = document.documentElement;
let focused = "";

function show() {
  const view = new URLSearchParams(location.search).get("view") ?? "";
  root.dataset.view = view || "ask";
  for (const link of document.querySelectorAll(".views a[data-view]")) {
    if (link.dataset.view === (view === "name" ? "names" : view)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// What is shown of a view that was left looks so until the next one has come.
function settle() {
  const place = element.querySelector(".place");
  if (place) place.ariaBusy = String(place.dataset.shown !== root.dataset.view);
}

// Goes to an address of the same archive; the language stays, and that of the conversation asks the server nothing.
function go(search) {
  const address = new URL(search, location.href), here = new URLSearchParams(location.search);
  for (const name of ["archive", "lang"])
    if (here.has(name)) address.searchParams.set(name, here.get(name));
  if (address.search !== location.search) history.pushState(null, "", address);
  arrive();
}

function arrive() {
  show();
  settle();
  if (root.dataset.view !== "ask") trigger("go", { place: location.search });
}

function without(name) {
  const address = new URL(location.href);
  for (const one of [name, "at"]) address.searchParams.delete(one);
  return address.search || "?";
}

function showArticle() {
  const dialog = element.querySelector("dialog");
  if (!dialog) return;
  openArticle(dialog, () => {
    const open = new URLSearchParams(location.search).get("article");
    history.replaceState(null, "", without("article"));
    if (open) document.querySelector(`#browse a[href*="article=${CSS.escape(open)}"]`)?.focus();
  });
  dialog.querySelector(focused || "[autofocus]")?.focus();
  focused = "";
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const { article, start, step, only, copied } = button?.dataset ?? {};
  if (copied) copy(button.dataset.copy, button);
  if (article) {
    const address = new URL(location.href);
    address.searchParams.set("article", article);
    address.searchParams.set("at", start);
    focused = step ? `[data-step="${step}"]` : "";
    go(address.search);
  }
  if (only) {
    element.querySelector("dialog:modal")?.close();
    trigger("narrow", { filters: { article: only } });
    document.querySelector('.views a[data-view=""]')?.click();
  }
});

// Leaves out the sources or names that do not have what is typed.
element.addEventListener("input", ({ target }) => {
  if (!target.closest(".sift")) return;
  const wanted = target.value.trim().toLowerCase();
  for (const item of target.closest("section").querySelectorAll("li"))
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
});

element.addEventListener("change", ({ target }) => {
  if (target.matches(".finding select")) target.form.requestSubmit();
});

element.addEventListener("submit", (event) => {
  if (!event.target.matches(".finding")) return;
  event.preventDefault();
  const given = new URLSearchParams(new FormData(event.target));
  for (const [name, value] of [...given]) if (!value) given.delete(name, value);
  focused = `#${document.activeElement.id || "find-words"}`;
  go(`?${given}`);
});

watch("value", () => {
  if (part === "leaf") showArticle();
  else {
    const { view } = root.dataset;
    show();
    settle();
    if (focused) element.querySelector(focused)?.focus();
    else if (view !== "ask" && document.activeElement === document.body) element.querySelector("h2")?.focus();
    focused = "";
  }
});

if (part === "browse") {
  show();
  addEventListener("popstate", arrive);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
    if (link.closest("#browse")) scrollTo({ top: 0 });
  });
}
