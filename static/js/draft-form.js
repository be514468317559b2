// What draft stands in a form? Its textareas: response (one a turn, with data-role) and, for a pair, prompt and system.

const turns = (form) => [...form.querySelectorAll('textarea[name="response"]')];
const question = (form) => form.querySelector('textarea[name="prompt"]');
const system = (form) => form.querySelector('textarea[name="system"]');

const categories = (form) => [...form.querySelectorAll('input[type="radio"][name="category_id"]')];

/** The draft as the API takes it. Text goes as the field holds it: nothing is trimmed. Its category, where one is chosen. */
export function read(form) {
  const messages = turns(form).map((field) => ({ role: field.dataset.role, content: field.value }));
  const draft = { messages, prompt: question(form)?.value ?? null };
  if (system(form)) draft.system = system(form).value;
  if (categories(form).length) draft.category_id = Number(form.elements.category_id.value) || null;
  return draft;
}

/** The draft that the page was drawn with, whatever has been typed or restored since. */
export function drawn(form) {
  const text = (field) => field.defaultValue.replace(/\r\n?/g, "\n");
  const draft = { messages: turns(form).map((field) => ({ role: field.dataset.role, content: text(field) })), prompt: null };
  if (question(form)) draft.prompt = text(question(form));
  if (system(form)) draft.system = text(system(form));
  if (categories(form).length) draft.category_id = Number(categories(form).find((one) => one.defaultChecked)?.value) || null;
  return draft;
}

/** Where the writer is in the last turn, in code points. */
export function caret(form) {
  const field = turns(form).at(-1);
  return [...field.value.slice(0, field.selectionStart)].length;
}

/** Put a draft into the form. False, and nothing is touched, when it has another number of turns than the form. */
export function fill(form, draft) {
  const fields = turns(form);
  if (fields.length !== draft.messages.length) return false;
  fields.forEach((field, index) => put(field, draft.messages[index].content));
  if (question(form)) put(question(form), draft.prompt ?? "");
  if (system(form)) put(system(form), draft.system ?? "");
  if ("category_id" in draft) choose(categories(form).find((one) => one.value === String(draft.category_id ?? "")));
  return true;
}

function choose(category) {
  if (!category || category.checked) return;
  category.checked = true;
  category.dispatchEvent(new Event("change", { bubbles: true }));
}

function put(field, text) {
  if (field.value === text) return;
  field.value = text;
  field.toggleAttribute("data-has-cr", text.includes("\r"));
  field.dispatchEvent(new Event("draft:filled", { bubbles: true }));
}

/** Whether two drafts say the same, byte for byte. A field cannot hold CR, so a stored CR is never the same. */
export function same(a, b) {
  if ("category_id" in a && "category_id" in b && a.category_id !== b.category_id) return false;
  if (typeof a.system === "string" && typeof b.system === "string" && a.system !== b.system) return false;
  const plain = (draft) => [draft.prompt ?? null, ...draft.messages.map(({ role, content }) => [role, content])];
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** Whether the stored text holds carriage returns that saving from this form would turn into line ends. */
export const losesReturns = (form) => form.querySelector("textarea[data-has-cr]") !== null;

/** Go on although carriage returns become line ends: somebody said yes to it. */
export function acceptLineEnds(form) {
  for (const field of form.querySelectorAll("textarea[data-has-cr]")) field.removeAttribute("data-has-cr");
}

/** The whole draft as one text, for people to compare. */
export const asText = (draft) =>
  [draft.system || null, draft.prompt, ...draft.messages.map(({ content }) => content)].filter((part) => part !== null).join("\n\n");

/** What the category of a draft is called in the form; "" where none is chosen there. */
export function categoryOf(form, draft) {
  const chosen = categories(form).find((one) => one.value === String(draft.category_id ?? ""));
  return chosen?.closest("label").textContent.trim() ?? "";
}

/** The revision that the form was drawn with or last saved as. */
export const revision = (form) => Number(form.elements.revision.value);

/** Note the revision that is stored now, for the next save and for the plain post of the form. */
export function noteRevision(form, number) {
  form.elements.revision.value = String(number);
}
