// Runs before the first paint, so that the page does not flash in the wrong theme. Dark unless the person chose light.
document.documentElement.dataset.theme = localStorage.getItem("paca.theme") === "light" ? "light" : "dark";
