// Runs in the gr.HTML of the notebook; `element`, `props`, `trigger` and `watch` come from Gradio.
// The browser keeps the notebook of each archive, for every tab and the next visit.
const archive = new URLSearchParams(location.search).get("archive") ?? "";
const KEPT = `byline.notebook${archive && `.${archive}`}`;
const FIELDS = ["question", "article_id", "start", "end", "quote", "note"];

let { title, pins } = kept();
let before = null;  // The notebook before something was removed, until it is changed again.
let open = false;
let gone = [];  // The quotes that were found to hold no more, when it was taken away.

function kept() {
  try {
    const { title = "", pins = [] } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return { title: String(title), pins: pins.filter((pin) => typeof pin.quote === "string") };
  } catch {
    return { title: "", pins: [] };
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ title, pins }));
  } catch {
    element.querySelector("summary .count").textContent = "!";  // No room for it.
  }
}

const same = (one, other) => ["question", "article_id", "start", "end"]
  .every((field) => one[field] === other[field]);

// The pin of a button in the conversation.
function of(button) {
  const asked = button.closest(".turn")?.querySelector("h2")?.textContent ?? "";
  return { question: asked, note: "", ...JSON.parse(button.dataset.pin) };
}

function changed() {
  keep();
  show();
}

function remove(left) {
  before = pins;
  pins = left;
  changed();
}

function toggle(pin) {
  if (pins.some((one) => same(one, pin))) remove(pins.filter((one) => !same(one, pin)));
  else {
    before = null;
    pins = [...pins, pin];
    changed();
  }
}

function move(at, by) {
  const to = at + by;
  if (!pins[to]) return;
  [pins[at], pins[to]] = [pins[to], pins[at]];
  gone = [];
  changed();
  const moved = element.querySelectorAll("li.pinned")[to];
  moved.querySelector(`[data-move="${by < 0 ? "up" : "down"}"]`).focus();
}

function row(template, pin, at) {
  const item = template.cloneNode(true).firstElementChild;
  for (const [part, text] of [[".asked", pin.question], [".words", pin.quote]])
    item.querySelector(part).textContent = text;
  item.querySelector(".asked").hidden = pins[at - 1]?.question === pin.question;
  item.querySelector(".origin").textContent = [pin.title, pin.origin].filter(Boolean).join(" · ");
  item.querySelector(".gone").hidden = !gone.includes(at);
  item.querySelector("textarea").value = pin.note;
  for (const part of item.querySelectorAll("button, textarea")) {
    part.dataset.at = at;
    if (part.matches("button")) part.ariaLabel = `${part.textContent}: ${at + 1}`;
  }
  return item;
}

function show() {
  const fold = element.querySelector("#notebook-fold");
  if (!fold) return;
  fold.open = open;
  fold.querySelector(".count").textContent = pins.length ? `(${pins.length})` : "";
  fold.querySelector(".none").hidden = pins.length > 0;
  fold.querySelector(".some").hidden = !pins.length;
  fold.querySelector(".undo").hidden = before === null;
  fold.querySelector("[name=title]").value = title;
  const template = fold.querySelector("template").content;
  fold.querySelector("ol").replaceChildren(...pins.map((pin, at) => row(template, pin, at)));
  press();
}

// The buttons of the quotes that are pinned say so.
function press() {
  for (const button of document.querySelectorAll("#conversation [data-pin]")) {
    const pin = of(button);
    button.ariaPressed = String(pins.some((one) => same(one, pin)));
  }
}

const ACTIONS = {
  up: (at) => move(at, -1),
  down: (at) => move(at, 1),
  drop: (at) => remove(pins.filter((_, other) => other !== at)),
  show: (at) => trigger("open", { pin: sent(pins[at]) }),
};
const sent = (pin) => Object.fromEntries(FIELDS.map((field) => [field, pin[field]]));

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { at, move, take } = button.dataset;
  if (move) ACTIONS[move](Number(at));
  else if (take) trigger("take", { what: take, notebook: { title, pins: pins.map(sent) } });
  else if ("empty" in button.dataset) remove([]);
  else if ("undo" in button.dataset) {
    pins = before;
    before = null;
    changed();
  }
});
element.addEventListener("toggle", ({ target }) => {
  open = target.open;
}, true);
element.addEventListener("input", ({ target }) => {
  if (target.name === "title") title = target.value;
  else if (target.dataset.at) pins[target.dataset.at].note = target.value;
  keep();
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("#conversation [data-pin]");
  if (button) toggle(of(button));
});
document.addEventListener("byline:rendered", press);
window.addEventListener("storage", ({ key }) => {
  if (key !== KEPT) return;
  ({ title, pins } = kept());
  show();
});

watch("gone", () => {
  gone = props.gone.pins ?? [];
  show();
});
watch("value", show);
