// Runs once for each gr.HTML of ours; `element`, `props`, `trigger` and `watch` come from Gradio.
const part = element.closest(".block").id;
// Each archive has a conversation of its own in a tab.
const archive = new URLSearchParams(location.search).get("archive") ?? "";
const own = archive && `.${archive}`;
const KEPT = `byline.conversation${own}`, FILTERS = `byline.filters${own}`;
const FIELDS = ["author", "section", "language", "format"];

const root = document.documentElement;
const tab = storage();

// What the tab keeps: nothing in a frame of another site, as a Space is, where the browser lets
// such frames keep nothing.
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

// What the browser knows: what this tab kept, which documents are asked, and the link that was
// followed, until its page has come.
function begin(language) {
  const read = (name) => tab?.getItem(name) ?? "";
  const scope = document.querySelector("#documents [name=scope]:checked")?.value ?? "archive";
  const search = root.dataset.search ?? location.search;
  const archives = new URLSearchParams(location.search).has("archives");
  const asked = { archive, archives, search, scope, place: location.search };
  trigger("begin", { language, kept: read(KEPT), filters: read(FILTERS), ...asked });
}

function keep(name, value) {
  try {
    if (value) tab?.setItem(name, value);
    else tab?.removeItem(name);
  } catch {
    tab?.removeItem(name);  // No room for it: a reload begins anew.
  }
}

function download({ name, type, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// What the script of the queue is to do with a question.
function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`byline:${name}`, { detail }));
}

function narrow(form) {
  const chosen = new FormData(form);
  const filters = { sources: chosen.getAll("source"), article: form.dataset.article };
  for (const name of FIELDS) filters[`${name}s`] = chosen.getAll(name).filter(Boolean);
  for (const name of ["since", "until"]) filters[name] = chosen.get(name) ?? "";
  trigger("narrow", { filters });
}

// After a part was rendered anew, what was open is open and what had the focus has it again; or,
// where that is gone, what comes next to it.
let focused = "";
const NEXT = {
  filters: "#narrow-down > summary", documents: "#own button", batch: "#many button",
  standing: "#stand button",
};
const BOX = "#question textarea";
const idOf = (target) => target?.id ? `#${CSS.escape(target.id)}` : NEXT[part] ?? "";
function refocus() {
  if (focused && document.activeElement === document.body)
    (element.querySelector(focused) ?? document.querySelector(NEXT[part] ?? focused))?.focus();
  focused = "";
}

