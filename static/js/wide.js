// data-open-wide on a details: at a desk it stands open from the start; on a narrow screen one opens it.
import { each } from "./each.js";

each("details[data-open-wide]", (fold) => {
  fold.open = matchMedia("(min-width: 60rem)").matches;
});
