// data-opens="id" opens the dialog of that id; a dialog closes by Escape, or by a button in its form method="dialog".
// On a link to #id the dialog opens without a script too, by its address.

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (!opener) return;
  event.preventDefault();
  const dialog = document.getElementById(opener.dataset.opens);
  if (dialog && !dialog.open) dialog.showModal();
});
