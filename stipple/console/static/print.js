// The print button works only with a script, so it shows only then.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
