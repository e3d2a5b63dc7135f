// A drop-down of the navigation closes when one looks elsewhere: Escape, a press outside, focus that moves on.
import { bind } from "./bind-behaviour.js";

bind("[data-nav-group]", (group) => {
  const close = () => {
    group.open = false;
  };
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !group.open) return;
    event.stopPropagation();
    close();
    group.querySelector("summary").focus();
  });
  group.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !group.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!group.contains(event.target)) close();
  });
});
