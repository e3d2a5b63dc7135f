// The operator's desk: each behaviour is a module of its own.
import "./alert-list.js";
import "./alert-notify.js";
import "./system-notify.js";
import "./alert-sound.js";
import "./alert-keys.js";
import "./alert-open.js";
import "./alert-claim.js";
import "./alert-live.js";
import "./clip-first.js";
import "./undo-expire.js";
import "./clip-player.js";
import "./clip-region.js";
import "./clip-curve.js";
import "./clip-watched.js";
import "./desk-link-queue.js";
import { openAlertSocket } from "./alert-socket.js";

openAlertSocket();
