// Runs once for each gr.HTML of ours; `element`, `trigger` and `watch` come from Gradio.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-article], [data-question]");
  if (!button) return;
  const { article, start, end, question } = button.dataset;
  if (question) trigger("edit", { question });
  else trigger("click", { article, start: Number(start), end: Number(end) });
});

if (element.closest("#conversation")) element.setAttribute("aria-live", "polite");

let writing = false;
watch("value", () => {
  const dialog = element.querySelector("dialog");
  if (dialog) {
    // Gradio renders only what changed: emptied, the same article can be opened again.
    dialog.addEventListener("close", () => { props.value = ""; }, { once: true });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("mark")?.scrollIntoView({ block: "center" });
    return;
  }
  // Not while sentences come, nor when they end: the reader may have scrolled on.
  const turn = element.querySelector(".turn:last-of-type");
  if (!writing) turn?.scrollIntoView({ block: "start" });
  writing = Boolean(turn?.querySelector(".writing"));
});
