// Calls of the API: answers as values, refusals as sentences, and the key where one is needed.

import { askForKey } from "./access.js";
import { remember, remembered } from "./remembering.js";
import { t } from "./strings.js";

const KEY = "likeness-api-key";

/** A refusal, or no answer at all; `message` says what was wrong and what to do. */
export class ApiError extends Error {
  /**
   * `status` is 0 where nothing answered; `code` names the kind of problem for programs; `errors`
   * lists {field, message}; `retryAfter` is in seconds, null where none was told.
   */
  constructor({ status, code = "", detail, errors = [], retryAfter = null }) {
    super(detail);
    this.name = "ApiError";
    Object.assign(this, { status, code, detail, errors, retryAfter });
  }
}

/** The key in use, "" for none; it is forgotten with the browser's tab. */
export function apiKey() {
  return remembered("sessionStorage", KEY) ?? "";
}

/** From now on; also told to the page as an event `api-key` of the document. */
export function setApiKey(key) {
  remember("sessionStorage", KEY, key);
  document.dispatchEvent(new CustomEvent("api-key"));
}

/**
 * What `path` answers: JSON as a value, null for 204. `json` is sent as JSON, `body` as it is.
 * Where the service wants a key, the reader is asked for it and the call is made again.
 * Throws ApiError; an aborted call throws AbortError.
 */
export async function call(path, { method = "GET", body, json, signal } = {}) {
  for (;;) {
    const key = apiKey();
    const response = await answer(path, {
      method,
      signal,
      body: json === undefined ? body : JSON.stringify(json),
      headers: {
        ...(json !== undefined && { "Content-Type": "application/json" }),
        ...(key && { "X-Api-Key": key }),
      },
    });
    if (response.ok) return response.status === 204 ? null : read(response, signal);
    const refusal = await refused(response, signal);
    if (refusal.status !== 401) throw refusal;
    // Another call may have been given a key while this one was out.
    if (key === apiKey() && !(await newKey(refusal.message))) throw refusal;
  }
}

async function answer(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ status: 0, detail: t("shared.no_answer") });
  }
}

/** Its JSON. An answer that breaks off in the middle, or a proxy's page, is a refusal as well. */
async function read(response, signal) {
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    const { status } = response;
    if (error instanceof SyntaxError) throw new ApiError({ status, detail: t("shared.odd_answer", { status }) });
    throw new ApiError({ status: 0, detail: t("shared.no_answer") });
  }
}

async function refused(response, signal) {
  const { status } = response;
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    // Not from the service: a proxy before it.
    return new ApiError({ status, retryAfter, detail: t("shared.odd_answer", { status }) });
  }
  const { code, detail, errors } = await read(response, signal);
  return new ApiError({ status, code, detail, errors, retryAfter });
}

let asking = null;

/** Whether there is a new key; calls that fail together ask together. */
async function newKey(reason) {
  asking ??= askForKey(reason).finally(() => {
    asking = null;
  });
  const key = await asking;
  if (key) setApiKey(key);
  return Boolean(key);
}
