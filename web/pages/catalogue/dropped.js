// What was dropped or chosen, as a flat list of `{file, path}`: `path` has "/" between folders and
// starts with the name of the folder that was dropped.

/** Files of a drop, those in folders included. Must be called while the drop is being handled. */
export async function droppedFiles(transfer) {
  // Both can only be asked for now; after the first await the transfer is empty. What is dragged
  // out of another page, not out of a folder, has a file but no entry.
  const items = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = [];
  for (const { entry, file } of items) {
    found.push(...(entry ? await filesOf(entry) : [{ file, path: file.name }]));
  }
  return found.filter(isVisible);
}

/** Files of an <input type="file">, with or without `webkitdirectory`. */
export function chosenFiles(input) {
  return [...input.files]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(isVisible);
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const found = [];
  for (const child of await children(entry)) found.push(...(await filesOf(child)));
  return found;
}

/** All entries of a folder; browsers hand them out in portions, the last of which is empty. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) return all;
    all.push(...portion);
  }
}

/** The indexer passes over hidden files; they need not travel. */
function isVisible({ path }) {
  return !path.split("/").some((part) => part.startsWith(".")) && !/(^|\/)__MACOSX\//.test(path);
}
