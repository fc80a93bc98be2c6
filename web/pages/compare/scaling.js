// A photo of a phone, made as small as the service looks at it, before it is sent again and again.

const LONGEST_SIDE = 2048;
const SMALL_BYTES = 1_500_000;
const QUALITY = 0.92;

/**
 * The picture upright and at most 2048 px a side, as JPEG; small files stay as they are, byte for
 * byte, and so do formats that this browser cannot draw: the service may know them.
 */
export async function scaledDown(file) {
  if (file.size <= SMALL_BYTES) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  const context = canvas.getContext("2d");
  // JPEG has no transparency; the service puts pictures on white as well.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
