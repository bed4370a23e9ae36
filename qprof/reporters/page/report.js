"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  const themes = ["system", "light", "dark"];
  const themeButton = document.getElementById("theme");
  const stored = () => { try { return localStorage.getItem("qprof-theme"); } catch { return null; } };
  let theme = themes.includes(stored()) ? stored() : "system";
  const applyTheme = () => {
    if (theme === "system") root.removeAttribute("data-theme"); else root.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
    all(".plots").forEach((each) => { if (each.dataset.drawn) draw(each); });
  };
  themeButton.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("qprof-theme", theme); } catch { /* A file may have no storage. */ }
    applyTheme();
  });
  themeButton.hidden = false;

  const overview = document.getElementById("overview");
  if (overview) {
    const body = overview.tBodies[0];
    const rows = [...body.rows];
    const value = (row, column, kind) => {
      const cell = row.cells[column];
      return kind === "text" ? cell.textContent.trim() : Number(cell.dataset.sort);
    };
    all("thead th", overview).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const kind = head.dataset.kind;
        const natural = kind === "text" || column === 0 ? "ascending" : "descending";
        const other = natural === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === natural ? other : natural;
        all("thead th", overview).forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const [x, y] = [value(a, column, kind), value(b, column, kind)];
          return sign * (kind === "text" ? x.localeCompare(y) : x - y);
        });
        body.append(...rows);
      });
    });

    const search = document.getElementById("search");
    const level = document.getElementById("level");
    const shown = document.getElementById("shown");
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        const of = row.dataset.level;
        const fits = level.value === "" || of === level.value ||
          (level.value === "attention" && (of === "error" || of === "warning"));
        const visible = fits && words.every((word) => texts.get(row).includes(word));
        row.hidden = !visible;
        document.getElementById(row.dataset.of).hidden = !visible;
        count += visible;
      }
      shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} shown`;
    };
    search.addEventListener("input", filter);
    level.addEventListener("change", filter);
    const setOpen = (open) => all("details.call").forEach((each) => { if (!each.hidden) each.open = open; });
    document.getElementById("open-all").addEventListener("click", () => setOpen(true));
    document.getElementById("close-all").addEventListener("click", () => setOpen(false));
    document.querySelector(".tools").hidden = rows.length < 2;
    filter();
  }

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", reveal);

  const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 0 });
  const colours = () => {
    const style = getComputedStyle(root);
    const get = (name) => style.getPropertyValue(name).trim();
    return { text: get("--dim"), line: get("--line"), series: [get("--bar-hot"), get("--good"), get("--note"), get("--warning"), get("--dim")] };
  };
  const draw = (holder) => {
    const growth = JSON.parse(holder.dataset.growth);
    const colour = colours();
    holder.hidden = false;
    holder.dataset.drawn = "yes";
    holder.replaceChildren();
    const figures = growth.map(({ metric }) => {
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      caption.textContent = `${metric} by size`;
      figure.append(caption);
      figure.setAttribute("role", "img");
      figure.setAttribute("aria-label", `${metric} by size; the table below has the figures`);
      return figure;
    });
    // All of them first: each is as wide as the others leave it.
    holder.append(...figures);
    growth.forEach(({ sizes, plans }, index) => {
      const names = [...new Set(plans.map((each) => each.plan))];
      const series = plans.map(({ name, plan, forecast }) => ({
        label: name, stroke: colour.series[names.indexOf(plan) % colour.series.length], width: 2,
        dash: forecast ? [6, 5] : undefined, points: { show: true, size: 6 }, spanGaps: true,
      }));
      const axis = { stroke: colour.text, grid: { stroke: colour.line, width: 1 }, ticks: { stroke: colour.line } };
      new uPlot({
        width: Math.max(240, figures[index].clientWidth), height: 200,
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, most ? most * 1.05 : 1] } },
        axes: [{ ...axis, splits: () => sizes }, { ...axis, size: 70, values: (_, ticks) => ticks.map(number) }],
        cursor: { show: false }, legend: { live: false }, series: [{}, ...series],
      }, [sizes, ...plans.map((each) => each.values)], figures[index]);
    });
  };
  const trips = (holder) => {
    const plans = JSON.parse(holder.dataset.plans);
    const [input, output, table] = ["input", "output", "tbody"].map((each) => holder.querySelector(each));
    const show = () => {
      const trip = Math.round(Math.pow(input.value / 100, 3) * 2000) / 10;
      const times = plans.map((each) => ({ ...each, ms: each.seconds * 1000 + each.queries * trip })).sort((a, b) => a.ms - b.ms);
      const most = times[times.length - 1].ms || 1;
      output.textContent = `${trip} ms for each query: ${times[0].name} is the fastest`;
      input.setAttribute("aria-valuetext", `${trip} ms`);
      table.replaceChildren(...times.map((each, index) => {
        const row = document.createElement("tr");
        if (index === 0) row.className = "recommended";
        const [head, bars, ms] = ["th", "td", "td"].map((tag) => document.createElement(tag));
        head.scope = "row";
        head.textContent = each.name;
        bars.className = "bars";
        const bar = document.createElement("span");
        bar.className = "bar";
        const inner = document.createElement("i");
        inner.style.width = `${100 * each.ms / most}%`;
        bar.append(inner);
        bars.append(bar);
        ms.className = "num";
        ms.textContent = `${number(each.ms)} ms`;
        row.append(head, bars, ms);
        return row;
      }));
    };
    input.addEventListener("input", show);
    holder.hidden = false;
    show();
  };

  const copies = (button) => {
    const label = button.textContent;
    const text = () => button.parentElement.querySelector("pre").textContent.replace(/\n$/, "");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy || text());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  };

  // Of a long report, the details of a call are text until it is opened.
  const show = (details) => {
    const text = details.querySelector(":scope > script");
    if (text) {
      const body = document.createElement("div");
      body.className = "body";
      body.innerHTML = text.textContent;
      text.replaceWith(body);
    }
    if (details.dataset.shown) return;
    details.dataset.shown = "yes";
    all(".plots", details).forEach(draw);
    all(".trips", details).forEach(trips);
    if (navigator.clipboard) all(".copy", details).forEach(copies);
  };
  all("details.call").forEach((each) => {
    if (each.open) show(each);
    each.addEventListener("toggle", () => { if (each.open) show(each); });
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details.call.error, details.call.warning").filter((each) => !each.open && !each.hidden);
    opened.forEach((each) => { each.open = true; show(each); });
  });
  addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));

  applyTheme();
  reveal();
})();
