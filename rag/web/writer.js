// The switch that lets a model write; runs once, as app.js does.
element.addEventListener("change", ({ target }) => {
  if (target.name === "write") trigger("write", { model: target.checked ? "look" : "" });
  if (target.name === "model") trigger("write", { model: target.value });
});
element.addEventListener("submit", (event) => event.preventDefault());

// Gradio keeps elements and changes attributes, which a field that was touched does not follow.
watch("value", () => element.querySelector("form")?.reset());