const open = new Set();
element.addEventListener("toggle", ({ target }) => {
  if (target.id) open[target.open ? "add" : "delete"](target.id);
}, true);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  const { article, start, end, turn, step, ask, alone, filters, only, save } = button.dataset;
  focused = step ?? idOf(button);
  if (article) {
    // What the view shows already is not rendered anew.
    showQuote(document.querySelector("#reader dialog[open]"));
    trigger("open", { article, start: Number(start), end: Number(end), turn: Number(turn) });
  }
  else if (ask) {
    tell("ask", { question: ask, alone: Boolean(alone) });
    if (button.dataset.then) tell("ask", { question: button.dataset.then });
  }
  else if (filters) {
    trigger("narrow", { filters: JSON.parse(filters) });
    if (button.dataset.fill) tell("fill", { text: button.dataset.fill });
  }
  else if (only) {
    trigger("narrow", { filters: { article: only } });
    element.querySelector("dialog:modal")?.close();
  }
  else if (save) trigger("save", { what: save, turn: turn ? Number(turn) : null });
  else if (button.dataset.fill) tell("fill", { text: button.dataset.fill });
  else if (button.dataset.copy) copy(button.dataset.copy, button);
  else if ("restart" in button.dataset) {
    focused = BOX;
    root.dataset.conversation = Number(root.dataset.conversation ?? 0) + 1;
    tell("restart");
    trigger("restart", { conversation: Number(root.dataset.conversation) });
  }
  else if ("remove" in button.dataset) trigger("remove", { what: button.dataset.remove });
  else if ("skip" in button.dataset) {
    event.preventDefault();
    document.querySelector(BOX).focus();
  }
  else if ("stop" in button.dataset) trigger("stop");
  else if ("look" in button.dataset) trigger("look");
  else if (button.dataset.link) {
    event.preventDefault();
    copy(new URL(button.dataset.link, location.href.split(/[?#]/)[0]).href, button);
  } else if (button.dataset.language) {
    event.preventDefault();
    const address = new URL(location.href);
    address.searchParams.set("lang", button.dataset.language);
    history.replaceState(null, "", address);
    root.dataset.chosen = button.dataset.language;
    begin(button.dataset.language);
  }
});

element.addEventListener("change", ({ target }) => {
  focused = idOf(target);
  if (target.name === "source" || FIELDS.includes(target.name)) narrow(target.form);
  if (target.matches(".narrow [type=text]")) target.value = "";  // What was typed is taken.
  if (target.name === "scope") trigger("choose", { scope: target.value });
});

// A date is taken when it is complete: by Enter, or when the reader goes on. (With two fields and
// no button, Enter submits no form by itself.)
function dated(field, next) {
  if (field.type !== "date" || field.value === field.defaultValue) return;
  field.defaultValue = field.value;
  focused = next;
  narrow(field.form);
}

element.addEventListener("focusout", ({ target, relatedTarget }) => {
  dated(target, relatedTarget ? idOf(relatedTarget) : "");
});
element.addEventListener("keydown", ({ target, key }) => {
  if (key === "Enter") dated(target, idOf(target));
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (!event.target.matches("form.edit textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

element.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.matches(".narrow")) narrow(form);
  if (form.matches(".stand")) {
    focused = ".stand [name=question]";
    trigger("stand", Object.fromEntries(new FormData(form)));
  }
  if (form.matches(".edit")) {
    const { question } = Object.fromEntries(new FormData(form));
    if (question.trim()) tell("ask", { question, alone: true });
    form.parentElement.open = false;
  }
  if (!form.matches(".rating")) return;
  const said = new FormData(form);
  const turn = Number(form.dataset.turn);
  focused = `#turn-${turn} .tools button`;
  trigger("rate", { turn, verdict: said.get("verdict"), note: said.get("note") });
});

function showArticle() {
  const dialog = element.querySelector("dialog");
  if (!dialog) return;
  openArticle(dialog, () => { if (called?.isConnected) called.focus(); }, "called" in dialog.dataset);
  const step = dialog.querySelector(`[data-step="${focused}"]`) ?? dialog.querySelector("[data-step]");
  if (focused.endsWith("_quote")) step?.focus();
  focused = "";
}

// What the article was opened by, which has the focus again when it is closed.
let called = null;
if (part === "reader") document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-article]");
  if (button && !element.contains(button)) called = button;
}, true);

let shown = "";
function showTurn() {
  const turn = [...element.querySelectorAll(".turn")].at(-1);
  const answered = turn?.querySelector(".claim, .verdict");
  const key = turn ? turn.id + Boolean(answered) : "";
  // Not while sentences come, nor when the turn was only rendered anew.
  if (key !== shown && !turn?.querySelector(".writing")) turn?.scrollIntoView({ block: "start" });
  shown = key;
  // How sure it is comes before the quotes.
  const told = [".state, .short, .differ, .verdict", ".claim .words:not(details .words)", ".note:only-of-type"]
    .flatMap((kind) => [...turn?.querySelectorAll(kind) ?? []]);
  document.getElementById("told").textContent = told.map((e) => e.textContent).join(" ");
}

watch("value", () => {
  for (const id of open) element.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  // Gradio keeps elements and changes attributes, which a field that was touched does not follow.
  for (const form of element.querySelectorAll(".narrow, .scope, .stand")) form.reset();
  if (part === "reader") showArticle();
  else {
    if (part === "conversation") {
      showTurn();
      tell("rendered");
    }
    refocus();
  }
});

if (part === "courier") {
  let again;
  watch("page", () => {
    clearTimeout(again);
    const { page } = props, { chosen } = root.dataset;
    root.lang = page.language ?? root.lang;
    root.dir = page.direction ?? root.dir;
    if (page.ask) tell("ask", { question: page.ask, once: true });
    if ("ask" in page) root.dataset.search = "";  // Else the archive is still being opened.
    // Of languages chosen one after the other the last counts, whichever page came last.
    if (chosen && page.language && page.language !== chosen) begin(chosen);
    else if (page.again) again = setTimeout(() => begin(chosen ?? root.lang), 500);
  });
  document.addEventListener("byline:anew", () => begin(root.dataset.chosen ?? root.lang));
  watch("kept", () => keep(KEPT, props.kept));
  watch("filters", () => keep(FILTERS, props.filters));
  watch("file", () => download(props.file));
  const language = new URLSearchParams(location.search).get("lang") ?? navigator.language;
  // Text that is drawn before its font is there can stay boxes in Chromium.
  const fonts = [['1em "Byline Khmer"', "ខ"], ['1em "Byline Urdu"', "ا"]];
  Promise.allSettled(fonts.map(([font, letter]) => document.fonts.load(font, letter)))
    .then(() => begin(language));
}
