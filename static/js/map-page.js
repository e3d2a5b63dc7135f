// The map: each behaviour is a module of its own.
import "./map-live.js";
import "./map-view.js";
import "./alert-notify.js";
import { openAlertSocket } from "./alert-socket.js";

openAlertSocket();
