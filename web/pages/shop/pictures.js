// Pictures of the catalogue in the size they are shown.

const SIDES = [160, 320, 640];

/** Has `image` show a kept copy (an address of the API), as large as its place needs it. */
export function showPicture(image, address) {
  image.srcset = SIDES.map((side) => `${scaled(address, side)} ${side}w`).join(", ");
  image.src = scaled(address, 320);
}

/** The address of a kept copy scaled down to `side` pixels. */
export function scaled(address, side) {
  return address.replace(/\.jpg$/, `/${side}.jpg`);
}
