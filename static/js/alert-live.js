// The live view of an alert's camera and its neighbours: asked for when it is opened, ended when it is closed or left.
import { bind } from "./bind-behaviour.js";
import { LiveTiles } from "./live-tiles.js";

bind("[data-live-now]", (root) => {
  const details = root.closest("details");
  let live = details.open ? new LiveTiles(root, { tellsPage: false }) : null; // it may be closed again before they come
  details.addEventListener("toggle", () => {
    live?.stop();
    live = details.open ? new LiveTiles(root, { tellsPage: false }) : null;
  });
});
