// Sets the theme and the density before the first paint, so that nothing flashes.
(function () {
  try {
    var said = JSON.parse(localStorage.getItem("dragoman.appearance") || "{}");
    var dark = said.theme === "dark" || (said.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.documentElement.dataset.density = said.density === "compact" ? "compact" : "comfortable";
  } catch {
    document.documentElement.dataset.theme = "light";
  }
})();
