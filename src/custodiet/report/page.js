"use strict";
(() => {
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const findings = [...document.querySelectorAll(".finding")];
  if (!filter) return;

  const shown = () => findings.filter((finding) => !finding.hidden);
  const apply = () => {
    const severities = new Set([...filter.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    const rule = filter.elements.rule.value;
    const words = filter.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const finding of findings) {
      const text = finding.dataset.text;
      finding.hidden = !(severities.has(finding.dataset.severity) && (!rule || finding.dataset.rule === rule)
        && words.every((word) => text.includes(word)));
    }
    count.textContent = `${shown().length} of ${findings.length} shown`;
  };
  const open = (state) => shown().forEach((finding) => { finding.querySelector("details").open = state; });
  const reveal = () => {
    const finding = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const details = finding && finding.querySelector("details");
    if (details) details.open = true;
  };

  filter.hidden = false;
  filter.addEventListener("input", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("reset", () => setTimeout(apply));
  document.getElementById("open").addEventListener("click", () => open(true));
  document.getElementById("close").addEventListener("click", () => open(false));
  addEventListener("hashchange", reveal);

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));
  reveal();
  apply();
})();
