// What every page does; each behaviour is a module of its own.
import "./theme-toggle.js";
import "./notice-close.js";
import "./connection-state.js";
import "./age-tick.js";
import "./nav-group.js";
import "./focus-keep.js";
