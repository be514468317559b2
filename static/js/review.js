// Which behaviours have the pages on which people judge a text, beyond those of every page?
import "./address.js";
import "./comments.js";
import "./phrases.js";
import "./quotes.js";
import "./rubric.js";
import "./undo.js";
