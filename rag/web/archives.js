// Runs for the cards of the archives and for the form below them; `element`, `props`, `trigger` and
// `watch` come from Gradio.
const AT_ONCE = 4, TRIES = 7;
const root = document.documentElement;
let chosen = [];  // {file, path}, with the folders of the path where the browser knows them.

// Hidden files and those of the system, as in rag/ingest/hidden.py.
const HIDDEN = /^(?:[.]|~[$]|(?:(?:eh)?thumbs[.]db|desktop[.]ini|icon\r|__macosx|[$]recycle[.]bin)$)/i;
const listed = (path) => !path.split("/").some((part) => HIDDEN.test(part));

// Files of a drop: folders are walked, which takes several readings each.
async function walked(entry, into) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    into.push({ file, path: entry.fullPath.replace(/^\//, "") });
  } else if (entry.isDirectory) {
    const reader = entry.createReader();
    const read = () => new Promise((done, failed) => reader.readEntries(done, failed));
    for (let some = await read(); some.length; some = await read())
      for (const one of some) await walked(one, into);
  }
}

function choose(files) {
  const known = new Map(chosen.map((one) => [one.path, one]));
  for (const one of files) if (listed(one.path)) known.set(one.path, one);
  chosen = [...known.values()];
  if (chosen.length) document.querySelector("#archives [role=alert]")?.remove();
  tell();
}

const size = () => chosen.reduce((sum, { file }) => sum + file.size, 0);

function tell() {
  const output = element.querySelector(".chosen");
  if (!output) return;
  const form = { style: "unit", unit: "megabyte", maximumFractionDigits: size() < 1e7 ? 1 : 0 };
  const megabytes = new Intl.NumberFormat(`${root.lang}-u-nu-latn`, form).format(size() / 1e6);
  const count = new Intl.NumberFormat(`${root.lang}-u-nu-latn`).format(chosen.length);
  output.textContent = chosen.length
    ? output.dataset.chosen.replace("{n}", count).replace("{size}", megabytes) : "";
  const name = element.querySelector("#archive-name");
  if (name && (!name.value || name.value === name.dataset.suggested))
    name.value = name.dataset.suggested = suggested();
}

// The folder that all files are in, or the name of the only file.
function suggested() {
  const tops = new Set(chosen.map(({ path }) => path.includes("/") ? path.split("/")[0] : ""));
  if (tops.size === 1 && !tops.has("")) return [...tops][0];
  return chosen.length === 1 ? chosen[0].path.replace(/\.[^.]*$/, "") : "";
}

async function send(ticket, { file, path }) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(`archives/files/${ticket}`, {
        method: "POST", body: file, headers: { "X-File-Name": encodeURIComponent(path) },
      });
      return answer.ok;
    } catch (error) {  // The connection was lost: it may come back.
      if (attempt === TRIES) return false;
      await new Promise((done) => setTimeout(done, 500 * 2 ** attempt));
    }
  }
}

async function upload({ ticket, archive }, files) {
  let going = true;
  const next = files[Symbol.iterator]();
  const work = async () => {
    for (const one of next) {
      if (going) going = await send(ticket, one) && going;
      if (!going) return;
    }
  };
  const warn = (event) => event.preventDefault();
  addEventListener("beforeunload", warn);
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  removeEventListener("beforeunload", warn);
  trigger("received", { archive });
}

element.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  choose([...target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
  target.value = "";  // So that the same can be chosen again.
});

const drop = ({ target }) => target.closest?.(".drop");
element.addEventListener("dragover", (event) => {
  if (!drop(event)) return;
  event.preventDefault();
  drop(event).classList.add("over");
});
element.addEventListener("dragleave", (event) => drop(event)?.classList.remove("over"));
element.addEventListener("drop", async (event) => {
  if (!drop(event)) return;
  event.preventDefault();
  drop(event).classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [];
  for (const entry of entries.filter(Boolean)) await walked(entry, files);
  choose(files);
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = new FormData(event.target), { archive } = event.target.dataset;
  if (event.target.matches(".renaming")) {
    trigger("act", { do: "renamed", archive, name: said.get("name") });
  } else {
    trigger("create", {
      archive, name: said.get("name") ?? "", folder: suggested(),
      place: said.get("path") ?? "", files: chosen.length, bytes: size(),
    });
  }
});

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-do]");
  if (button) trigger("act", { do: button.dataset.do, archive: button.dataset.archive ?? "" });
});

// What is asked has the focus once; where what had it is gone, the card has it.
let asked = "", card = "";
element.addEventListener("focusin", ({ target }) => { card = target.closest("li")?.id ?? ""; });
watch("value", () => {
  element.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  const field = element.querySelector("[data-focus]");
  if (field && field.id !== asked) field.focus();
  else if (card && document.activeElement === document.body)
    element.querySelector(`#${card} :is(a, button, summary)`)?.focus();
  asked = field?.id ?? "";
});
watch("upload", () => {
  const files = chosen, form = element.querySelector("form.making");
  chosen = [];
  form?.reset();  // What was asked for is under way.
  form?.closest("details")?.removeAttribute("open");
  tell();
  if (props.upload.ticket) upload(props.upload, files);
});
