// A photo becomes a small JPEG without EXIF or GPS, before it leaves the browser.

const SIDE = 1024;

/** Return {blob, url} of the picture, no side over SIDE; null where this browser cannot read the file. */
export async function shrink(file) {
  let picture;
  try {
    // As it is to be seen: a phone stores most photos lying on their side. HEIC where the browser reads it (Safari).
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    picture = await loaded(file);
  }
  if (!picture) return null;
  const blob = await drawn(picture, picture.width, picture.height);
  picture.close?.();
  return blob && { blob, url: URL.createObjectURL(blob) };
}

/** Return the picture an <img> shows as a JPEG, for a page that was loaded with its photo in it. */
export function copied(img) {
  return img?.naturalWidth ? drawn(img, img.naturalWidth, img.naturalHeight) : null;
}

async function loaded(file) {
  const img = new Image();
  img.src = URL.createObjectURL(file);
  try {
    await img.decode();
    return img;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(img.src);
  }
}

function drawn(picture, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { alpha: false });
  // Transparent parts become white, as on the server.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
}
