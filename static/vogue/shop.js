// Small comforts. Every page works without them.

document.documentElement.classList.add("scripted");

// Filters apply as soon as a choice is made; typed prices wait for Enter or the button.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  // On a narrow screen the filters cover the page: there several are chosen before the button is pressed.
  const wide = matchMedia("(min-width: 60rem)");
  let byKey = false;
  // Arrow keys move through radio buttons and choose on the way; sending then would take the focus away.
  form.addEventListener("keydown", () => { byKey = true; });
  form.addEventListener("pointerdown", () => { byKey = false; });
  form.addEventListener("change", (event) => {
    if (wide.matches && !byKey && event.target.type !== "number") form.requestSubmit();
  });
  // The order stands beside the results, outside the form.
  form.elements.sort?.addEventListener("change", () => form.requestSubmit());
  // Empty fields stay out of the address.
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
    if (formData.get("sort") === "newest") formData.delete("sort");
  });
}

// Escape closes the filter drawer, as it closes every dialog.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#filters") location.hash = "results";
});
