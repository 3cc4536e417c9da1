// What app.js and browse.js share, which each begin with it: an article beside the conversation or
// beside a list, and the copying of a text.
const WIDE = matchMedia("(min-width: 62rem)");

// Writes a text to the clipboard; the button says for a moment that it has.
async function copy(text, button) {
  const said = button.dataset.said ??= button.textContent;
  const name = button.dataset.name ??= button.ariaLabel ?? said;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = button.ariaLabel = button.dataset.copied;
  } catch {
    window.prompt("", text);
  }
  setTimeout(() => {
    button.textContent = said;
    button.ariaLabel = name;
  }, 1500);
}

// Scrolls an article to the quote that is set apart, or else to the first.
function showQuote(dialog) {
  const text = dialog?.querySelector(".article-text");
  const mark = dialog?.querySelector("mark.active") ?? dialog?.querySelector("mark");
  if (mark) text.scrollTop += mark.getBoundingClientRect().top - text.getBoundingClientRect().top
    - text.clientHeight / 3;
}

// Opens the article that was rendered, beside what is shown or, where there is no room and `over`,
// over it; calls `closed` once it is closed. Gradio renders only what changed: emptied, the same
// article can be opened again.
function openArticle(dialog, closed, over = true) {
  dialog.addEventListener("close", () => {
    props.value = "";
    closed();
  }, { once: true });
  if (WIDE.matches) {
    dialog.setAttribute("open", "");
    if (dialog.getBoundingClientRect().bottom < 0) dialog.scrollIntoView();  // Of a quote far below.
  }
  else if (over && !dialog.open) dialog.showModal();
  showQuote(dialog);
}
