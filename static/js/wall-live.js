// The tiles of the wall, and the large one of a camera's own page.
import { LiveTiles } from "./live-tiles.js";

new LiveTiles(document.querySelector("[data-live]"), { tellsPage: true });
