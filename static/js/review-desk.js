// A second review: the clip and the keys of the desk, without its queue, its socket and what tells of the confidence.
import "./clip-player.js";
import "./clip-region.js";
import "./clip-watched.js";

// after a decision there is nothing to press
if (document.querySelector("[data-help-dialog]")) import("./alert-keys.js");
