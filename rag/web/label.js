// The page of `byline eval label`. Text of articles is only ever put in as text.
"use strict";
const $ = (id) => document.getElementById(id);
let now = null;
let marks = [];

async function call(path, values) {
  const sent = values && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) };
  let answer;
  try {
    answer = await fetch(path, sent || {});
  } catch {
    $("error").textContent = "Byline has ended. Start it again: what was saved is kept.";
    throw new Error("gone");
  }
  const found = await answer.json();
  $("error").textContent = found.error || "";
  if (found.error) throw new Error(found.error);
  return found;
}

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, dir: "auto" }, more);
}

// Articles count characters as Python does; a browser counts two for what is beyond the BMP.
const characters = (text) => [...text].length;

// What is marked and typed but not saved yet outlives a reload and a look at another question.
function keep() {
  if (now.id !== null) sessionStorage.setItem(now.id, JSON.stringify([marks, $("story").value, $("note").value]));
}

function changeMarks(change) {
  change();
  keep();
  showMarks();
}

function showMarks() {
  $("marks").replaceChildren(...marks.map((mark, at) => {
    const item = document.createElement("li");
    const remove = element("button", "Remove", { className: "small" });
    remove.setAttribute("aria-label", `Remove ${mark.quote}`);
    remove.onclick = () => changeMarks(() => marks.splice(at, 1));
    item.append(element("q", mark.quote), remove);
    return item;
  }));
  $("none").hidden = marks.length > 0;
  $("save").disabled = marks.length === 0;
  $("unanswered").disabled = marks.length > 0;
  for (const text of document.querySelectorAll(".text")) paint(text);
}

function paint(place) {
  const passage = now.passages[place.dataset.at];
  const letters = [...passage.text];
  const inside = letters.map((_, at) => marks.some((mark) => mark.document === passage.document
    && mark.start <= passage.start + at && passage.start + at < mark.end));
  place.replaceChildren();
  for (let at = 0; at < letters.length;) {
    let end = at;
    while (end < letters.length && inside[end] === inside[at]) end++;
    const piece = letters.slice(at, end).join("");
    place.append(inside[at] ? Object.assign(document.createElement("mark"), { textContent: piece }) : piece);
    at = end;
  }
}

function marked() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const place = (range.startContainer.parentElement || document.body).closest(".text");
  if (!place || !place.contains(range.endContainer)) return;
  const before = document.createRange();
  before.selectNodeContents(place);
  before.setEnd(range.startContainer, range.startOffset);
  const text = range.toString();
  const quote = text.trim();
  if (!quote) return;
  const passage = now.passages[place.dataset.at];
  const start = passage.start + characters(before.toString()) + characters(text) - characters(text.trimStart());
  const mark = { document: passage.document, start, end: start + characters(quote), quote };
  selection.removeAllRanges();
  if (!marks.some((one) => one.document === mark.document && one.start === mark.start && one.end === mark.end)) {
    changeMarks(() => marks.push(mark));
  }
}

async function show(id) {
  now = await call(id ? `state?id=${encodeURIComponent(id)}` : "state");
  const done = now.questions.filter((one) => one.done).length;
  $("progress").textContent = `${done} of ${now.questions.length} questions are labelled.`;
  const has = now.id !== null;
  $("asked").textContent = has ? now.question : now.questions.length ? "All questions are labelled." : "Add a question first.";
  $("labelling").hidden = $("how").hidden = !has;
  const kept = has && sessionStorage.getItem(now.id);
  const { evidence, story, note } = now.label || { evidence: [], story: "", note: "" };
  [marks, $("story").value, $("note").value] = kept ? JSON.parse(kept) : [[...evidence], story, note];
  $("passages").replaceChildren(...now.passages.map((passage, at) => {
    const item = document.createElement("li");
    const text = element("p", passage.text, { className: "text" });
    text.dataset.at = at;
    item.append(element("h3", passage.title), element("p", passage.told, { className: "told" }), text);
    return item;
  }));
  $("nothing").hidden = !has || now.passages.length > 0;
  $("questions").replaceChildren(...now.questions.map((one) => {
    const item = document.createElement("li");
    const open = element("button", `${one.done ? "✓ " : ""}${one.text}`);
    open.onclick = () => show(one.id);
    item.append(open);
    return item;
  }));
  showMarks();
}

async function save(evidence) {
  await call("label", { id: now.id, seen: now.label, evidence, story: $("story").value, note: $("note").value });
  sessionStorage.removeItem(now.id);
  await show();
  scrollTo(0, 0);
}

document.addEventListener("mouseup", () => setTimeout(marked));
document.addEventListener("keyup", (event) => { if (event.key === "Shift") marked(); });
$("save").onclick = () => save(marks);
$("unanswered").onclick = () => save([]);
$("add").onsubmit = async (event) => {
  event.preventDefault();
  await call("question", { text: $("text").value });
  $("text").value = "";
  await show(now.id);
};
$("story").oninput = $("note").oninput = keep;
$("finish").onclick = async () => {
  const found = await call("finish", {});
  const agreed = found.agreement.map((one) => `${one.people.join(" and ")} agree on ${one.same} of ${one.questions}`
    + (one.kappa === null ? "." : `, kappa ${one.kappa.toFixed(2)}.`));
  const aside = found.disagreed ? `, ${found.disagreed} set aside, as people disagree` : "";
  $("written").textContent = [`Written: ${found.dev} questions for development, ${found.test} for tests${aside}.`, ...agreed].join(" ");
};
show();
