// Elements from values. Text is set as text: nothing that comes from the API becomes markup.

/** A new element with these properties (as of the DOM: className, ariaLabel) and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
