// Whoever works by keyboard keeps their place: where the element that had the focus is taken away, by a swap or by a
// timer (`paca:removed`), the focus goes to the one that took its place, or else to the heading of what is shown.
let last = null;

// What names the alert on the desk, or says that there is none.
export const alertName = () => [...document.querySelectorAll("#alert h1")].find((name) => name.checkVisibility());

document.addEventListener("focusin", (event) => (last = event.target));

function successor() {
  const key = last.dataset.key;
  const same = last.id ? document.getElementById(last.id) : key ? document.querySelector(`#alert [data-key="${key}"]`) : null;
  return same ?? alertName() ?? document.getElementById("main");
}

function keep() {
  const isLost = last && !last.isConnected && (document.activeElement ?? document.body) === document.body;
  if (isLost) successor().focus({ preventScroll: true });
}

document.addEventListener("htmx:afterSettle", keep);
document.addEventListener("paca:removed", keep);
