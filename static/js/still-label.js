// Labelling by keyboard: two numbers with Enter, U cannot tell, B back, S skip. The form works without it.
import { bind } from "./bind-behaviour.js";

bind("[data-still-form]", (form) => {
  const [visible, uncovered] = [form.elements.visible, form.elements.uncovered];
  visible.focus();
  visible.select();

  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === visible) {
      event.preventDefault(); // nobody means to store one number
      uncovered.focus();
      uncovered.select();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    if (/^\d$/.test(key) && event.target !== visible && event.target !== uncovered) {
      visible.focus(); // the browser writes the digit there
      visible.value = "";
      return;
    }
    const to = { u: "[data-still-unclear]", b: "[data-still-back]", s: "[data-still-skip]" }[key];
    const control = to && document.querySelector(to);
    if (!control) return;
    event.preventDefault();
    control.click();
  });
});
