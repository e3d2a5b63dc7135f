// Words in the person's language, from the catalogue that the page has loaded; the English ones where it has not.
export const gettext = (text) => globalThis.django?.gettext?.(text) ?? text;
export const ngettext = (one, many, count) => globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);

// Sentences of the line from camera to mask, which knows no languages: the table stands in the page (cameras/line_words.py).
export function lineWords(text) {
  const table = Object.entries(JSON.parse(document.getElementById("line-words")?.textContent ?? "{}"));
  const known = table.find(([words]) => text.includes(words));
  return known ? text.replace(...known) : text;
}

// fill("No frame for {seconds} s", { seconds: 4 })
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
