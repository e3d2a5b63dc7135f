// Setting the two points of a plan by pressing on its picture; the fields are the truth and can be written by hand.
const root = document.querySelector("[data-plan-points]");
const picture = root.querySelector("[data-plan-picture]");
const marks = root.querySelector("[data-plan-marks]");
const field = (name) => root.querySelector(`[name=${name}]`);
const POINTS = ["first", "second"];
let next = field("first_x").value && !field("second_x").value ? 1 : 0;

const isTwo = () => root.querySelector("[name=way]:checked")?.value !== "scale";

function draw() {
  const width = Number(marks.viewBox.baseVal.width);
  marks.replaceChildren();
  POINTS.slice(0, isTwo() ? 2 : 1).forEach((point, index) => {
    const [x, y] = ["x", "y"].map((name) => field(`${point}_${name}`).value);
    if (x === "" || y === "") return;
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "g");
    mark.setAttribute("transform", `translate(${Number(x)} ${Number(y)}) scale(${width / 100})`);
    mark.innerHTML = `<path d="M-2 0H2M0 -2V2"/><text x="1" y="-1">${index + 1}</text>`;
    marks.append(mark);
  });
  for (const part of root.querySelectorAll("[data-way]")) part.hidden = (part.dataset.way === "points") !== isTwo();
}

picture.addEventListener("click", (event) => {
  const box = picture.getBoundingClientRect();
  const point = POINTS[isTwo() ? next : 0];
  field(`${point}_x`).value = (((event.clientX - box.left) / box.width) * picture.naturalWidth).toFixed(1);
  field(`${point}_y`).value = (((event.clientY - box.top) / box.height) * picture.naturalHeight).toFixed(1);
  field(`${point}_latitude`).focus();
  next = 1 - next;
  draw();
});
root.addEventListener("input", draw);
root.querySelector("[data-plan-hint]").hidden = false;
draw();
