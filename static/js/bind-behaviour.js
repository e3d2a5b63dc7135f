// Binds a behaviour to elements by selector: those on the page now and those that htmx brings later, each once.
const bound = new WeakMap();

export function bind(selector, start) {
  const run = (root) => {
    const found = root.matches?.(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      const done = bound.get(element) ?? new Set();
      if (done.has(start)) continue;
      done.add(start);
      bound.set(element, done);
      start(element);
    }
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}

// Typing belongs to the field it happens in, and keys with modifiers to the browser.
export function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  return event.target.closest?.("input, textarea, select, [contenteditable]") !== null;
}
