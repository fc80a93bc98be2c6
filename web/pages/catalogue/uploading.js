// POST /v1/jobs with files. By XMLHttpRequest, since fetch does not tell how far an upload is.

import { ApiError, apiKey } from "../api.js";
import { t } from "../strings.js";

/**
 * Sends the files and resolves to the job that was queued.
 *
 * `onProgress(share)` is called with 0 to 1. Aborting `signal` ends the upload with an AbortError;
 * a refusal is thrown as an ApiError, as by `call`.
 */
export function upload(files, { collection, prune, categoryFromFolders, onProgress, signal }) {
  const body = new FormData();
  if (collection) body.append("collection", collection);
  body.append("prune", String(prune));
  body.append("category_from_folders", String(categoryFromFolders));
  // Fields first: the service reads a body in order, and can refuse it before the files.
  for (const { file, path } of files) body.append("file", file, path);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/jobs");
    if (apiKey()) request.setRequestHeader("X-Api-Key", apiKey());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText));
      else reject(refusal(request));
    });
    request.addEventListener("error", () =>
      reject(new ApiError({ status: 0, detail: t("shared.no_answer") })),
    );
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** What `call` makes of a refusal, from the other kind of request. */
function refusal(request) {
  const { status } = request;
  if (!request.getResponseHeader("Content-Type")?.startsWith("application/problem+json")) {
    return new ApiError({ status, detail: t("shared.odd_answer", { status }) });
  }
  return new ApiError({ status, ...JSON.parse(request.responseText) });
}
