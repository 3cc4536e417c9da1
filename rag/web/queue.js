// Runs in the gr.HTML of the questions that wait; `element`, `props`, `trigger` and `watch` come from
// Gradio. Owns the question box: what is typed there, and what was asked and has no answer yet, is
// kept by the tab, so that neither an answer nor a reload takes any of it.
const archive = new URLSearchParams(location.search).get("archive") ?? "";
const KEPT = `byline.asked${archive && `.${archive}`}`;
const BOX = "#question textarea";

let { waiting, typed: draft } = kept();  // Oldest first.
let last = Math.max(0, ...waiting.map(({ id }) => id));  // No number is given twice.
let underWay = null;
let spoken = "";  // The language in which that is answered.
let begun = false;  // Whether the page can be asked.
let covered = false;  // The conversation was rendered anew, and shows no more what is under way.

const typed = () => document.querySelector(BOX)?.value ?? "";
const rest = () => waiting.filter((one) => one !== underWay || covered);

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ typed: typed() || draft, waiting }));
  } catch { /* The tab has no room for it. */ }
}

function kept() {
  try {
    const { typed = "", waiting = [] } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const sound = waiting.filter(({ id, question }) => id > 0 && typeof question === "string");
    return { typed: String(typed), waiting: sound };
  } catch {
    return { typed: "", waiting: [] };
  }
}

function fill(text) {
  const box = document.querySelector(BOX);
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function add(question, alone = false) {
  last += 1;
  waiting.push({ id: last, question, alone });
  next();
}

// Asks the first one that can be asked, if it is its turn.
function next() {
  const first = waiting.find((one) => !one.refused);
  if (begun && !underWay && first) {
    underWay = first;
    covered = false;
    spoken = document.documentElement.lang;
    // The server may hear of a new conversation before it hears of this.
    const { conversation } = document.documentElement.dataset;
    trigger("ask", { ...underWay, conversation: Number(conversation ?? 0) });
  }
  show();
}

function remove(gone) {
  waiting = waiting.filter((one) => one !== gone);
  show();
}

// The answer has come, or will not: what was refused goes back into the box or, where that is not
// empty, waits for the reader.
function ended() {
  const refused = begun && waiting.find((one) => one === underWay);
  underWay = null;
  if (refused && typed().trim()) refused.refused = true;
  else if (refused) edit(refused);
  next();
  if (spoken !== document.documentElement.lang) document.dispatchEvent(new Event("byline:anew"));
}

// Takes one into the box; what is typed there takes its place.
function edit(one) {
  const before = typed();
  fill(one.question);
  if (before.trim()) Object.assign(one, { question: before, alone: false, refused: false });
  else remove(one);
}

function show() {
  keep();
  const section = element.querySelector(".queue");
  if (!section) return;
  // Gradio's label holds the button, too.
  document.querySelector(BOX).ariaLabel = section.dataset.box;
  const list = section.querySelector("ol"), row = section.querySelector("template").content;
  section.hidden = !rest().length;
  list.replaceChildren(...rest().map((one) => {
    const item = row.cloneNode(true).firstElementChild;
    item.querySelector(".words").textContent = one.question;
    for (const part of item.querySelectorAll(".why, .again")) part.hidden = !one.refused;
    for (const button of item.querySelectorAll("button")) {
      button.dataset.id = one.id;
      button.ariaLabel = `${button.textContent}: ${one.question}`;
      button.disabled = one === underWay;
    }
    return item;
  }));
}

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const one = waiting.find(({ id }) => id === Number(button.dataset.id));
  if (button.matches(".again")) one.refused = false;
  else if (button.matches(".remove")) remove(one);
  else edit(one);
  next();
  document.querySelector(BOX).focus();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches?.(BOX)) keep();
});

// Before Gradio, whose own event comes a moment later, with what is typed in that moment.
function submit(event) {
  event.preventDefault();
  event.stopPropagation();
  const question = typed();
  if (!question.trim()) return;
  fill("");
  add(question);
}
document.addEventListener("keydown", (event) => {
  const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
  if (enter && event.target.matches?.(BOX)) submit(event);
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#question .submit-button")) submit(event);
}, true);

document.addEventListener("byline:ask", ({ detail: { question, alone, once } }) => {
  if (!once || !waiting.some((one) => one.question === question)) add(question, alone);
});
document.addEventListener("byline:fill", ({ detail: { text } }) => {
  fill([typed().trim(), text].filter(Boolean).join(" "));
  document.querySelector(BOX).focus();
});
document.addEventListener("byline:restart", () => {
  waiting = [];
  show();
});
document.addEventListener("byline:ended", () => setTimeout(ended));  // After what came with it.

watch("done", () => {
  remove(waiting.find(({ id }) => id === props.done));
});
watch("begun", () => {
  begun = props.begun > 0;
  covered = underWay !== null;
  if (begun && draft) {
    if (!typed()) fill(draft);
    draft = "";
  }
  next();
});
watch("value", show);
