// A field that files are dropped on.

/**
 * `well` is marked while something is dragged over it; what is dropped there goes to
 * `dropped(transfer)`, while the drop is being handled. `mayTake()` says whether it would be taken
 * now: the pointer shows it.
 */
export function takeDrops(well, { dropped, mayTake = () => true }) {
  const over = (is) => well.classList.toggle("is-over", is);
  // Browsers let fall what was not taken at its last step: over one element for a while, or newly
  // over the next, which may be any of those within.
  for (const kind of ["dragenter", "dragover"]) {
    well.addEventListener(kind, (event) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = mayTake() ? "copy" : "none";
      over(true);
    });
  }
  well.addEventListener("dragleave", ({ relatedTarget }) => over(well.contains(relatedTarget)));
  well.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (mayTake()) dropped(event.dataTransfer);
  });
}
