// Narrows down what a patient can have meant while somebody types. The page is whole without this script.

const box = document.getElementById("find");
const filter = document.getElementById("filter");
const count = document.getElementById("filter-count");
const choices = [...document.querySelectorAll("#labels .choice")];
const groups = [...document.querySelectorAll("#labels details")];
const openBefore = new Set(groups.filter((group) => group.open));

function narrow() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const choice of choices) {
    const fits = words.every((word) => choice.dataset.words.includes(word));
    // What is chosen stays in sight, so that nothing is saved unseen.
    choice.hidden = !fits && !choice.querySelector("input").checked;
    if (fits) found += 1;
  }
  for (const group of groups) {
    const some = group.querySelector(".choice:not([hidden])") !== null;
    group.hidden = !some;
    group.open = words.length ? some : openBefore.has(group);
  }
  count.textContent = words.length ? (found ? `${found} found` : "Nothing found. Try another word.") : "";
}

box.hidden = false;
filter.addEventListener("input", narrow);
// Enter in the box would save the form.
filter.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});
