// Which behaviours does a page have? One a file, each bound to its data- attribute; see README.md.
import "./autosave.js";
import "./caret.js";
import "./copy.js";
import "./counts.js";
import "./drawer.js";
import "./gone.js";
import "./grows.js";
import "./hints.js";
import "./keys.js";
import "./loads.js";
import "./no-eval.js";
import "./opens.js";
import "./refusals.js";
import "./returns.js";
import "./sign-out.js";
import "./theme.js";
