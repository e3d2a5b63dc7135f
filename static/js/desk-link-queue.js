// The queue's side of two linked windows.
import { bind } from "./bind-behaviour.js";
import { isLinked, select, tell } from "./desk-link.js";
import { isDeciding } from "./queue-calm.js";
import { rowOf } from "./queue-merge.js";

bind("#alert", (alert) => {
  const { openAlert, camera, cameraName } = alert.dataset;
  select(openAlert ? { alert: Number(openAlert), camera: Number(camera), name: cameraName } : { camera: null });
});

document.addEventListener("paca:partner", ({ detail }) => {
  if (!isLinked() || !Number.isInteger(detail.alert)) return;
  const open = document.querySelector("[data-open-alert]")?.dataset.openAlert;
  if (open === String(detail.alert)) return;
  if (isDeciding()) {
    tell({ isBusy: true });
    return; // what is being written is worth more than a click in another window
  }
  const link = rowOf(String(detail.alert))?.querySelector("a");
  if (link) link.click();
  else location.assign(`/alerts/${detail.alert}/`);
});
